/** Who calls: token or session, scope, permission, in this order. */
import { hasScope } from '../access/scopes.ts';
import { Failure } from '../audit/failure.ts';
import type { Caller } from './callers.ts';
import { readCookie, sessionCookie } from './cookies.ts';
import { failures } from './errors.ts';
import type { Call, GuardedCall, GuardedRoute, SessionCall, SessionRoute } from './route.ts';
import { requireOwnPage } from './same-origin.ts';

const schemes = /^(?:zoho-oauthtoken|bearer) +([A-Za-z0-9._-]{1,512}) *$/i;

/** Null: nobody is logged in, and the route is one that a browser is led to the log-in for. */
export async function guard(call: Call, route: GuardedRoute): Promise<GuardedCall | null> {
  const shown = call.request.headers.authorization;
  const caller = shown === undefined ? await sessionOf(call) : await tokenOf(call, shown);
  if (shown === undefined && route.opensInBrowser === true && wantsPage(call)) {
    if (caller?.session?.passwordIsOneTime !== false) return null;
  }
  if (caller === null) throw failures.authentication();
  // What somebody has seen while logged in must not be there for whoever sits at the browser after them.
  if (caller.session !== null) call.reply.header('cache-control', 'no-store');
  checkPassword(caller);
  checkRights(caller, route);
  return Object.assign(call, caller);
}

/** For what concerns the session itself, and for what only somebody who sits there may do: a token does not count. */
export async function guardSession(call: Call, route: SessionRoute): Promise<SessionCall> {
  const caller = await sessionOf(call);
  if (caller === null) throw failures.authentication();
  if (!route.allowsOneTimePassword) checkPassword(caller);
  return Object.assign(call, { ...caller, session: caller.session });
}

/** For an answer that goes on: the caller as of now; null once the request would be refused. */
export async function guardStill(call: GuardedCall, route: GuardedRoute): Promise<Caller | null> {
  const caller = await call.callers.still(call);
  if (caller === null) return null;
  try {
    checkPassword(caller);
    checkRights(caller, route);
    return caller;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

async function tokenOf(call: Call, shown: string): Promise<Caller | null> {
  const token = schemes.exec(shown)?.[1];
  return token === undefined ? null : call.callers.find(token);
}

/** Throws CROSS_SITE_REQUEST when there is a session, and another page would use it. */
export async function sessionOf(call: Call): Promise<(Caller & Pick<SessionCall, 'session'>) | null> {
  const secret = readCookie(call, sessionCookie);
  const caller = secret === null ? null : await call.callers.findSession(secret);
  if (caller === null || caller.session === null) return null;
  requireOwnPage(call);
  return { ...caller, session: caller.session };
}

function checkPassword({ session }: Caller): void {
  if (session?.passwordIsOneTime === true) throw failures.passwordChange();
}

function checkRights({ identity, viewer, session }: Caller, route: GuardedRoute): void {
  if (!hasScope(identity.scopes, route.scopes)) {
    // A session lacks no scope but the administrators', and to log in anew would not help.
    throw session === null ? failures.scope() : failures.administrator();
  }
  if (route.needsAdministrator === true && !viewer.isAdministrator) throw failures.administrator();
  if (route.needsAuditLog && !viewer.mayUseAuditLog) throw failures.permission();
}

function wantsPage({ request }: Call): boolean {
  return /(^|[\s,])text\/html\b/i.test(request.headers.accept ?? '');
}
