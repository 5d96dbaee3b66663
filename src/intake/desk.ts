import type { EntryProblem } from '../audit/entry.ts';
import { type ModuleRef, maxModules } from '../directory/named-modules.ts';
import type { ResolvedUser, UserRef } from '../directory/people.ts';
import type { RowColumns } from '../ledger/columns.ts';
import type { AppendedColumns } from '../ledger/ledger.ts';

/**
 * What recording a stream of lines asks of the rest of the house, a few times for some thousand lines; so it can be asked
 * from another thread. Everything that goes in and out survives structured cloning.
 */
export interface IntakeDesk {
  /** Adds the modules that the directory lacks and has room for; answers the api_names of the others. */
  resolveModules(refs: readonly ModuleRef[]): Promise<readonly string[]>;
  /** Adds whoever is unknown, and gives ids. */
  resolve(users: readonly UserRef[], ids: number): Promise<Resolved>;
  /** In the order of the calls; resolves when the rows are durable. */
  append(columns: RowColumns): Promise<AppendedColumns>;
}

export interface Resolved {
  /** In the order of the refs. */
  readonly users: readonly ResolvedUser[];
  /** The first of as many ids as were asked for, which follow each other; 0 when that was none. */
  readonly firstId: bigint;
  /** Epoch seconds: the time of entries that have none. */
  readonly now: number;
}

/** Of an entry whose module the directory has no room for. */
export const noRoomForModule: EntryProblem = {
  code: 'LIMIT_EXCEEDED',
  message: `the module is new, and an organisation has at most ${maxModules} modules`,
  jsonPath: '$.module.api_name',
};
