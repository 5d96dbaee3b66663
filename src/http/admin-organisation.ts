/** The settings of the caller's organisation. */
import Type from 'typebox';
import type { Organisation } from '../directory/directory.ts';
import { maxResultDays } from '../directory/fields.ts';
import { acts } from '../trail/acts.ts';
import { forAdministrators, longestText, told } from './admin.ts';
import {
  ifThere,
  type JsonFields,
  numberField,
  oneOf,
  orNull,
  readFields,
  refuseOthers,
  textField,
} from './json-fields.ts';
import { sendJson } from './reply.ts';
import type { GuardedRoute } from './route.ts';
import { Id, nullable } from './schemas.ts';

const path = '/api/v1/admin/organisation';
const hierarchies = ['roles', 'reporting_to'] as const;

const settings = {
  company_name: Type.String({ minLength: 1 }),
  time_zone: Type.String({
    description: 'Later entries show its offset; those that are there keep the times that they show.',
    examples: ['Europe/Berlin'],
  }),
  hierarchy: Type.Union(
    hierarchies.map((kind) => Type.Literal(kind)),
    { description: 'By what people see the entries of those below them.' },
  ),
  result_days: nullable(
    Type.Integer({
      minimum: 1,
      maximum: maxResultDays,
      description: "Days until a finished result is removed; null: the server's setting.",
    }),
  ),
} as const;
const OneOrganisation = Type.Object({ organisation: Type.Object({ id: Id, zgid: Id, ...settings }) });

export const readSettings: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path,
  operationId: 'readSettings',
  summary: "Look at the organisation's settings",
  answers: { 200: { description: 'The organisation.', content: { 'application/json': OneOrganisation } } },
  errors: [],
  async handle({ viewer, reply }) {
    sendJson(reply, { organisation: bodyOf(viewer.organisation) });
  },
};

export const changeSettings: GuardedRoute = {
  ...forAdministrators,
  method: 'PATCH',
  path,
  operationId: 'changeSettings',
  summary: "Change the organisation's settings",
  description: 'Only what is there is changed.',
  body: {
    description: 'What is to be other.',
    required: true,
    content: { 'application/json': Type.Partial(Type.Object(settings)) },
  },
  answers: { 200: { description: 'As it is now.', content: { 'application/json': OneOrganisation } } },
  errors: ['INVALID_DATA'],
  async handle(call) {
    const fields = await readFields(call);
    refuseOthers(fields, Object.keys(settings));
    const companyName = ifThere(fields, 'company_name', text);
    const timeZone = ifThere(fields, 'time_zone', text);
    const hierarchy = ifThere(fields, 'hierarchy', (all, name) => oneOf(all, name, hierarchies));
    const before = call.viewer.organisation;
    const organisation = await call.parts.directory.updateOrganisation(before.zgid, {
      ...(companyName !== undefined && { companyName }),
      ...(timeZone !== undefined && { timeZone }),
      ...(hierarchy !== undefined && { hierarchy }),
      ...(Object.hasOwn(fields, 'result_days') && { resultDays: orNull(fields, 'result_days', days) }),
    });
    await told(call, acts.organisationUpdated(before, organisation));
    sendJson(call.reply, { organisation: bodyOf(organisation) });
  },
};

function text(fields: JsonFields, name: string): string {
  return textField(fields, name, longestText);
}

function days(fields: JsonFields, name: string): number {
  return numberField(fields, name, { min: 1, max: maxResultDays });
}

function bodyOf({ id, zgid, companyName, timeZone, hierarchy, resultDays }: Organisation): object {
  return { id, zgid, company_name: companyName, time_zone: timeZone, hierarchy, result_days: resultDays };
}
