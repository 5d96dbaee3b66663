/** The cookies of the console: how they are read, set and taken away. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Links } from './links.ts';

/** Held by a browser that somebody is logged in with. */
export const sessionCookie = 'annals_session';

/** Left in a browser that somebody has logged in with: it opens nothing, but has tries of its own to log in. */
export const deviceCookie = 'annals_device';

interface CookieCall {
  readonly request: Pick<FastifyRequest, 'headers'>;
  readonly reply: Pick<FastifyReply, 'header'>;
  readonly links: Links;
}

/**
 * Over https the name begins with `__Host-`: browsers take such a cookie only from this very host over TLS, so neither
 * another host of the domain nor somebody on the line can put one in its place.
 */
function nameOf(name: string, links: Links): string {
  return isSecure(links) ? `__Host-${name}` : name;
}

function isSecure(links: Links): boolean {
  return links.origin.startsWith('https:');
}

/** The value, of the characters that ours have; null: there is none. */
export function readCookie({ request, links }: Omit<CookieCall, 'reply'>, name: string): string | null {
  const header = request.headers.cookie;
  if (header === undefined) return null;
  const wanted = `${nameOf(name, links)}=`;
  for (const part of header.split(';')) {
    const pair = part.trim();
    if (!pair.startsWith(wanted)) continue;
    const value = pair.slice(wanted.length);
    return /^[A-Za-z0-9._-]{1,512}$/.test(value) ? value : null;
  }
  return null;
}

/** `Lax`, so that the link to a file in a mail works: the browser sends it when one follows a link, but never with another site's form. */
export function setCookie({ reply, links }: CookieCall, name: string, value: string, maxAgeSeconds: number): void {
  const secure = isSecure(links) ? '; Secure' : '';
  const age = `Max-Age=${maxAgeSeconds}`;
  reply.header('set-cookie', `${nameOf(name, links)}=${value}; Path=/; ${age}; HttpOnly; SameSite=Lax${secure}`);
}

export function dropCookie(call: CookieCall, name: string): void {
  setCookie(call, name, '', 0);
}
