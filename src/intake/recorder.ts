import type { EntryInput } from '../audit/entry.ts';
import { encodeLine } from '../audit/line.ts';
import type { OrgZone } from '../audit/time.ts';
import type { AppendOutcome, Ledger, LedgerRow } from '../ledger/ledger.ts';

/** What recording needs of the directory: everyone and every module that an entry names is in it afterwards. */
export interface People {
  resolveUsers(
    org: string,
    refs: readonly { readonly id: bigint | null; readonly name: string | null }[],
  ): Promise<readonly { readonly id: bigint; readonly name: string }[]>;
  resolveModules(
    org: string,
    refs: readonly { readonly apiName: string; readonly id: string | null }[],
  ): Promise<unknown>;
}

export interface RecorderParts {
  readonly directory: People;
  /** The first of `count` contiguous ids. */
  readonly ids: { take(count: number): Promise<bigint> };
  readonly ledger: Pick<Ledger, 'append'>;
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
 * the ids given here and the order of arrival agree. Their commits overlap.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #turns = new Map<string, Promise<void>>();

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  record(org: RecordingOrg, inputs: readonly EntryInput[], options: RecordOptions): Promise<readonly AppendOutcome[]> {
    return this.#inTurn(org, inputs.length, options, () => this.#rowsOf(org, inputs));
  }

  /** As `record`, for lines that are encoded already. */
  recordLines(
    org: RecordingOrg,
    lines: readonly ReadyLine[],
    options: RecordOptions,
  ): Promise<readonly AppendOutcome[]> {
    return this.#inTurn(org, lines.length, options, async () => {
      const { directory } = this.#parts;
      await directory.resolveUsers(
        org.zgid,
        lines.map((line) => ({ id: line.row.doneBy, name: line.doneByName || null })),
      );
      await directory.resolveModules(
        org.zgid,
        lines.map((line) => ({ apiName: line.row.module, id: null })),
      );
      return lines.map((line) => line.row);
    });
  }

  async #inTurn(
    org: RecordingOrg,
    count: number,
    options: RecordOptions,
    prepare: () => Promise<LedgerRow[]>,
  ): Promise<readonly AppendOutcome[]> {
    if (count === 0) return [];
    const before = this.#turns.get(org.zgid);
    const turn = Promise.withResolvers<void>();
    this.#turns.set(org.zgid, turn.promise);
    try {
      await before;
      const rows = await prepare();
      const appended = this.#parts.ledger.append(org.zgid, rows, {
        client: options.client,
        arrivedAt: this.#parts.clock(),
        atomic: options.atomic ?? false,
      });
      turn.resolve();
      return await appended;
    } finally {
      turn.resolve();
      if (this.#turns.get(org.zgid) === turn.promise) this.#turns.delete(org.zgid);
    }
  }

  async #rowsOf(org: RecordingOrg, inputs: readonly EntryInput[]): Promise<LedgerRow[]> {
    const { directory, ids, clock } = this.#parts;
    const users = await directory.resolveUsers(
      org.zgid,
      inputs.map((input) => input.doneBy),
    );
    await directory.resolveModules(
      org.zgid,
      inputs.map((input) => input.module),
    );
    let missing = 0;
    for (const input of inputs) if (input.id === null) missing += 1;
    let nextId = missing === 0 ? 0n : await ids.take(missing);
    const now = Math.floor(clock() / 1000);
    return inputs.map((input, index) => {
      const user = users[index];
      if (user === undefined) throw new Error('the directory answered fewer users than it was asked for');
      return rowOf(org.zone, input, { id: input.id ?? nextId++, time: input.time ?? now, user });
    });
  }
}

interface Given {
  readonly id: bigint;
  readonly time: number;
  readonly user: { readonly id: bigint; readonly name: string };
}

function rowOf(zone: OrgZone, input: EntryInput, given: Given): LedgerRow {
  const line = encodeLine({
    doneByName: given.user.name,
    action: input.action,
    module: input.module.apiName,
    recordName: input.record.name,
    relatedModule: input.related?.module ?? '',
    relatedName: input.related?.name ?? '',
    accountName: input.accountName,
    auditedTime: zone.format(given.time),
    recordId: input.record.id ?? '',
    doneById: String(given.user.id),
    entryId: String(given.id),
    source: input.source,
    changes: input.changes,
  });
  return {
    time: given.time,
    id: given.id,
    action: input.action,
    doneBy: given.user.id,
    module: input.module.apiName,
    line,
  };
}
