/** Entries in, as one long NDJSON request. */
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Server } from './annals.ts';

/** Answers the seconds from the first byte to the answer, which comes when all is durable. */
export async function streamNdjson(server: Server, path: string, entries: number): Promise<number> {
  const startedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { authorization: `Zoho-oauthtoken ${server.token}`, 'content-type': 'application/x-ndjson' };
  const sent = request(`${server.url}/api/v1/entries`, { method: 'POST', headers }, (answer) => {
    text(answer).then(resolve, reject);
  });
  // A server that refuses answers before it has all, and hangs up: what it said tells more than that it did.
  sent.on('error', (error) => setTimeout(reject, 1000, error));
  pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), sent).catch((error: unknown) => {
    setTimeout(reject, 1000, error);
  });
  const answer = await promise.catch((error: unknown) => {
    throw new Error(`the stream was not taken. ${server.lastLog()}`, { cause: error });
  });
  const { accepted } = JSON.parse(answer) as { accepted?: number }; // checked in the next line
  if (accepted !== entries) throw new Error(`${entries} entries were sent: ${answer}. ${server.lastLog()}`);
  return (performance.now() - startedAt) / 1000;
}
