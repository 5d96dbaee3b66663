/** Which entries an export is of: one description, for Annals and for every peer. */

export interface Selection {
  /** Epoch seconds, both included. */
  readonly from: number;
  readonly to: number;
  /** The module's api_name. */
  readonly module?: string;
  readonly action?: string;
  /** The user's id. */
  readonly user?: string;
}

/** As an export request has it. */
export function criteriaOf({ from, to, module, action, user }: Selection): object {
  const value = [from, to].map((second) => new Date(second * 1000).toISOString());
  const conditions = [
    { field: { api_name: 'audited_time' }, comparator: 'between', value },
    ...(module === undefined ? [] : [equal('module', { api_name: module })]),
    ...(action === undefined ? [] : [equal('action', action)]),
    ...(user === undefined ? [] : [equal('done_by', { id: user })]),
  ];
  // A group holds two at most, and groups nest.
  return conditions.reduce<object | null>(
    (group, condition) => (group === null ? condition : { group_operator: 'and', group: [group, condition] }),
    null,
  ) as object; // there is at least the condition on time
}

function equal(field: string, value: unknown): object {
  return { field: { api_name: field }, comparator: 'equal', value };
}

/** As an SQL condition on the table of the peers (peers/rows.ts). The values are the bench's own, and hold no quote. */
export function whereOf({ from, to, module, action, user }: Selection): string {
  return [
    `time BETWEEN ${from} AND ${to}`,
    ...(module === undefined ? [] : [`"Module" = '${module}'`]),
    ...(action === undefined ? [] : [`"Action" = '${action}'`]),
    ...(user === undefined ? [] : [`"Done By Id" = ${user}`]),
  ].join(' AND ');
}
