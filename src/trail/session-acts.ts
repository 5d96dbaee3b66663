/** What people do to get in and out, in the words of the trail. */
import type { User } from '../directory/directory.ts';
import { clientRecord, userRecord } from './acts.ts';
import type { Act } from './trail.ts';

/** `address`: from which the request came. */
export const sessionActs = {
  signedIn: (user: User, address: string): Act => ofUser(user, 'signed in', address),
  /** At an account that there is; whoever tried may have been anybody. */
  signInFailed: (user: User, address: string): Act => ofUser(user, 'sign-in failed', address),
  signedOut: (user: User, address: string): Act => ofUser(user, 'signed out', address),
  passwordChanged: (user: User, address: string): Act => ofUser(user, 'password changed', address),

  /** An application was allowed to act for the user. */
  consented(client: { readonly id: string; readonly name: string }, scopes: readonly string[]): Act {
    return { action: 'consented', record: clientRecord(client), changes: [{ field: 'scopes', new: scopes }] };
  },
} as const;

function ofUser(user: User, action: string, address: string): Act {
  return { action, record: userRecord(user), changes: [{ field: 'address', new: address }] };
}
