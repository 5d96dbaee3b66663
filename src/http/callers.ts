import type { Identity } from '../access/access.ts';
import { hashSecret } from '../access/secrets.ts';
import { Kept } from '../database/kept.ts';
import type { Viewer } from '../directory/directory.ts';
import type { Parts } from '../parts.ts';

export interface Caller {
  readonly identity: Identity;
  readonly viewer: Viewer;
}

/** About a kilobyte each. */
const keptCallers = 2_000;

/**
 * Who a token belongs to, and what that user may do: as the database has it at the moment of each request. To ask it that
 * is some 60 times as expensive as to see that nothing in it has changed, so what it said is kept until then.
 */
export class Callers {
  readonly #parts: Pick<Parts, 'access' | 'directory' | 'clock'>;
  readonly #kept: Kept<Caller>;

  constructor(parts: Pick<Parts, 'access' | 'directory' | 'clock' | 'db'>) {
    this.#parts = parts;
    this.#kept = new Kept(parts.db.changes, keptCallers);
  }

  /** Null: the token is unknown, expired or revoked, or its user is not active. */
  async find(token: string): Promise<Caller | null> {
    const tokenHash = hashSecret(token);
    const caller = await this.#kept.get(tokenHash, () => this.#look(tokenHash));
    // Time passes without a change to the database.
    return caller !== null && caller.identity.expiresAt > this.#parts.clock() ? caller : null;
  }

  async #look(tokenHash: string): Promise<Caller | null> {
    const { access, directory } = this.#parts;
    const identity = await access.identifyByHash(tokenHash);
    const viewer = identity && (await directory.viewer(identity.org, identity.userId));
    return viewer && { identity, viewer };
  }
}
