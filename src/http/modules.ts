/** Modules, as clients look them up. */
import Type from 'typebox';
import { versionParameter } from './exports.ts';
import { sendJson, sendNothing } from './reply.ts';
import type { GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';

const ModuleBody = Type.Object({
  id: Id,
  api_name: Type.String(),
  module_name: Type.String(),
  singular_label: Type.String(),
  plural_label: Type.String(),
  generated_type: Type.Union([Type.Literal('default'), Type.Literal('custom')]),
});

export const listModules: GuardedRoute = {
  method: 'GET',
  path: '/crm/{version}/settings/modules',
  operationId: 'listModules',
  tag: 'Directory',
  summary: 'List modules',
  parameters: [versionParameter],
  answers: {
    200: {
      description: 'All modules, those that entries brought with them included.',
      content: { 'application/json': Type.Object({ modules: Type.Array(ModuleBody) }) },
    },
    204: { description: 'There is none.' },
  },
  errors: [],
  scopes: ['ZohoCRM.settings.modules.READ', 'ZohoCRM.settings.modules.ALL', 'ZohoCRM.settings.ALL'],
  needsAuditLog: false,
  async handle(call) {
    const modules = await call.parts.directory.modules(call.identity.org);
    if (modules.length === 0) return sendNothing(call.reply);
    sendJson(call.reply, {
      modules: modules.map((module) => ({
        id: module.id,
        api_name: module.apiName,
        module_name: module.apiName,
        singular_label: module.singularLabel,
        plural_label: module.pluralLabel,
        generated_type: module.generatedType,
      })),
    });
  },
};
