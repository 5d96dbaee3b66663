/**
 * Whether a request that a browser sends comes from the console's own pages. A cookie goes along with whatever page makes the
 * browser send it, so it counts on a write only when the browser says that the page is ours.
 */
import type { FastifyRequest } from 'fastify';
import { Failure } from '../audit/failure.ts';
import type { Links } from './links.ts';

interface SentCall {
  readonly request: Pick<FastifyRequest, 'headers' | 'method'>;
  readonly links: Links;
}

/** For what a cookie opens. Throws CROSS_SITE_REQUEST unless nothing is written or the page is ours. */
export function requireOwnPage(call: SentCall): void {
  const { method } = call.request;
  if (method !== 'GET' && method !== 'HEAD' && ownPage(call) !== true) throw crossSite(call.links);
}

/** For what needs no cookie, as the log-in: a program that is no browser says nothing of pages, and may. */
export function refuseOtherPage(call: SentCall): void {
  if (ownPage(call) === false) throw crossSite(call.links);
}

/** Null: the request does not tell. `Sec-Fetch-Site` cannot be set by a page; where there is none, `Origin` decides. */
function ownPage({ request, links }: SentCall): boolean | null {
  const { 'sec-fetch-site': site, origin } = request.headers;
  if (site === 'same-origin') return true;
  if (origin !== undefined) return origin === links.origin;
  return site === undefined ? null : false;
}

function crossSite(links: Links): Failure {
  return new Failure(
    'CROSS_SITE_REQUEST',
    `The request does not come from a page of ${links.origin}. If it should, set ANNALS_PUBLIC_URL to the address that the browser shows.`,
  );
}
