import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { suite, test } from 'node:test';
import Fastify from 'fastify';
import { type EventStream, EventStreams } from '../../src/http/event-streams.ts';
import { EventReader } from './event-reader.ts';

/** A server that answers every request with a stream, and closes connections on which nothing moves for `idleMs`. */
async function streaming(idleMs: number) {
  const streams = new EventStreams({ connectionIdleMs: idleMs });
  const opened: EventStream[] = [];
  const server = Fastify();
  server.server.timeout = idleMs;
  server.get('/', async (_request, reply) => {
    opened.push(streams.open(reply, 'user'));
    return reply;
  });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  return { streams, opened, server, address, [Symbol.asyncDispose]: () => server.close() };
}

suite('a stream', () => {
  test('outlives the time after which an idle connection is closed', async () => {
    const idleMs = 150;
    await using made = await streaming(idleMs);
    await using reader = await EventReader.open(made.address, {});
    assert.equal(await reader.nextBlock(), 'retry: 3000');
    const startedAt = performance.now();
    while (performance.now() - startedAt < 3 * idleMs) assert.equal(await reader.nextBlock(), ':');
    await made.opened[0]?.send('export', '{}');
    assert.deepEqual(await reader.next(), { event: 'export', data: '{}' });
    made.streams.close();
    assert.equal(await reader.next(), null);
  });

  test('waits for a client that does not read, and holds no more than it was given', async () => {
    await using made = await streaming(60_000);
    const asked = request(made.address);
    asked.on('error', () => {}); // hung up below
    asked.end();
    const [answer] = await once(asked, 'response');
    answer.pause();
    const [stream] = made.opened;
    assert.ok(stream);
    const data = 'x'.repeat(1_000_000);
    let isWaiting = false;
    while (!isWaiting) {
      const sent = stream.send('export', data);
      isWaiting =
        (await Promise.race([sent.then(() => 'sent'), new Promise((done) => setImmediate(done, 'waits'))])) === 'waits';
      if (isWaiting) {
        asked.destroy();
        await sent;
      }
    }
    assert.ok(stream.signal.aborted);
  });

  test('ends with the server, which opens none from then on', async () => {
    await using made = await streaming(60_000);
    await using reader = await EventReader.open(made.address, {});
    made.streams.close();
    assert.equal(await reader.next(), null);
    assert.equal((await fetch(made.address)).status, 500); // Fastify's own word for what is thrown
  });
});
