/** The web console's files, as `scripts/build-console.ts` made them: pages, and what they load. No part of the API. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Beside the sources and in the package alike: src/http and dist/http stand equally deep. */
export const consoleFolder = join(import.meta.dirname, '..', '..', 'console', 'dist');

/** The addresses at which the console shows a page. Which page, it decides itself. */
const pagePath = /^\/(?:login|log|exports(?:\/[\w.-]+)?|admin(?:\/[\w./-]*)?|account|docs|oauth\/v2\/auth)?$/;

/** Nothing inline, nothing from elsewhere, in no frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const pageHeaders = {
  'content-security-policy': policy,
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html;charset=UTF-8',
  '.js': 'text/javascript;charset=UTF-8',
  '.css': 'text/css;charset=UTF-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json;charset=UTF-8',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain;charset=UTF-8',
};

const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** The name of a file under the folder of the build, with `/` before each part. */
type Name = string;

interface Content {
  readonly bytes: Buffer;
  readonly etag: string;
}

export class ConsoleFiles {
  readonly #folder: string;
  /** Every file that there was at the start. A request names one of them or none: no path of a request is ever opened. */
  readonly #names: ReadonlySet<Name>;
  /** What has been asked for; never more than the build, which is a few megabytes. */
  readonly #kept = new Map<Name, Promise<Content>>();

  /** Lists the folder; one that is missing is told of when a page is asked for. */
  constructor(folder: string = consoleFolder) {
    this.#folder = folder;
    const found = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
    this.#names = new Set(found.map((name) => `/${name.split(sep).join('/')}`));
  }

  /** Answers a request for a page or a file of the console. False: it is neither, and nothing was sent. */
  async answer(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const [path = ''] = (request.raw.url ?? '').split('?', 1);
    const isPage = pagePath.test(path) && (request.headers.accept ?? '').includes('text/html');
    if (isPage && !this.#names.has('/index.html')) {
      sendMissing(reply);
      return true;
    }
    const name = isPage ? '/index.html' : path;
    const type = types[extname(name)];
    if (type === undefined || !this.#names.has(name) || (name === '/index.html' && !isPage)) return false;
    const encoding = encodings.find(
      ({ name: coding, suffix }) =>
        accepts(request.headers['accept-encoding'], coding) && this.#names.has(name + suffix),
    );
    const { bytes, etag } = await this.#read(name + (encoding?.suffix ?? ''));
    reply.headers({
      ...(isPage && pageHeaders),
      'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-type': type,
      etag,
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    });
    if (request.headers['if-none-match'] === etag) {
      reply.code(304).removeHeader('content-type').send();
      return true;
    }
    if (encoding !== undefined) reply.header('content-encoding', encoding.name);
    reply.code(200).send(bytes);
    return true;
  }

  #read(name: Name): Promise<Content> {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const reading = readFile(join(this.#folder, name)).then((bytes) => {
      const hash = createHash('sha256').update(bytes).digest('base64url');
      return { bytes, etag: `"${hash.slice(0, 22)}"` };
    });
    this.#kept.set(name, reading);
    reading.catch(() => this.#kept.delete(name)); // comes out where it is awaited; the next request tries again
    return reading;
  }
}

/** Whether the header names the coding, and not with a weight of 0. */
function accepts(header: string | string[] | undefined, coding: string): boolean {
  const listed = String(header ?? '').split(',');
  return listed.some((item) => {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    return name === coding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

const missing = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Annals</title>
<h1>The console has not been built</h1>
<p>The API works; only the pages are missing. Build them with <code>npm run build:console</code> and start the server again.</p>
</html>
`;

function sendMissing(reply: FastifyReply): void {
  reply
    .code(503)
    .headers({ ...pageHeaders, 'cache-control': 'no-store', 'content-type': types['.html'] })
    .send(missing);
}
