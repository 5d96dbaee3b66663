/** Request bodies: read whole up to a limit, or handed on as a stream; both give up on a client that stalls. */
import type { IncomingMessage } from 'node:http';
import { Failure } from '../audit/failure.ts';
import { parseJson } from '../audit/json.ts';
import type { Call } from './route.ts';

/**
 * Puts a harmless label in the place of the body's: clients mislabel bodies in every way, or not at all, and nothing may
 * refuse one for that before we have looked at the token.
 */
export function setLabelAside(source: IncomingMessage): void {
  source.headers['content-type'] = 'application/octet-stream';
}

/** The body's media type as the client gave it, '' when it gave none. */
export function labelOf({ rawHeaders }: IncomingMessage): string {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === 'content-type') return rawHeaders[at + 1] ?? '';
  }
  return '';
}

/** How long a client may pause, and, if given, how long the whole body may take. */
export interface Patience {
  readonly idleMs: number;
  readonly totalMs?: number;
}

/**
 * The body's bytes as they come. Throws REQUEST_TIMEOUT when the client stalls; when it hangs up, the stream's own error.
 * While the consumer works no time counts and nothing is read, so back-pressure reaches the client.
 */
export async function* bodyStream(source: IncomingMessage, patience: Patience): AsyncGenerator<Uint8Array, void> {
  const deadline = patience.totalMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + patience.totalMs;
  // The socket must outlive a refusal, so that the client can be told of it.
  const chunks: AsyncIterator<Uint8Array> = source.iterator({ destroyOnReturn: false });
  let isStalled = false;
  try {
    while (true) {
      const next = await withinTime(chunks.next(), Math.min(patience.idleMs, deadline - Date.now()), () => {
        isStalled = true;
        return requestTimeout(patience);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // A read that is still waiting would never let the iterator end; its connection is closed instead.
    if (!isStalled) await chunks.return?.();
  }
}

async function withinTime<T>(work: Promise<T>, ms: number, refusal: () => Failure): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(refusal()), Math.max(0, ms));
  });
  try {
    return await Promise.race([work, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

const drainedBytes = 64 * 2 ** 20;
const drainedMs = 10_000;

/**
 * Reads on to nowhere what is left of a body that was refused: many clients look at the answer only once they have sent
 * all. One that never comes to an end is cut off.
 */
export function drain(source: IncomingMessage): void {
  const cut = () => source.destroy();
  const timer = setTimeout(cut, drainedMs).unref();
  let size = 0;
  source.on('data', (part: Uint8Array) => {
    size += part.byteLength;
    if (size > drainedBytes) cut();
  });
  source.once('close', () => clearTimeout(timer));
  source.once('end', () => clearTimeout(timer));
}

export function requestTimeout(patience: Patience): Failure {
  const total = patience.totalMs === undefined ? '' : `, or took over ${patience.totalMs / 1000} s in all`;
  return new Failure('REQUEST_TIMEOUT', `The request body paused for over ${patience.idleMs / 1000} s${total}`, {
    details: { limit: `${patience.idleMs / 1000} s` },
  });
}

/**
 * The whole body as bytes. Throws REQUEST_TOO_LARGE over the limit, without reading on, and TOO_MANY_REQUESTS when the
 * bodies of all requests together are as much as may be held.
 */
export async function readBytes(call: Call, maxBytes: number): Promise<Buffer> {
  const source = call.request.raw;
  const { limits } = call.parts.config;
  const declared = Number(source.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  call.admission.hold(declared, call.reply.raw);
  if (declared > 0 && source.readableLength === declared) return readWhole(source);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bodyStream(source, { idleMs: limits.bodyIdleMs, totalMs: limits.bodyTotalMs })) {
    size += part.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    if (size > declared) call.admission.hold(part.byteLength, call.reply.raw);
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

/** A small body mostly comes with its head: then there is nothing to wait for, and no clock to set. */
function readWhole(source: IncomingMessage): Buffer {
  const whole: Buffer = source.read(); // nobody has set an encoding, so it is bytes
  source.resume(); // the end, which carries no bytes any more
  return whole;
}

function tooLarge(maxBytes: number): Failure {
  return new Failure('REQUEST_TOO_LARGE', `The request body exceeds the limit of ${maxBytes} bytes`, {
    details: { limit: String(maxBytes) },
  });
}

/** The body as JSON, whatever its label says; undefined when it is empty. Throws INVALID_DATA when it is not JSON. */
export async function readJson(call: Call, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(call, maxBytes);
  return bytes.byteLength === 0 ? undefined : parseJson(utf8(bytes), call.parts.config.limits.jsonDepth);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes); // takes a byte order mark off, if there is one
  } catch (cause) {
    throw new Failure('INVALID_DATA', 'The request body is not valid UTF-8', {
      details: { expected_data_type: 'jsonobject' },
      cause,
    });
  }
}

/** The parameters of a form body: multipart when its label says so, else urlencoded. One that cannot be read gives none. */
export async function readForm(call: Call, maxBytes: number): Promise<[string, string][]> {
  const bytes = await readBytes(call, maxBytes);
  const type = labelOf(call.request.raw);
  if (!/^multipart\/form-data\b/i.test(type)) return [...new URLSearchParams(bytes.toString('utf8'))];
  try {
    const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
    return [...form].map(([name, value]) => [name, typeof value === 'string' ? value : '']);
  } catch {
    // Broken multipart: what it would have said is missing then, and the answer says so.
    return [];
  }
}
