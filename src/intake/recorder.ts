import type { EntryInput, EntryProblem } from '../audit/entry.ts';
import type { OrgZone } from '../audit/time.ts';
import type { IdAllocator } from '../database/ids.ts';
import type { ModuleRef } from '../directory/named-modules.ts';
import type { ResolvedUser, UserRef } from '../directory/people.ts';
import type { AppendOutcome, Ledger, LedgerRow } from '../ledger/ledger.ts';
import { type IntakeDesk, noRoomForModule } from './desk.ts';
import { whatWasBefore } from './retries.ts';
import { rowOf } from './row.ts';

/** What recording needs of the directory: everyone and every module that an entry names is in it afterwards. */
export interface People {
  resolveUsers(org: string, refs: readonly UserRef[]): Promise<readonly ResolvedUser[]>;
  resolveModules(org: string, refs: readonly ModuleRef[]): Promise<unknown>;
  /** As `resolveModules`, but where there is not room for all, answers the names of those that were left out. */
  resolveModulesInRoom(org: string, refs: readonly ModuleRef[]): Promise<ReadonlySet<string>>;
  /** What `resolveUsers` would answer, if it is sure, at no cost, that resolving these adds nothing; else null. */
  usersAtHand(org: string, users: readonly UserRef[], modules: readonly ModuleRef[]): readonly ResolvedUser[] | null;
  /** What `resolveUsers` would answer, without adding anyone. */
  foreseeUsers(org: string, refs: readonly UserRef[]): Promise<readonly ResolvedUser[]>;
}

/** What became of an entry. A problem is of this entry alone: it was not stored, and its neighbours were not held up. */
export type RecordOutcome = AppendOutcome | EntryProblem;

