/** What filters of the log can be filled with: people, and actions. */
import Type from 'typebox';
import { sendJson } from './reply.ts';
import type { GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';
import { badParameter, everything, viewScopes, wholeParameter, withClient } from './view-query.ts';

const mostPeople = 100;
const defaultPeople = 20;
const maxSearchLength = 200;
/** For how long the log is looked at for its actions, milliseconds. */
const lookMs = 100;

export const suggestPeople: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/people',
  operationId: 'suggestPeople',
  tag: 'Entries',
  summary: 'Find people by their names',
  description: 'Only those whose entries the caller may see, whatever their status.',
  parameters: [
    {
      name: 'search',
      in: 'query',
      description: 'A part of the name or the e-mail address, whatever the case.',
      schema: Type.String({ maxLength: maxSearchLength }),
    },
    {
      name: 'limit',
      in: 'query',
      description: `How many at most; ${defaultPeople} unless given.`,
      schema: Type.Integer({ minimum: 1, maximum: mostPeople }),
    },
  ],
  answers: {
    200: {
      description: 'By name.',
      content: {
        'application/json': Type.Object({
          people: Type.Array(
            Type.Object({
              id: Id,
              name: Type.String(),
              status: Type.String({ description: 'active, disabled or deleted' }),
            }),
          ),
        }),
      },
    },
  },
  errors: ['INVALID_DATA', 'NO_PERMISSION'],
  scopes: viewScopes,
  needsAuditLog: true,
  async handle(call) {
    const { parts, query, viewer } = call;
    const text = query.get('search') ?? '';
    if (text.length > maxSearchLength) badParameter('search', `text of at most ${maxSearchLength} characters`);
    const limit = wholeParameter(query, 'limit', { otherwise: defaultPeople, max: mostPeople });
    const among = await parts.directory.visibleTo(viewer);
    const found = await parts.directory.peopleNamed(viewer.organisation.zgid, { text, limit, among });
    sendJson(call.reply, {
      people: found.map(({ id, name, status }) => ({ id, name, status: status === 'inactive' ? 'disabled' : status })),
    });
  },
};

export const suggestActions: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/actions',
  operationId: 'suggestActions',
  tag: 'Entries',
  summary: 'List the actions that the log holds',
  description: 'Those of entries that the caller may see, the most frequent first.',
  answers: {
    200: {
      description: 'The actions.',
      content: { 'application/json': Type.Object({ actions: Type.Array(Type.String()) }) },
    },
  },
  errors: ['NO_PERMISSION'],
  scopes: viewScopes,
  needsAuditLog: true,
  async handle(call) {
    const { ledger } = call.parts;
    const view = await everything(call);
    const span = await ledger.span(view);
    const whole = { buckets: 1, budgetMs: lookMs };
    const found =
      span && (await withClient(call, (signal) => ledger.histogram({ ...view, ...span }, { ...whole, signal })));
    const counted = [...(found?.buckets[0]?.actions ?? [])];
    sendJson(call.reply, { actions: counted.sort(([, one], [, other]) => other - one).map(([action]) => action) });
  },
};
