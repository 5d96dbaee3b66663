/** A database with the rows, and a command that gets them out as CSV. */
import type { Stage } from '../stage.ts';
import type { ServerProcess } from './server-process.ts';

export interface Peer {
  readonly name: string;
  /** Why there is none; then nothing else of it is used. */
  readonly missing: string | null;
  /** A command of the shell that prints what the SQL in `$SQL` asks for as CSV, in the stage's folder. */
  readonly dump: string;
  /** What `$SQL` is for the query. */
  readonly sql: (query: string) => string;
  /** Whose memory counts with that of the command; null: the command does it all. */
  readonly server: ServerProcess | null;
}

export type OpenPeer = (stage: Stage) => Promise<Peer>;

export function missingPeer(name: string, missing: string): Peer {
  return { name, missing, dump: '', sql: (query) => query, server: null };
}
