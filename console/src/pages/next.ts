/** Where to go after the log-in. */

/**
 * The address in `next`, if it is one of this origin: a path with one slash in front, nothing that a browser might read
 * as another host (`//host`, `/\host`, control characters that it drops), and not the log-in again. Else the log.
 */
export function nextAddress(search: string, origin: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  const fallback = '/log';
  if (!/^\/(?![/\\])[^\p{Cc}\\]*$/u.test(next)) return fallback;
  const url = URL.canParse(next, origin) ? new URL(next, origin) : null;
  if (url === null || url.origin !== origin || url.pathname === '/login' || url.pathname.startsWith('//'))
    return fallback;
  return url.pathname + url.search + url.hash;
}

/** Whether the address is a download: then the browser has to ask the server for it, not the console. */
export function isDownload(address: string): boolean {
  return address.startsWith('/v2/');
}
