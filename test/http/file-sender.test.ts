import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FileSender } from '../../src/http/file-sender.ts';
import type { ResultReader } from '../../src/results/results.ts';

suite('sending a file', () => {
  test('many at once, however their reads fall, each get their own bytes and no others', async () => {
    await using server = await Sending.open((number) =>
      readerOf(contentOf(number), 30_000 + ((number * 79_190) % 300_000)),
    );
    const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => server.get(number)));
    for (const [number, answer] of answers.entries()) assert.ok(answer.equals(contentOf(number)), `answer ${number}`);
    assert.equal(server.files.usedBytes, 0);
  });

  test('answers on one connection follow each other whole', async () => {
    await using server = await Sending.open((number) => readerOf(contentOf(number)));
    const socket = connect(server.port);
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const all = Buffer.concat(await Array.fromAsync(socket));
    const head = (number: number) =>
      new RegExp(`^HTTP/1\\.1 200 OK\r\nContent-Length: ${contentOf(number).length}\r\n`, 'im');
    assert.match(all.toString('latin1'), head(1));
    const second = all.lastIndexOf('HTTP/1.1 200 OK');
    assert.ok(all.subarray(second - contentOf(1).length, second).equals(contentOf(1)));
    assert.ok(all.subarray(-contentOf(2).length).equals(contentOf(2)));
  });

  test('a file that has become longer is sent as long as it was', async () => {
    await using server = await Sending.open(() => endless());
    assert.equal((await server.get(1)).length, contentOf(1).length);
    const socket = connect(server.port);
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const all = Buffer.concat(await Array.fromAsync(socket));
    assert.equal(all.length - all.indexOf('\r\n\r\n') - 4, contentOf(1).length);
  });

  test('a file that ends early is an error, and the client can tell', async () => {
    await using server = await Sending.open((number) => readerOf(contentOf(number).subarray(0, 700_000)));
    await assert.rejects(server.get(1), /aborted|socket hang up|ECONNRESET/);
    assert.match(String(await server.failure), /has become shorter/);
    assert.equal(server.files.usedBytes, 0);
  });

  test('a read that fails is an error, and the client can tell', async () => {
    const reader = readerOf(contentOf(1));
    let reads = 0;
    await using server = await Sending.open(() => ({
      ...reader,
      read: (into) => (++reads === 2 ? Promise.reject(new Error('no such block')) : reader.read(into)),
    }));
    await assert.rejects(server.get(1), /aborted|socket hang up|ECONNRESET/);
    assert.match(String(await server.failure), /no such block/);
    assert.equal(server.files.usedBytes, 0);
  });

  test('a client that takes nothing holds a megabyte at most, and none once it hangs up', async () => {
    await using server = await Sending.open(() => endless(), 1e9);
    const socket = connect(server.port);
    socket.on('error', () => {});
    socket.pause();
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n');
    const response = await server.response;
    await until(() => (response.socket?.writableLength ?? 0) > 0); // the system has no more room for it
    assert.ok(server.files.usedBytes > 0 && server.files.usedBytes <= 1024 * 1024, String(server.files.usedBytes));
    socket.destroy();
    await server.sent;
    assert.equal(server.files.usedBytes, 0);
  });

  test('an answer that waits behind another on its connection is given up with it', async () => {
    await using server = await Sending.open(() => endless(), 1e9);
    const socket = connect(server.port);
    socket.on('error', () => {});
    socket.pause();
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => server.started === 2 && server.files.usedBytes > 0);
    socket.destroy();
    await until(() => server.ended === 2);
    assert.equal(server.files.usedBytes, 0);
  });
});

/** A server whose every answer is what the reader of that number has, said to be `bytes` long, or as long as `contentOf` of it. */
class Sending implements AsyncDisposable {
  readonly files = new FileSender();
  started = 0;
  ended = 0;
  readonly #failure = Promise.withResolvers<unknown>();
  readonly #response = Promise.withResolvers<ServerResponse>();
  readonly #sent = Promise.withResolvers<void>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #reader: (number: number) => ResultReader;

  readonly #bytes: number | null;

  private constructor(reader: (number: number) => ResultReader, bytes: number | null) {
    this.#reader = reader;
    this.#bytes = bytes;
  }

  static async open(reader: (number: number) => ResultReader, bytes: number | null = null): Promise<Sending> {
    const sending = new Sending(reader, bytes);
    await once(sending.#server.listen(0, '127.0.0.1'), 'listening');
    return sending;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // it listens on TCP
  }

  get failure(): Promise<unknown> {
    return this.#failure.promise;
  }

  /** The first. */
  get response(): Promise<ServerResponse> {
    return this.#response.promise;
  }

  /** When the first was through. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  get(number: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      get({ port: this.port, host: '127.0.0.1', path: `/${number}`, agent: false }, (answer) => {
        Array.fromAsync(answer).then((pieces) => resolve(Buffer.concat(pieces)), reject);
      }).on('error', reject);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.started += 1;
    this.#response.resolve(response);
    const number = Number(request.url?.slice(1));
    const bytes = this.#bytes ?? contentOf(number).length;
    response.writeHead(200, { 'content-length': bytes });
    try {
      await this.files.send(response, this.#reader(number), bytes);
      this.#sent.resolve();
    } catch (error) {
      this.#failure.resolve(error);
      response.destroy();
    }
    this.ended += 1;
  }
}

/** Bytes of which every four say which file they are of, and where. */
function contentOf(number: number): Buffer {
  const bytes = Buffer.alloc(1_000_000 + number * 40_000);
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE((number << 24) | at, at);
  return bytes;
}

/** Gives at most that many bytes at a time, and only after others have had their turn. */
function readerOf(content: Buffer, most = Number.POSITIVE_INFINITY): ResultReader {
  let at = 0;
  return {
    async read(into) {
      await turn();
      const count = Math.min(most, into.byteLength, content.length - at);
      content.copy(into, 0, at, at + count);
      at += count;
      return count;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function endless(): ResultReader {
  return { read: async (into) => into.byteLength, async [Symbol.asyncDispose]() {} };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}
