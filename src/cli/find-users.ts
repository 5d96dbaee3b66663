import { Failure } from '../audit/failure.ts';
import type { Directory } from '../directory/directory.ts';

const perPage = 200;

/**
 * The ids of the users that are named by id, e-mail address or full name. A full name may be several people's: then all
 * of them. Throws INVALID_DATA for one that is nobody's.
 */
export async function usersNamed(directory: Directory, org: string, names: readonly string[]): Promise<string[]> {
  const found = new Map<string, Set<string>>(names.map((name) => [name, new Set()]));
  const isOpen = (name: string): boolean => found.get(name)?.size === 0;
  for (const name of names) {
    const user = /^[0-9]{1,19}$/.test(name) ? await directory.user(org, name) : await directory.userByEmail(name);
    if (user?.org === org) found.get(name)?.add(user.id);
  }
  if (names.some(isOpen)) {
    const byName = new Set(names.filter(isOpen));
    for (let page = 1, hasMore = true; hasMore; page += 1) {
      const list = await directory.users(org, { type: 'AllUsers', page, perPage, currentUserId: null });
      for (const user of list.users) if (byName.has(user.fullName)) found.get(user.fullName)?.add(user.id);
      hasMore = list.hasMore;
    }
  }
  const unknown = names.filter(isOpen);
  if (unknown.length > 0) throw new Failure('INVALID_DATA', `there is no user ${unknown.join(', ')}`);
  return [...new Set([...found.values()].flatMap((ids) => [...ids]))];
}