export interface RecorderParts {
  readonly directory: People;
  readonly ids: Pick<IdAllocator, 'take' | 'takeAtHand'>;
  readonly ledger: Pick<Ledger, 'append' | 'appendColumns' | 'page'>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

export interface RecordingOrg {
  readonly zgid: string;
  readonly zone: OrgZone;
}

export interface RecordOptions {
  /** Which client sent the entries: kept with each of them. */
  readonly client: string;
  /** True: one conflict, and nothing of this call is stored. */
  readonly atomic?: boolean;
}

/** A line that was encoded before, by this installation or another, and is to be kept as it is. */
export interface ReadyLine {
  readonly row: LedgerRow;
  readonly doneByName: string;
}

/**
 * The one way into the log. Names users and modules, gives what an entry lacks (its id, its time), encodes its line and
 * appends it. Resolves when the entries are durable.
 *
 * Calls for one organisation are prepared one after the other and appended in the order in which they were made, so that
 * the ids given here and the order of arrival agree. Their commits overlap. A call for which nothing has to be looked up,
 * and before which none waits, is prepared and handed to the ledger within the call itself.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #turns = new Map<string, Promise<void>>();

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Throws what is wrong with the whole call; an atomic one that names more new modules than there is room for, too. */
  async record(
    org: RecordingOrg,
    inputs: readonly EntryInput[],
    options: RecordOptions,
  ): Promise<readonly RecordOutcome[]> {
    const rows = this.#rowsAtHand(org, inputs);
    if (rows !== null) {
      const isNameOurs = (place: number) => !at(inputs, place).doneBy.name;
      return this.#settled(org, rows, await this.#append(org, rows, options), options, isNameOurs);
    }
    return this.#recorded(org, inputs, options, {
      moduleOf: (input) => input.module,
      rowsOf: (some) => this.#rowsOf(org, some),
      isNameOurs: (input) => !input.doneBy.name,
      refusal: options.atomic ? (all) => this.#refusal(org, all) : null,
    });
  }

  /** As `record`, for lines that are encoded already. */
  recordLines(
    org: RecordingOrg,
    lines: readonly ReadyLine[],
    options: RecordOptions,
  ): Promise<readonly RecordOutcome[]> {
    return this.#recorded(org, lines, options, {
      moduleOf: ({ row }) => ({ apiName: row.module, id: null }),
      rowsOf: async (some) => {
        const users = some.map((line) => ({ id: line.row.doneBy, name: line.doneByName || null }));
        await this.#parts.directory.resolveUsers(org.zgid, users);
        return some.map((line) => line.row);
      },
      isNameOurs: null,
      refusal: null,
    });
  }

  /** For a stream of lines, which are encoded elsewhere: by the thousand, and perhaps in another thread. */
  deskOf(zgid: string, client: string): IntakeDesk {
    const { directory, ids, ledger, clock } = this.#parts;
    return {
      resolveModules: async (refs) => [...(await directory.resolveModulesInRoom(zgid, refs))],
      resolve: async (users, count) => ({
        users: await directory.resolveUsers(zgid, users),
        firstId: count === 0 ? 0n : await ids.take(count),
        now: Math.floor(clock() / 1000),
      }),
      append: (columns) => ledger.appendColumns(zgid, columns, { client, arrivedAt: clock() }),
    };
  }

  async #recorded<Item>(
    org: RecordingOrg,
    items: readonly Item[],
    options: RecordOptions,
    kind: Kind<Item>,
  ): Promise<readonly RecordOutcome[]> {
    if (items.length === 0) return [];
    const call = await this.#inTurn(org, async () => {
      const refusal = (await kind.refusal?.(items)) ?? null;
      if (refusal !== null) return { refusal };
      const hasRoom = await this.#modulesOf(org, items.map(kind.moduleOf), options);
      const fitting = items.filter((_, index) => hasRoom[index]);
      const rows = await kind.rowsOf(fitting);
      return { refusal: null, hasRoom, fitting, rows, appended: this.#append(org, rows, options) };
    });
    if (call.refusal !== null) return call.refusal;
    const { hasRoom, fitting, rows, appended } = call;
    const first = await appended;
    const { isNameOurs } = kind;
    const settled =
      isNameOurs === null
        ? first
        : await this.#settled(org, rows, first, options, (place) => isNameOurs(at(fitting, place)));
    let next = 0;
    return hasRoom.map((isRecorded) => (isRecorded ? at(settled, next++) : noRoomForModule));
  }

  /**
   * A refused array must leave nothing behind, in the directory neither. So one that may bring someone new is held against
   * the ledger before anyone is added.
   */
  async #refusal(org: RecordingOrg, inputs: readonly EntryInput[]): Promise<readonly AppendOutcome[] | null> {
    const { directory, ledger } = this.#parts;
    const people = inputs.map((input) => input.doneBy);
    const modules = inputs.map((input) => input.module);
    // Only entries with an id of their own can conflict.
    const own = inputs.flatMap(({ id, time }, place) => (id === null || time === null ? [] : [{ id, time, place }]));
    if (own.length === 0 || directory.usersAtHand(org.zgid, people, modules)) return null;
    const users = await directory.foreseeUsers(org.zgid, people);
    const rows = own.map(({ id, time, place }) =>
      rowOf(org.zone, at(inputs, place), { id, time, user: at(users, place) }),
    );
    const candidates = own.map(({ place }, row) => ({ place: row, isNameOurs: !at(inputs, place).doneBy.name }));
    const before = await whatWasBefore(ledger, org.zgid, rows, candidates);
    if (![...before.values()].some((found) => !found.isSame)) return null;
    const outcomes: AppendOutcome[] = inputs.map(() => 'new');
    for (const [row, found] of before) outcomes[at(own, row).place] = found.isSame ? 'duplicate' : 'conflict';
    return outcomes;
  }

  /** The outcomes, after those conflicts that are none: entries which were sent again, see `retries.ts`. */
  async #settled(
    org: RecordingOrg,
    rows: readonly LedgerRow[],
    outcomes: readonly AppendOutcome[],
    options: RecordOptions,
    isNameOurs: (place: number) => boolean,
  ): Promise<readonly AppendOutcome[]> {
    if (!outcomes.includes('conflict')) return outcomes;
    const conflicts = outcomes.flatMap((outcome, place) =>
      outcome === 'conflict' ? [{ place, isNameOurs: isNameOurs(place) }] : [],
    );
    const before = await whatWasBefore(this.#parts.ledger, org.zgid, rows, conflicts);
    const lines = new Map<number, string>();
    for (const [place, found] of before) if (found.isSame) lines.set(place, found.line);
    if (options.atomic && lines.size === conflicts.length) {
      // Nothing of it was stored. With the lines that are there it has no conflict any more.
      const again = rows.map((row, place) => ({ ...row, line: lines.get(place) ?? row.line }));
      return this.#append(org, again, options);
    }
    return outcomes.map((outcome, place) => (lines.has(place) ? 'duplicate' : outcome));
  }

  /** Adds the modules; says for each whether the directory has it now. */
  async #modulesOf(org: RecordingOrg, modules: readonly ModuleRef[], options: RecordOptions): Promise<boolean[]> {
    const { directory } = this.#parts;
    if (options.atomic) {
      await directory.resolveModules(org.zgid, modules);
      return modules.map(() => true);
    }
    const leftOut = await directory.resolveModulesInRoom(org.zgid, modules);
    return modules.map(({ apiName }) => !leftOut.has(apiName));
  }

  async #inTurn<Result>(org: RecordingOrg, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(org.zgid);
    const turn = Promise.withResolvers<void>();
    this.#turns.set(org.zgid, turn.promise);
    try {
      await before;
      return await work();
    } finally {
      turn.resolve();
      if (this.#turns.get(org.zgid) === turn.promise) this.#turns.delete(org.zgid);
    }
  }

  #append(org: RecordingOrg, rows: readonly LedgerRow[], options: RecordOptions): Promise<readonly AppendOutcome[]> {
    return this.#parts.ledger.append(org.zgid, rows, {
      client: options.client,
      arrivedAt: this.#parts.clock(),
      atomic: options.atomic ?? false,
    });
  }

  async #rowsOf(org: RecordingOrg, inputs: readonly EntryInput[]): Promise<LedgerRow[]> {
    const { directory, ids } = this.#parts;
    const users = await directory.resolveUsers(
      org.zgid,
      inputs.map((input) => input.doneBy),
    );
    const missing = withoutId(inputs);
    return this.#encoded(org, inputs, users, missing === 0 ? 0n : await ids.take(missing));
  }

  /** The rows, when nothing has to be waited for: no earlier call, no look into the database. Else null. */
  #rowsAtHand(org: RecordingOrg, inputs: readonly EntryInput[]): LedgerRow[] | null {
    const { directory, ids } = this.#parts;
    if (inputs.length === 0 || this.#turns.has(org.zgid)) return null;
    const users = directory.usersAtHand(
      org.zgid,
      inputs.map((input) => input.doneBy),
      inputs.map((input) => input.module),
    );
    if (users === null) return null;
    const missing = withoutId(inputs);
    const firstId = missing === 0 ? 0n : ids.takeAtHand(missing);
    return firstId === null ? null : this.#encoded(org, inputs, users, firstId);
  }

  #encoded(
    org: RecordingOrg,
    inputs: readonly EntryInput[],
    users: readonly ResolvedUser[],
    firstId: bigint,
  ): LedgerRow[] {
    let nextId = firstId;
    const now = Math.floor(this.#parts.clock() / 1000);
    return inputs.map((input, index) =>
      rowOf(org.zone, input, { id: input.id ?? nextId++, time: input.time ?? now, user: at(users, index) }),
    );
  }
}

function withoutId(inputs: readonly EntryInput[]): number {
  let missing = 0;
  for (const input of inputs) if (input.id === null) missing += 1;
  return missing;
}

/** One of a list that has one for each entry. */
function at<Item>(items: readonly Item[], place: number): Item {
  const item = items[place];
  if (item === undefined) throw new RangeError(`nothing at ${place}`);
  return item;
}

/** What is different between entries and lines that are ready. */
interface Kind<Item> {
  readonly moduleOf: (item: Item) => ModuleRef;
  /** Their rows; everyone whom they name is in the directory then. */
  readonly rowsOf: (items: readonly Item[]) => Promise<LedgerRow[]>;
  /** Was the user's name put in here? Null: the line is the sender's, every letter of it. */
  readonly isNameOurs: ((item: Item) => boolean) | null;
  /** What a call comes to that is refused as a whole; null: nothing is known against it. */
  readonly refusal: ((items: readonly Item[]) => Promise<readonly AppendOutcome[] | null>) | null;
}
