/** What a request says that it has already, or wants a part of: RFC 9110 §13.1 and §14.1.2. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '../results/results.ts';
import type { FileForm } from './file-forms.ts';

/**
 * The form that the client has already, of those that may be sent to it; null when it has none. `If-None-Match`, when it is
 * there, decides alone. (The known library heeds Cache-Control too.)
 */
export function heldForm(
  forms: readonly [FileForm, ...FileForm[]],
  asked: IncomingHttpHeaders,
  lastModified: string,
): FileForm | null {
  const tags = asked['if-none-match'];
  if (tags === undefined) {
    const since = httpDate(asked['if-modified-since']);
    return since !== null && Date.parse(lastModified) <= since ? forms[0] : null;
  }
  if (tags.trim() === '*') return forms[0];
  const held = new Set(tags.split(',').map((tag) => tag.trim().replace(/^W\//, '')));
  return forms.find(({ etag }) => held.has(etag)) ?? null;
}

/**
 * The form that a range is to be cut out of; null when none is, because the client has a part of something else.
 * `If-Range` compares strongly: an ETag of ours, or exactly our date. Without an ETag it is the plain file, if that may be
 * sent: clients that decode by themselves ask for ranges without a thought of an encoding, and can do nothing with the
 * middle of a gzip file.
 */
export function rangedForm(
  forms: readonly [FileForm, ...FileForm[]],
  condition: string | string[] | undefined,
  lastModified: string,
): FileForm | null {
  if (condition === undefined || condition === lastModified) {
    return forms.find(({ coding }) => coding === null) ?? forms[0];
  }
  return forms.find(({ etag }) => etag === condition) ?? null;
}

/**
 * A single range; null for what a server ignores: several, other units, and malformed ones. (The known libraries refuse a
 * suffix that is longer than the file, and answer 416 to a range that ends before it starts.)
 */
export function parseRange(asked: string, size: number): ByteRange | null | 'outside' {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(asked) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') return Number(last) === 0 ? 'outside' : { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'outside' : { start, end };
}

/** The three forms of an HTTP date; anything else is none. */
function httpDate(text: string | undefined): number | null {
  const isDate = text !== undefined && /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}( GMT| \d{4})$/.test(text);
  const ms = isDate ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
