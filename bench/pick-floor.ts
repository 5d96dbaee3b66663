/**
 * The least that it can cost to pick lines out of compressed blocks into a ZIP: pick-floor.ts LEDGER SHARE reads every block
 * of a ledger, decompresses it, copies the first so much of it, and compresses that at level 1 and reads it back in a thread
 * of its own, and does nothing else: no line is looked for, nothing is counted, hashed, written or synced. Prints the seconds;
 * a first round, which is not counted, starts the thread.
 */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import BetterSqlite3 from 'better-sqlite3';
import { letGo, letGoWhole } from '../src/audit/let-go.ts';

const packerName = 'packer';
/** Pieces on their way to the thread. */
const maxWaiting = 8;
const pieceBytes = 64 * 1024;
const blockBytes = 256 * 1024;
const finishFlush = constants.Z_SYNC_FLUSH;

function packWhatComes(): void {
  parentPort?.on('message', (raw: Uint8Array) => {
    crc32(raw);
    const packed = deflateRawSync(raw, { level: 1, finishFlush, chunkSize: blockBytes });
    letGoWhole(inflateRawSync(packed, { finishFlush, chunkSize: Math.max(blockBytes, raw.byteLength + 1) }));
    letGoWhole(packed);
    letGo(raw);
    parentPort?.postMessage(null);
  });
}

async function measure(): Promise<void> {
  const [file, share] = [process.argv[2], Number(process.argv[3])];
  if (file === undefined || !(share > 0 && share <= 1)) throw new Error('usage: pick-floor.ts LEDGER SHARE');
  const ledger = new BetterSqlite3(file, { readonly: true });
  await using packer = new Packer();
  await pickAll(ledger, share, packer);
  const startedAt = performance.now();
  await pickAll(ledger, share, packer);
  process.stdout.write(`${(performance.now() - startedAt) / 1000}\n`);
  ledger.close();
}

async function pickAll(ledger: BetterSqlite3.Database, share: number, packer: Packer): Promise<void> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for (const packed of ledger.prepare<[], Buffer>('SELECT packed FROM block_contents ORDER BY id').pluck().iterate()) {
    const lines = inflateRawSync(packed, { finishFlush, chunkSize: blockBytes });
    const picked = Uint8Array.from(lines.subarray(0, Math.ceil(lines.byteLength * share)));
    letGoWhole(lines);
    letGo(packed);
    held.push(picked);
    heldBytes += picked.byteLength;
    if (heldBytes < pieceBytes) continue;
    await packer.pack(Buffer.concat(held));
    held = [];
    heldBytes = 0;
  }
  if (heldBytes > 0) await packer.pack(Buffer.concat(held));
  await packer.flush();
}

class Packer implements AsyncDisposable {
  readonly #worker = new Worker(new URL(import.meta.url), { workerData: packerName });
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  constructor() {
    this.#worker.on('message', () => this.#waiting.shift()?.resolve());
  }

  async pack(raw: Buffer<ArrayBuffer>): Promise<void> {
    while (this.#waiting.length >= maxWaiting) await this.#waiting[0]?.promise;
    this.#waiting.push(Promise.withResolvers());
    const own = raw.byteLength === raw.buffer.byteLength ? raw : Uint8Array.from(raw);
    this.#worker.postMessage(own, [own.buffer]);
  }

  async flush(): Promise<void> {
    await this.#waiting.at(-1)?.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

if (workerData === packerName) packWhatComes();
else await measure();
