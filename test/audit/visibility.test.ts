import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { EntryFilter } from '../../src/audit/criteria.ts';
import { coversQuery, type Hierarchy, seesEveryone, type Viewer, visibleUserIds } from '../../src/audit/visibility.ts';

/**
 * CEO > Sales > (North > Intern, South); Support stands beside Sales. The managers go another way: Ann leads Bob, who
 * leads Cid and Dee; Eve leads Fay.
 */
const roles: Hierarchy['roles'] = [
  { id: 'ceo', reportsTo: null, isCeo: true },
  { id: 'sales', reportsTo: 'ceo', isCeo: false },
  { id: 'north', reportsTo: 'sales', isCeo: false },
  { id: 'south', reportsTo: 'sales', isCeo: false },
  { id: 'intern', reportsTo: 'north', isCeo: false },
  { id: 'support', reportsTo: 'ceo', isCeo: false },
];
const users: Hierarchy['users'] = [
  { id: 'Ann', roleId: 'ceo', managerId: null },
  { id: 'Bob', roleId: 'sales', managerId: 'Ann' },
  { id: 'Cid', roleId: 'sales', managerId: 'Bob' },
  { id: 'Dee', roleId: 'north', managerId: 'Bob' },
  { id: 'Eve', roleId: 'intern', managerId: null },
  { id: 'Fay', roleId: 'support', managerId: 'Eve' },
  { id: 'Old', roleId: null, managerId: null },
];

function viewer(id: string, isAdministrator = false): Viewer {
  return { id, roleId: users.find((user) => user.id === id)?.roleId ?? null, isAdministrator };
}

function seenBy(who: Viewer, hierarchy: Hierarchy['hierarchy'], org: Partial<Hierarchy> = {}): string[] | null {
  return visibleUserIds(who, { hierarchy, users, roles, ...org })?.sort() ?? null;
}

suite('by roles, a user sees', () => {
  test('themself and everyone whose role is below theirs, to any depth', () => {
    assert.deepEqual(seenBy(viewer('Bob'), 'roles'), ['Bob', 'Dee', 'Eve']);
    assert.deepEqual(seenBy(viewer('Dee'), 'roles'), ['Dee', 'Eve']);
  });

  test('not those who share their role, nor those beside or above', () => {
    assert.deepEqual(seenBy(viewer('Cid'), 'roles'), ['Cid', 'Dee', 'Eve']);
    assert.deepEqual(seenBy(viewer('Eve'), 'roles'), ['Eve']);
  });

  test('only themself without a role', () => {
    assert.deepEqual(seenBy(viewer('Old'), 'roles'), ['Old']);
  });

  test('only themself when the role is gone, and themself also when the directory lacks them', () => {
    assert.deepEqual(seenBy({ ...viewer('Bob'), roleId: 'gone' }, 'roles'), ['Bob']);
    assert.deepEqual(seenBy({ ...viewer('Bob'), id: 'New' }, 'roles'), ['Dee', 'Eve', 'New']);
  });

  test('who is below in a circle of roles, without end, but nobody who shares their own', () => {
    const circle = [
      { id: 'sales', reportsTo: 'north', isCeo: false },
      { id: 'north', reportsTo: 'sales', isCeo: false },
      { id: 'support', reportsTo: 'support', isCeo: false },
    ];
    assert.deepEqual(seenBy(viewer('Bob'), 'roles', { roles: circle }), ['Bob', 'Dee']);
    assert.deepEqual(seenBy(viewer('Dee'), 'roles', { roles: circle }), ['Bob', 'Cid', 'Dee']);
    assert.deepEqual(seenBy(viewer('Fay'), 'roles', { roles: circle }), ['Fay']);
  });
});

suite('by managers, a user sees', () => {
  test('themself and everyone who reports to them, directly or not', () => {
    assert.deepEqual(seenBy(viewer('Bob'), 'reporting_to'), ['Bob', 'Cid', 'Dee']);
    assert.deepEqual(seenBy(viewer('Eve'), 'reporting_to'), ['Eve', 'Fay']);
    assert.deepEqual(seenBy(viewer('Fay'), 'reporting_to'), ['Fay']);
  });

  test('who reports to them in a circle, once', () => {
    const circle = [
      { id: 'Bob', roleId: null, managerId: 'Dee' },
      { id: 'Cid', roleId: null, managerId: 'Bob' },
      { id: 'Dee', roleId: null, managerId: 'Cid' },
      { id: 'Eve', roleId: null, managerId: 'Eve' },
    ];
    for (const id of ['Bob', 'Cid', 'Dee']) {
      assert.deepEqual(seenBy(viewer(id), 'reporting_to', { users: circle }), ['Bob', 'Cid', 'Dee']);
    }
    assert.deepEqual(seenBy(viewer('Eve'), 'reporting_to', { users: circle }), ['Eve']);
  });
});

