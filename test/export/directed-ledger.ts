/**
 * A ledger in an export thread whose course a test directs from outside: at one row it asks over a channel what to do, and
 * waits for the answer, so that a test has a job exactly where it wants it, without a clock.
 */
import { Failure } from '../../src/audit/failure.ts';
import type { Chunk } from '../../src/ledger/ledger.ts';
import { type ExportLedger, numberedLedger } from './numbered-ledger.ts';

/**
 * `go`: carry on. `throw`, `full`: fail, by a bug or as a full store does. `exit`, `oom`: the thread dies. `hang`: it never
 * answers again. `wait`: it waits for the signal to abort.
 */
export type Direction = 'go' | 'throw' | 'full' | 'exit' | 'oom' | 'hang' | 'wait';

export interface Script {
  readonly channel: string;
  readonly rows: number;
  readonly askAt: number;
}

/** What is asked over the channel; the answer goes over a channel named `reply`. */
export interface Question {
  readonly reply: string;
  readonly threadId: number;
}

export function directedLedger(script: Script, ask: () => Promise<Direction>): ExportLedger {
  const ledger = numberedLedger(script.rows, { rowsPerChunk: 100 });
  return {
    count: ledger.count,
    async *chunks(query, options): AsyncIterable<Chunk> {
      let rows = 0;
      for await (const chunk of ledger.chunks(query, options)) {
        yield chunk;
        rows += chunk.rows;
        if (rows === script.askAt) await follow(await ask(), options.signal);
      }
    },
  };
}

async function follow(direction: Direction, signal: AbortSignal | undefined): Promise<void> {
  switch (direction) {
    case 'go':
      return;
    case 'throw':
      throw new Error('the ledger has a bug');
    case 'full':
      throw new Failure('SERVICE_UNAVAILABLE', 'the store is full');
    case 'exit':
      process.exit(3); // ends the thread, not the process
      break;
    case 'oom': {
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array<number>(100_000).fill(hoard.length + 0.5));
    }
    case 'hang':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      break;
    case 'wait':
      signal?.throwIfAborted(); // the abort may have come before the answer
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      break;
    default:
      throw new Error(`unknown direction ${direction satisfies never}`);
  }
}
