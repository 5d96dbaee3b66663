import type { EntryInput } from '../audit/entry.ts';
import type { OrgZone } from '../audit/time.ts';
import type { ModuleRef } from '../directory/named-modules.ts';
import type { UserRef } from '../directory/people.ts';
import { appendOutcomes, ColumnsBuilder, type ColumnsSize } from '../ledger/columns.ts';
import type { AppendedColumns } from '../ledger/ledger.ts';
import { type IntakeDesk, noRoomForModule } from './desk.ts';
import type { RecordOutcome } from './recorder.ts';
import { isSameLine } from './retries.ts';
import { rowOf } from './row.ts';

/** What one call to the ledger takes. Small, for the ledger puts as many into one commit as others may have to wait for. */
const fullRows = 500;
const fullBytes = 1024 * 1024;
/** Users and modules that a stream remembers to be in the directory. */
const maxKnown = 20_000;

/**
 * Whom the directory has, as far as one stream knows. Nobody is ever taken out of it, and a name that came with an entry
 * is the entry's own, so what is known here stays true. What the directory calls someone is asked for each time.
 */
export class KnownNames {
  /** The name that an id came with last. */
  readonly #users = new Map<bigint, string>();
  readonly #modules = new Set<string>();

  hasUser({ id, name }: UserRef): boolean {
    return id !== null && name !== null && this.#users.get(id) === name;
  }

  addUser({ id, name }: UserRef): void {
    if (id === null || name === null) return;
    if (this.#users.size >= maxKnown) this.#users.clear();
    this.#users.set(id, name);
  }

  hasModule(apiName: string): boolean {
    return this.#modules.has(apiName);
  }

  addModule(apiName: string): void {
    if (this.#modules.size >= maxKnown) this.#modules.clear();
    this.#modules.add(apiName);
  }
}

/** Entries on their way to be one call to the ledger. Those that lack nothing are encoded as they come. */
export class Gathering {
  /** The line that each row stood in. */
  readonly lines: number[] = [];
  readonly #zone: OrgZone;
  readonly #known: KnownNames;
  readonly #builder: ColumnsBuilder;
  readonly #modules: string[] = [];
  /** Rows that wait for what the directory or the clock says. */
  readonly #open = new Map<number, EntryInput>();
  /** By row: users and modules that may be new to the directory. */
  readonly #newUsers = new Map<number, UserRef>();
  readonly #newModules = new Map<string, ModuleRef>();
  /** Rows whose user came without a name. */
  readonly #namedByUs = new Set<number>();

  constructor(zone: OrgZone, known: KnownNames, expected: ColumnsSize) {
    this.#zone = zone;
    this.#known = known;
    this.#builder = new ColumnsBuilder(expected);
  }

  get size(): ColumnsSize {
    return this.#builder.size;
  }

  get isFull(): boolean {
    const { rows, bytes } = this.#builder.size;
    return rows >= fullRows || bytes >= fullBytes;
  }

  add(entry: EntryInput, line: number): void {
    const { id, time, doneBy, module } = entry;
    const place = this.#builder.reserve();
    this.lines.push(line);
    this.#modules.push(module.apiName);
    if (!this.#known.hasModule(module.apiName)) this.#newModules.set(module.apiName, module);
    if (!this.#known.hasUser(doneBy)) this.#newUsers.set(place, doneBy);
    if (doneBy.name === null) this.#namedByUs.add(place);
    if (id === null || time === null || doneBy.id === null || doneBy.name === null) this.#open.set(place, entry);
    else this.#set(place, entry, { id, time, user: { id: doneBy.id, name: doneBy.name } });
  }

  /**
   * Brings the users and modules into the directory, completes the rows and hands them to the ledger. `onSent` is called
   * as soon as the next call may follow; the outcomes come when the rows are durable.
   */
  async record(desk: IntakeDesk, onSent: () => void): Promise<RecordOutcome[]> {
    const leftOut = await this.#resolveModules(desk);
    await this.#resolveUsers(desk, leftOut);
    const appended = desk.append(this.#builder.build(leftOut));
    onSent();
    return this.#outcomes(await appended, leftOut);
  }

  #set(place: number, entry: EntryInput, given: Parameters<typeof rowOf>[2]): void {
    const { time, id, doneBy, action, module, line } = rowOf(this.#zone, entry, given);
    this.#builder.set(place, time, id, doneBy, action, module, line);
  }

  /** The rows whose module there is no room for. */
  async #resolveModules(desk: IntakeDesk): Promise<ReadonlySet<number>> {
    if (this.#newModules.size === 0) return new Set();
    const names = new Set(await desk.resolveModules([...this.#newModules.values()]));
    for (const apiName of this.#newModules.keys()) if (!names.has(apiName)) this.#known.addModule(apiName);
    return new Set(this.#modules.flatMap((apiName, place) => (names.has(apiName) ? [place] : [])));
  }

  async #resolveUsers(desk: IntakeDesk, leftOut: ReadonlySet<number>): Promise<void> {
    const refs = new Map<string, UserRef>();
    for (const [place, ref] of this.#newUsers) if (!leftOut.has(place)) refs.set(keyOf(ref), ref);
    const open = [...this.#open].filter(([place]) => !leftOut.has(place));
    const ids = open.reduce((sum, [, { id }]) => (id === null ? sum + 1 : sum), 0);
    if (refs.size === 0 && open.length === 0) return;
    const { users, firstId, now } = await desk.resolve([...refs.values()], ids);
    for (const ref of refs.values()) this.#known.addUser(ref);
    const resolved = new Map([...refs.keys()].map((key, index) => [key, users[index]]));
    let nextId = firstId;
    for (const [place, entry] of open) {
      const { id, name } = entry.doneBy;
      const user = id !== null && name !== null ? { id, name } : resolved.get(keyOf(entry.doneBy));
      if (user === undefined) throw new Error('the directory did not say who did it');
      this.#set(place, entry, { id: entry.id ?? nextId++, time: entry.time ?? now, user });
    }
  }

  #outcomes({ outcomes, conflicts }: AppendedColumns, leftOut: ReadonlySet<number>): RecordOutcome[] {
    const places = this.lines.flatMap((_, place) => (leftOut.has(place) ? [] : [place]));
    const told: RecordOutcome[] = this.lines.map(() => noRoomForModule);
    for (const [row, place] of places.entries()) told[place] = appendOutcomes[outcomes[row] ?? -1] ?? 'conflict';
    for (const { place: row, line, stored } of conflicts) {
      const place = places[row] ?? -1;
      // An entry which was sent again is no conflict, see `retries.ts`.
      if (isSameLine(line, stored, this.#namedByUs.has(place))) told[place] = 'duplicate';
    }
    return told;
  }
}

function keyOf({ id, name }: UserRef): string {
  return id === null ? `=${name}` : `#${id}=${name ?? ''}`;
}
