/**
 * The least that Node can do with the same requests, as a process of its own: what it needs is what the machine, Node's
 * HTTP server and the bench's client take of every figure. Its one argument is the folder of the files it serves.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: bare-server.ts FOLDER');
const files = folder;

const server = createServer((request, response) => void answer(request, response));
server.keepAliveTimeout = 72_000; // as that of Annals
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') {
    const entry: unknown = JSON.parse(await text(request));
    send(response, JSON.stringify({ accepted: entry === null ? 0 : 1, duplicates: 0, rejected: [] }));
  } else if (request.url?.startsWith('/files/')) {
    const path = join(files, basename(request.url));
    response.writeHead(200, { 'content-length': statSync(path).size });
    createReadStream(path, { highWaterMark: 2 ** 20 }).pipe(response);
  } else {
    send(response, '{"audit_log_export":[{"status":"progress"}]}');
  }
}

function send(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
