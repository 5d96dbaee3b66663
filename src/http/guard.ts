/** Who calls: token, scope, permission, in this order. */
import { hasScope } from '../access/scopes.ts';
import { failures } from './errors.ts';
import type { Call, GuardedCall, GuardedRoute } from './route.ts';

const schemes = /^(?:zoho-oauthtoken|bearer) +([A-Za-z0-9._-]{1,512}) *$/i;

export async function guard(call: Call, route: GuardedRoute): Promise<GuardedCall> {
  const token = schemes.exec(call.request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw failures.authentication();
  const caller = await call.callers.find(token);
  if (caller === null) throw failures.authentication();
  if (!hasScope(caller.identity.scopes, route.scopes)) throw failures.scope();
  if (route.needsAuditLog && !caller.viewer.mayUseAuditLog) throw failures.permission();
  return Object.assign(call, caller);
}
