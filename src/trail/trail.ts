/**
 * What is done to Annals itself, told in the log of the organisation that it was done to: as entries of the module
 * `Annals`. They are entries like all others: shown, exported, and visible to whoever may see the entries of the user who
 * acted. What no client can imitate is the name of the client that is kept beside the line, `trailClient`.
 */
import type { Logger } from 'pino';
import { parseEntry } from '../audit/entry.ts';
import { zoneNamed } from '../audit/zones.ts';
import type { Organisation, Viewer } from '../directory/directory.ts';
import { Lru } from '../directory/lru.ts';
import { ownModule } from '../directory/modules.ts';
import type { Recorder } from '../intake/recorder.ts';

/** Kept with each entry of the trail. Clients have ids of another form, so none can pass for it. */
export const trailClient = 'annals';

/** Who acted. Without an id: someone who is no user, known by the name alone. */
export interface Actor {
  readonly userId: string | null;
  readonly name: string;
}

/** Whoever may run commands on the data folder acts with the rights of the machine, not with those of any user. */
export const commandLine: Actor = { userId: null, name: 'Annals command line' };

export function actorOf({ user }: Pick<Viewer, 'user'>): Actor {
  return { userId: user.id, name: user.fullName };
}

/** `old` and `new` are JSON values. No secret is ever one of them. */
export interface Change {
  readonly field: string;
  readonly old?: unknown;
  readonly new?: unknown;
}

export interface Act {
  /** One or two words, as entries have it: `added`, `signed in`. At most 64 characters. */
  readonly action: string;
  /** What it was done to. The name is for people, the id for finding all that was done to it. */
  readonly record: { readonly id: string | null; readonly name: string };
  readonly changes?: readonly Change[];
}

export interface TrailParts {
  readonly recorder: Pick<Recorder, 'record'>;
  readonly log: Pick<Logger, 'error'>;
}

/** One of the steps in which something is done, such as a request for a part of a file. */
export interface Step {
  /** The same for all steps of what is told once. */
  readonly of: string;
  readonly isFirst: boolean;
}

/** A key of some 60 characters each. What is forgotten is told once more, which does no harm. */
const rememberedSteps = 10_000;

type TrailOrganisation = Pick<Organisation, 'zgid' | 'timeZone'>;

export class Trail {
  readonly #parts: TrailParts;
  readonly #begun = new Lru<true>(rememberedSteps);

  constructor(parts: TrailParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the entry is durable. Throws SERVICE_UNAVAILABLE when the log cannot be written: so what is about to
   * happen can be told before it does, and left undone if it cannot be told. Null is an act that changed nothing: no entry.
   */
  async tell(org: TrailOrganisation, actor: Actor, act: Act | null): Promise<void> {
    if (act === null) return;
    const zone = zoneNamed(org.timeZone);
    const parsed = parseEntry(sentForm(actor, act), zone);
    if (!parsed.ok) throw new Error(`an act that is no entry: ${parsed.problem.jsonPath} ${parsed.problem.message}`);
    const [outcome] = await this.#parts.recorder.record({ zgid: org.zgid, zone }, [parsed.entry], {
      client: trailClient,
      atomic: true,
    });
    if (outcome !== 'new') throw new Error('an act was not recorded', { cause: outcome });
  }

  /** As `tell`, for the first step, and for a later one only if no step before it is known to have been told of. */
  async tellStep(org: TrailOrganisation, actor: Actor, act: Act, step: Step): Promise<void> {
    const key = `${org.zgid}/${actor.userId}/${step.of}`;
    if (!step.isFirst && this.#begun.get(key)) return;
    await this.tell(org, actor, act);
    this.#begun.set(key, true);
  }

  /**
   * For what has happened already and cannot be taken back. Never throws: where the entry cannot be written, the server's
   * own log says what it would have said, as an error.
   */
  async tellDone(org: TrailOrganisation, actor: Actor, act: Act | null): Promise<void> {
    try {
      await this.tell(org, actor, act);
    } catch (err) {
      this.#parts.log.error({ err, org: org.zgid, userId: actor.userId, act }, 'an act was not recorded');
    }
  }
}

function sentForm(actor: Actor, { action, record, changes }: Act): unknown {
  return {
    action,
    done_by: { id: actor.userId, name: actor.name },
    module: { api_name: ownModule },
    record,
    source: 'annals',
    changes: changes ?? null,
  };
}
