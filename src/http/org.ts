/** The organisation, as clients look it up. */
import Type from 'typebox';
import { versionParameter } from './exports.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';

const OrganisationBody = Type.Object({
  id: Id,
  zgid: Id,
  company_name: Type.String(),
  time_zone: Type.String(),
  hierarchy_preferences: Type.Object({ type: Type.String() }),
});

export const readOrganisation: GuardedRoute = {
  method: 'GET',
  path: '/crm/{version}/org',
  operationId: 'readOrganisation',
  tag: 'Directory',
  summary: "Look at the token's organisation",
  parameters: [versionParameter],
  answers: {
    200: {
      description: 'The organisation. `zgid` is the number that stands in download links.',
      content: { 'application/json': Type.Object({ org: Type.Array(OrganisationBody) }) },
    },
  },
  errors: [],
  scopes: ['ZohoCRM.org.READ', 'ZohoCRM.org.ALL'],
  needsAuditLog: false,
  async handle(call) {
    const organisation = organisationOf(call);
    sendJson(call.reply, {
      org: [
        {
          id: organisation.id,
          zgid: organisation.zgid,
          company_name: organisation.companyName,
          time_zone: organisation.timeZone,
          hierarchy_preferences: {
            type: organisation.hierarchy === 'roles' ? 'ROLE_HIERARCHY' : 'REPORTING_HIERARCHY',
          },
        },
      ],
    });
  },
};
