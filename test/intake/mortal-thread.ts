/** The intake thread, but for one line that kills it. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import '../../src/intake/intake-thread.ts';
import type { ToStream } from '../../src/intake/intake-messages.ts';

parentPort?.on('message', ({ port }: { port: MessagePort }) => {
  port.on('message', (message: ToStream) => {
    if (message.kind === 'chunk' && Buffer.from(message.bytes).includes('"deadly"')) throw new Error('a deadly line');
  });
});
