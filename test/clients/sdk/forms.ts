/** The forms in which an application may set the same criteria, and what each means as plain JSON. */
import type { CriteriaSpec, SdkName } from './protocol.ts';

export interface KnownEntries {
  /** Ids of two users who did something. */
  readonly users: readonly [string, string];
  readonly module: { readonly id: string; readonly apiName: string };
}

export interface CriteriaForm {
  readonly name: string;
  readonly criteria: CriteriaSpec;
  readonly json: object;
}

export function criteriaForms(sdk: SdkName, known: KnownEntries): readonly CriteriaForm[] {
  // Only this SDK can send its own User and Module objects; the others throw before sending.
  const own = sdk === 'typescript-sdk-8.0' ? objectForms(known) : [];
  return [...timeForms(), ...plainForms(known), ...groupForms(known), ...own];
}

function timeForms(): readonly CriteriaForm[] {
  const [start, end] = [daysAgo(40), daysAgo(30)];
  const between = { field: 'audited_time', comparator: 'between' };
  const json = (from: string, to: string) => condition('audited_time', 'between', [from, to]);
  return [
    {
      name: 'two Dates',
      criteria: { ...between, value: [new Date(`${start}T04:50:30Z`), new Date(`${end}T10:11:12Z`)] },
      json: json(`${start}T04:50:30Z`, `${end}T10:11:12Z`),
    },
    {
      // The SDKs make bare dates of these, and of the day in UTC, which is one earlier for a client at +05:30.
      name: 'two Dates at local midnight',
      criteria: { ...between, value: [new Date(`${start}T18:30:00Z`), new Date(`${end}T18:30:00Z`)] },
      json: json(start, end),
    },
    {
      name: 'two strings with an offset',
      criteria: { ...between, value: [`${start}T00:00:00+05:30`, `${end}T23:59:59+05:30`] },
      json: json(`${start}T00:00:00+05:30`, `${end}T23:59:59+05:30`),
    },
  ];
}

function plainForms({ users, module }: KnownEntries): readonly CriteriaForm[] {
  return [
    {
      name: 'an action',
      criteria: { field: 'action', comparator: 'equal', value: 'deleted' },
      json: condition('action', 'equal', 'deleted'),
    },
    {
      name: 'an array of actions',
      criteria: { field: 'action', comparator: 'in', value: ['deleted', 'added'] },
      json: condition('action', 'in', ['added', 'deleted']),
    },
    {
      name: 'a Map as a user',
      criteria: { field: 'done_by', comparator: 'equal', value: new Map([['id', users[0]]]) },
      json: condition('done_by', 'equal', { id: users[0] }),
    },
    {
      name: 'an array of plain objects as users',
      criteria: { field: 'done_by', comparator: 'in', value: users.map((id) => ({ id })) },
      json: condition('done_by', 'in', [{ id: users[0] }, { id: users[1] }]),
    },
    {
      name: 'an array of plain objects as modules',
      criteria: { field: 'module', comparator: 'in', value: [{ api_name: module.apiName }] },
      json: condition('module', 'equal', { id: module.id }),
    },
  ];
}

function groupForms({ users }: KnownEntries): readonly CriteriaForm[] {
  const [start, end] = [`${daysAgo(60)}T00:00:00Z`, `${daysAgo(20)}T00:00:00Z`];
  const time = { field: 'audited_time', comparator: 'between', value: [new Date(start), new Date(end)] };
  const action = { field: 'action', comparator: 'in', value: ['updated', 'deleted'] };
  const user = { field: 'done_by', comparator: 'in', value: [{ id: users[0] }, { id: users[1] }] };
  return [
    {
      name: 'a group in a group',
      criteria: { groupOperator: 'and', group: [action, { groupOperator: 'AND', group: [time, user] }] },
      json: {
        group_operator: 'and',
        group: [
          condition('action', 'in', ['updated', 'deleted']),
          {
            group_operator: 'and',
            group: [condition('audited_time', 'between', [start, end]), condition('done_by', 'in', user.value)],
          },
        ],
      },
    },
  ];
}

function objectForms({ users, module }: KnownEntries): readonly CriteriaForm[] {
  return [
    {
      name: "the SDK's own User objects",
      criteria: {
        field: 'done_by',
        comparator: 'in',
        value: users.map((id) => ({ sdkUser: { id, name: 'a name that is not looked at' } })),
      },
      json: condition('done_by', 'in', [{ id: users[0] }, { id: users[1] }]),
    },
    {
      name: "the SDK's own Module object",
      criteria: { field: 'module', comparator: 'equal', value: { sdkModule: module } },
      json: condition('module', 'equal', { id: module.id }),
    },
  ];
}

function condition(field: string, comparator: string, value: unknown): object {
  return { field: { api_name: field }, comparator, value };
}

/** A date, in UTC. Generated entries reach back 170 days. */
function daysAgo(days: number): string {
  return Temporal.Now.plainDateISO('UTC').subtract({ days }).toString();
}
