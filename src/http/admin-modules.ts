/** Modules: what entries are about, and what people call it. */
import Type from 'typebox';
import type { Module } from '../directory/directory.ts';
import { acts } from '../trail/acts.ts';
import { forAdministrators, idOf, idParameter, longestText, told } from './admin.ts';
import { failures } from './errors.ts';
import { ifThere, type JsonFields, readFields, refuseOthers, textField } from './json-fields.ts';
import { sendJson } from './reply.ts';
import type { GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';

const path = '/api/v1/admin/modules';

const labels = {
  singular_label: Type.String({ minLength: 1 }),
  plural_label: Type.String({ minLength: 1 }),
} as const;
const ModuleBody = Type.Object({
  id: Id,
  api_name: Type.String({ description: 'As entries name it.' }),
  ...labels,
  generated_type: Type.Union([Type.Literal('default'), Type.Literal('custom')]),
  is_imported: Type.Boolean({ description: 'True: an entry brought it.' }),
});
const OneModule = Type.Object({ module: ModuleBody });

export const listAllModules: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path,
  operationId: 'listAllModules',
  summary: 'List modules',
  answers: {
    200: {
      description: 'All modules, those that entries brought with them included.',
      content: { 'application/json': Type.Object({ modules: Type.Array(ModuleBody) }) },
    },
  },
  errors: [],
  async handle({ parts, identity, reply }) {
    sendJson(reply, { modules: (await parts.directory.modules(identity.org)).map(bodyOf) });
  },
};

export const addModule: GuardedRoute = {
  ...forAdministrators,
  method: 'POST',
  path,
  operationId: 'addModule',
  summary: 'Add a module',
  description: 'Not needed before recording: an entry adds the module that it names.',
  body: {
    description: 'The module.',
    required: true,
    content: { 'application/json': Type.Object({ api_name: Type.String({ minLength: 1 }), ...labels }) },
  },
  answers: { 201: { description: 'The module.', content: { 'application/json': OneModule } } },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND', 'DUPLICATE_DATA', 'LIMIT_EXCEEDED'],
  async handle(call) {
    const fields = await readFields(call);
    refuseOthers(fields, ['api_name', ...Object.keys(labels)]);
    const module = await call.parts.directory.addModule(call.identity.org, {
      apiName: text(fields, 'api_name'),
      singularLabel: text(fields, 'singular_label'),
      pluralLabel: text(fields, 'plural_label'),
    });
    await told(call, acts.moduleAdded(module));
    sendJson(call.reply, { module: bodyOf(module) }, 201);
  },
};

export const changeModule: GuardedRoute = {
  ...forAdministrators,
  method: 'PATCH',
  path: `${path}/{id}`,
  operationId: 'changeModule',
  summary: 'Change what a module is called',
  description: 'Its api_name stays: it stands in the entries.',
  parameters: [idParameter('The module.', Id)],
  body: {
    description: 'What is to be other.',
    required: true,
    content: { 'application/json': Type.Partial(Type.Object(labels)) },
  },
  answers: { 200: { description: 'As the module is now.', content: { 'application/json': OneModule } } },
  errors: ['INVALID_DATA', 'INVALID_URL_PATTERN'],
  async handle(call) {
    const { org } = call.identity;
    const before = (await call.parts.directory.modules(org)).find(({ id }) => id === idOf(call));
    if (before === undefined) throw failures.notFound();
    const fields = await readFields(call);
    refuseOthers(fields, Object.keys(labels));
    const singularLabel = ifThere(fields, 'singular_label', text);
    const pluralLabel = ifThere(fields, 'plural_label', text);
    const module = await call.parts.directory.updateModule(org, before.id, {
      ...(singularLabel !== undefined && { singularLabel }),
      ...(pluralLabel !== undefined && { pluralLabel }),
    });
    await told(call, acts.moduleUpdated(before, module));
    sendJson(call.reply, { module: bodyOf(module) });
  },
};

function text(fields: JsonFields, name: string): string {
  return textField(fields, name, longestText);
}

function bodyOf({ id, apiName, singularLabel, pluralLabel, generatedType, isImported }: Module): object {
  return {
    id,
    api_name: apiName,
    singular_label: singularLabel,
    plural_label: pluralLabel,
    generated_type: generatedType,
    is_imported: isImported,
  };
}
