/** What commands do, told in the log. It has happened by then, so a log that cannot be written does not undo it. */
import { hashSecret, shortIdOf } from '../access/secrets.ts';
import type { OpenParts } from '../app.ts';
import type { Organisation } from '../directory/directory.ts';
import { acts, type TokenFacts } from '../trail/acts.ts';
import { type Act, commandLine } from '../trail/trail.ts';

export function tell(parts: Pick<OpenParts, 'trail'>, organisation: Organisation, act: Act | null): Promise<void> {
  return parts.trail.tellDone(organisation, commandLine, act);
}

export function tellToken(
  parts: Pick<OpenParts, 'trail'>,
  organisation: Organisation,
  made: Omit<TokenFacts, 'id'> & { readonly secret: string },
): Promise<void> {
  const { kind, user, scopes, secret } = made;
  return tell(parts, organisation, acts.tokenAdded({ kind, user, scopes, id: shortIdOf(hashSecret(secret)) }));
}
