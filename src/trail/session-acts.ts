/** What people do to get in and out, in the words of the trail. */
import type { User } from '../directory/directory.ts';
import type { Act } from './trail.ts';

type Person = Pick<User, 'id' | 'fullName' | 'email'>;

export const sessionActs = {
  /** `address`: from which the request came. */
  signedIn: (user: Person, address: string): Act => ofUser(user, 'signed in', address),
  /** Of an account that there is; whoever tried may have been anybody. */
  signInFailed: (user: Person, address: string): Act => ofUser(user, 'sign-in failed', address),
  signedOut: (user: Person, address: string): Act => ofUser(user, 'signed out', address),
  passwordChanged: (user: Person, address: string): Act => ofUser(user, 'password changed', address),

  /** An application was allowed to act for the user. */
  consented(client: { readonly id: string; readonly name: string }, scopes: readonly string[]): Act {
    const record = { id: client.id, name: `Client ${client.name}` };
    return { action: 'consented', record, changes: [{ field: 'scopes', new: scopes }] };
  },
} as const;

function ofUser({ id, fullName, email }: Person, action: string, address: string): Act {
  const name = email === null ? `User ${fullName}` : `User ${fullName} (${email})`;
  return { action, record: { id, name }, changes: [{ field: 'address', new: address }] };
}
