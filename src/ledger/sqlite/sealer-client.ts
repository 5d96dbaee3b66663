/** The sealer's thread as the ledger has it. Its blocks go straight to the writer's thread, not through this one. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { warn } from './block-store.ts';
import { Thread, type ThreadData } from './thread.ts';

export type SealerRequest =
  | { readonly kind: 'start'; readonly settleMs: number; readonly writer: MessagePort }
  | { readonly kind: 'close' };

/** What the writer's thread answers to a list of blocks: of each whether it was stored; of none if there was a problem. */
export interface StoredReply {
  readonly stored: readonly boolean[];
  readonly problem: string | null;
}

const restartMs = 5_000;

export interface SealerClientOptions {
  readonly settleMs: number;
  /** Hands one end of a channel to the writer's thread. */
  readonly connect: (port: MessagePort) => void;
}

export class SealerClient {
  readonly #thread: Thread<SealerRequest, never>;
  readonly #options: SealerClientOptions;
  #isClosing = false;
  #restart: NodeJS.Timeout | null = null;

  constructor(data: ThreadData, options: SealerClientOptions) {
    this.#options = options;
    this.#thread = new Thread('sealer', data, {
      onReply: () => {},
      onDeath: (error) => this.#died(error),
    });
    this.#start();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#restart) clearTimeout(this.#restart);
    await this.#thread.end({ kind: 'close' });
  }

  #start(): void {
    const { port1, port2 } = new MessageChannel();
    this.#options.connect(port1);
    this.#thread.post({ kind: 'start', settleMs: this.#options.settleMs, writer: port2 }, [port2]);
    this.#thread.rest();
  }

  /** Without it the log only becomes slower to export: that is no reason to stop anything else. */
  #died(error: Error): void {
    if (this.#isClosing) return;
    warn(`sealing stopped and starts again: ${String(error.cause ?? error)}`);
    this.#restart = setTimeout(() => this.#start(), restartMs).unref();
  }
}
