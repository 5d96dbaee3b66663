import type { Identity, Session } from '../access/access.ts';
import { allScopes, everyScope } from '../access/scopes.ts';
import { hashSecret } from '../access/secrets.ts';
import { seenEveryMs } from '../access/sessions.ts';
import { Kept } from '../database/kept.ts';
import type { Viewer } from '../directory/directory.ts';
import type { Parts } from '../parts.ts';

export interface Caller {
  readonly identity: Identity;
  readonly viewer: Viewer;
  /** Null: a token was shown, not the cookie of a session. */
  readonly session: Session | null;
}

/** About a kilobyte each. */
const keptCallers = 2_000;

type CallerParts = Pick<Parts, 'access' | 'directory' | 'clock' | 'log'>;

/**
 * Who a token or a session belongs to, and what that user may do: as the database has it at the moment of each request. To
 * ask it that is some 60 times as expensive as to see that nothing in it has changed, so what it said is kept until then.
 */
export class Callers {
  readonly #parts: CallerParts;
  readonly #kept: Kept<Caller>;
  /** Sessions whose use is being written down at this moment. */
  readonly #beingSeen = new Set<string>();

  constructor(parts: CallerParts & Pick<Parts, 'db'>) {
    this.#parts = parts;
    this.#kept = new Kept(parts.db.changes, keptCallers);
  }

  /** Null: the token is unknown, expired or revoked, or its user is not active. */
  async find(token: string): Promise<Caller | null> {
    const tokenHash = hashSecret(token);
    return this.#inTime(await this.#kept.get(tokenHash, () => this.#look(tokenHash)));
  }

  /** By what the cookie holds. Null: the session is unknown or over, or its user is not active. */
  async findSession(secret: string): Promise<Caller | null> {
    const hash = hashSecret(secret);
    const caller = this.#inTime(await this.#kept.get(`session ${hash}`, () => this.#lookSession(hash)));
    const seenAt = caller?.session?.seenAt;
    if (seenAt !== undefined && this.#parts.clock() - seenAt >= seenEveryMs) await this.#see(hash);
    return caller;
  }

  /** The same caller as of now, without that counting as a use of the session. Null: the token or session is over. */
  async still({ identity, session }: Caller): Promise<Caller | null> {
    const hash = identity.tokenHash;
    if (session === null) return this.#inTime(await this.#kept.get(hash, () => this.#look(hash)));
    return this.#inTime(await this.#kept.get(`session ${hash}`, () => this.#lookSession(hash)));
  }

  /** Time passes without a change to the database. */
  #inTime(caller: Caller | null): Caller | null {
    return caller !== null && caller.identity.expiresAt > this.#parts.clock() ? caller : null;
  }

  async #look(tokenHash: string): Promise<Caller | null> {
    const { access, directory } = this.#parts;
    const identity = await access.identifyByHash(tokenHash);
    const viewer = identity && (await directory.viewer(identity.org, identity.userId));
    return viewer && { identity, viewer, session: null };
  }

  async #lookSession(hash: string): Promise<Caller | null> {
    const { access, directory } = this.#parts;
    const session = await access.session(hash);
    const viewer = session && (await directory.viewer(session.org, session.userId));
    if (session === null || viewer === null) return null;
    const { org, userId, expiresAt } = session;
    const scopes = viewer.isAdministrator ? everyScope : allScopes;
    return { identity: { org, userId, scopes, clientId: null, tokenHash: hash, expiresAt }, viewer, session };
  }

  async #see(hash: string): Promise<void> {
    if (this.#beingSeen.has(hash)) return;
    this.#beingSeen.add(hash);
    try {
      await this.#parts.access.seeSession(hash);
    } catch (err) {
      // A disk that is full keeps nobody from reading: the session ends a little earlier, and the next request tries again.
      this.#parts.log.debug({ err }, 'the use of a session was not written down');
    } finally {
      this.#beingSeen.delete(hash);
    }
  }
}