suite('everyone is seen', () => {
  for (const hierarchy of ['roles', 'reporting_to'] as const) {
    test(`by administrators and by the CEO role, with the hierarchy of ${hierarchy}`, () => {
      assert.equal(seenBy(viewer('Eve', true), hierarchy), null);
      assert.equal(seenBy(viewer('Ann'), hierarchy), null);
    });
  }

  test('by nobody else', () => {
    assert.deepEqual(
      users.filter((user) => seesEveryone(viewer(user.id), roles)).map((user) => user.id),
      ['Ann'],
    );
  });
});

/** From a user upwards, one step at a time: the definition, slow. */
function isBelow(id: string, top: string, parents: ReadonlyMap<string, string | null>): boolean {
  const passed = new Set<string>();
  let parent = parents.get(id) ?? null;
  while (parent !== null && !passed.has(parent)) {
    if (parent === top) return true;
    passed.add(parent);
    parent = parents.get(parent) ?? null;
  }
  return false;
}

test('any tangle of roles and managers is read as its definition says', () => {
  const name = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7');
  const parents = fc.array(fc.option(name), { minLength: 8, maxLength: 8 });
  const tangle = fc.record({ managers: parents, roleOf: parents, above: parents, who: name });
  fc.assert(
    fc.property(tangle, ({ managers, roleOf, above, who }) => {
      const people = managers.map((managerId, id) => ({ id: String(id), managerId, roleId: roleOf[id] ?? null }));
      const tree = above.map((reportsTo, id) => ({ id: String(id), reportsTo, isCeo: false }));
      const roleId = people[Number(who)]?.roleId ?? null;
      const viewing = { id: who, roleId, isAdministrator: false };
      const managerOf = new Map(people.map((user) => [user.id, user.managerId]));
      const roleAbove = new Map(tree.map((role) => [role.id, role.reportsTo]));
      const belowInRoles = (id: string | null) =>
        id !== null && roleId !== null && id !== roleId && isBelow(id, roleId, roleAbove);
      const expected = {
        roles: people.filter((user) => user.id === who || belowInRoles(user.roleId)),
        reporting_to: people.filter((user) => user.id === who || isBelow(user.id, who, managerOf)),
      };
      for (const hierarchy of ['roles', 'reporting_to'] as const) {
        const seen = visibleUserIds(viewing, { hierarchy, users: people, roles: tree });
        assert.deepEqual(seen?.sort(), expected[hierarchy].map((user) => user.id).sort());
      }
    }),
    { numRuns: 300 },
  );
});

test('100,000 users are read in a moment, in one chain or under one manager', () => {
  const count = 100_000;
  const people = (managerOf: (id: number) => number) =>
    Array.from({ length: count }, (_, id) => ({
      id: String(id),
      roleId: String(id),
      managerId: id === 0 ? null : String(managerOf(id)),
    }));
  const started = performance.now();
  for (const list of [people((id) => id - 1), people(() => 0)]) {
    const tree = list.map((user) => ({ id: user.id, reportsTo: user.managerId, isCeo: false }));
    for (const hierarchy of ['roles', 'reporting_to'] as const) {
      const top = { id: '0', roleId: '0', isAdministrator: false };
      assert.equal(visibleUserIds(top, { hierarchy, users: list, roles: tree })?.length, count);
    }
  }
  assert.ok(performance.now() - started < 5000); // about 0.3 s; what is quadratic takes minutes
});

suite('a viewer may still see a result', () => {
  const query: EntryFilter & { visibleTo: readonly string[] | null } = {
    from: 1,
    to: 2,
    actions: null,
    modules: null,
    doneBy: null,
    visibleTo: null,
  };

  test('of any kind when they see everyone', () => {
    assert.ok(coversQuery(null, query));
    assert.ok(coversQuery(null, { ...query, visibleTo: ['1'] }));
  });

  test('only if it was bounded, when they do not', () => {
    assert.ok(!coversQuery(['1', '2'], query));
    assert.ok(!coversQuery([], query));
  });

  test('when they see all whose entries it could hold', () => {
    assert.ok(coversQuery(['1', '2'], { ...query, visibleTo: ['2', '1'] }));
    assert.ok(coversQuery(['1', '2'], { ...query, visibleTo: ['1'] }));
    assert.ok(!coversQuery(['1', '2'], { ...query, visibleTo: ['1', '3'] }));
  });

  test('when what they no longer see was filtered out', () => {
    assert.ok(coversQuery(['1'], { ...query, doneBy: ['1'] }));
    assert.ok(coversQuery(['1'], { ...query, doneBy: ['1', '3'], visibleTo: ['1', '2'] }));
    assert.ok(!coversQuery(['1'], { ...query, doneBy: ['1', '2'], visibleTo: ['1', '2'] }));
    assert.ok(!coversQuery(['1'], { ...query, doneBy: ['2'] }));
  });

  test('that can hold nothing', () => {
    assert.ok(coversQuery([], { ...query, from: 3 }));
    assert.ok(coversQuery([], { ...query, actions: [] }));
    assert.ok(coversQuery([], { ...query, modules: [] }));
    assert.ok(coversQuery([], { ...query, doneBy: [] }));
    assert.ok(coversQuery([], { ...query, visibleTo: [] }));
    assert.ok(coversQuery([], { ...query, doneBy: ['1'], visibleTo: ['2'] }));
  });
});
