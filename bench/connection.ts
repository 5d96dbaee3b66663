/**
 * One HTTP/1.1 connection, as cheap as a client in Node can be: the processors that it uses are those that the server
 * would have. It reads into one buffer, understands answers with a Content-Length, and nothing else.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Of the body, also when it was not kept. */
  readonly bytes: number;
}

interface Pending {
  readonly keepsBody: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const endOfHead = '\r\n\r\n';
/** Without a byte in either direction; then the connection is given up, and what waits for it fails. */
const silenceMs = 60_000;

export class Connection implements Disposable {
  readonly #socket: Socket;
  #pending: Pending | null = null;
  #head = '';
  #status = 0;
  /** Of the body that is being read; -1 while the head is. */
  #bytes = -1;
  #left = 0;
  #received = 0;
  #body: Buffer[] = [];

  private constructor(url: URL, bufferBytes: number) {
    const buffer = Buffer.allocUnsafeSlow(bufferBytes);
    this.#socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#take(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.setTimeout(silenceMs, () => this.#socket.destroy());
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The connection was closed')));
  }

  static async open(url: string, bufferBytes = 64 * 1024): Promise<Connection> {
    const connection = new Connection(new URL(url), bufferBytes);
    await once(connection.#socket, 'connect');
    return connection;
  }

  /** Bytes of all bodies so far, also of the one that is being read. */
  get received(): number {
    return this.#received;
  }

  /** A server closes connections that rest for long. */
  get isOpen(): boolean {
    return this.#socket.readyState === 'open';
  }

  /** One at a time. */
  request(bytes: Uint8Array, keepsBody = true): Promise<Answer> {
    if (this.#pending !== null || !this.isOpen) throw new Error('The connection is busy or closed');
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#pending = { keepsBody, resolve, reject };
    this.#socket.write(bytes);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    const body = this.#bytes === -1 ? this.#takeHead(bytes) : bytes;
    if (body === null) return;
    if (this.#pending?.keepsBody === true && body.length > 0) this.#body.push(Buffer.from(body));
    this.#left -= body.length;
    this.#received += body.length;
    if (this.#left > 0) return;
    const answer = { status: this.#status, body: Buffer.concat(this.#body).toString(), bytes: this.#bytes };
    const pending = this.#pending;
    this.#pending = null;
    this.#bytes = -1;
    this.#head = '';
    this.#body = [];
    pending?.resolve(answer);
  }

  /** What of the bytes belongs to the body; null while the head goes on. */
  #takeHead(bytes: Buffer): Buffer | null {
    const before = this.#head.length;
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf(endOfHead);
    if (end === -1) return null;
    const head = this.#head.slice(0, end);
    this.#status = Number(head.slice(9, 12));
    const length = /^content-length: *(\d+)$/im.exec(head)?.[1];
    if (length === undefined) {
      this.#fail(new Error(`An answer without a Content-Length: ${head}`));
      return null;
    }
    this.#bytes = Number(length);
    this.#left = this.#bytes;
    return bytes.subarray(end + endOfHead.length - before);
  }

  #fail(error: Error): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(error);
  }
}

export interface RequestText {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly body?: string;
  readonly acceptsGzip?: boolean;
}

export function requestBytes({ method, path, token, body = '', acceptsGzip = false }: RequestText): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: bench'];
  if (token !== undefined) lines.push(`Authorization: Zoho-oauthtoken ${token}`);
  if (acceptsGzip) lines.push('Accept-Encoding: gzip');
  if (method === 'POST') lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}${endOfHead}${body}`);
}
