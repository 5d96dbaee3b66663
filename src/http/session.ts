/** Who is logged in to the console. */
import Type from 'typebox';
import { hashSecret } from '../access/secrets.ts';
import { sessionDays } from '../access/sessions.ts';
import { zoneNamed } from '../audit/zones.ts';
import { deviceMark, type ProvenUser } from '../directory/credentials.ts';
import { sessionActs } from '../trail/session-acts.ts';
import { actorOf } from '../trail/trail.ts';
import type { Caller } from './callers.ts';
import { deviceCookie, dropCookie, readCookie, sessionCookie, setCookie } from './cookies.ts';
import { failures } from './errors.ts';
import { sessionOf } from './guard.ts';
import { readFields, textField } from './json-fields.ts';
import { sendJson, sendNothing } from './reply.ts';
import type { Call, OpenRoute, SessionCall, SessionRoute } from './route.ts';
import { refuseOtherPage } from './same-origin.ts';
import { Id, NamedId, nullable, Time } from './schemas.ts';

const path = '/api/v1/session';
/** Characters. No address is longer; of a password, what is over it is over every limit of ours. */
const maxEmailLength = 320;
const maxPasswordLength = 1_024;
const deviceDays = 180;

export const SessionBody = Type.Object({
  user: Type.Object({
    id: Id,
    full_name: Type.String(),
    first_name: nullable(Type.String()),
    last_name: Type.String(),
    email: nullable(Type.String({ format: 'email' })),
    time_zone: Type.String({ description: "The user's own, or the organisation's." }),
    role: nullable(NamedId),
    profile: nullable(NamedId),
  }),
  organisation: Type.Object({ id: Id, zgid: Id, company_name: Type.String(), time_zone: Type.String() }),
  may: Type.Object({
    administer: Type.Boolean({ description: 'Manage people, clients, modules and settings.' }),
    see_everything: Type.Boolean({ description: "Everyone's entries, not only those of one's own people." }),
    use_audit_log: Type.Boolean(),
  }),
  password_is_one_time: Type.Boolean({
    description: 'True: nothing but the session can be used until the user has chosen a password.',
  }),
  expires_at: Time,
});
const answers = {
  200: { description: 'Who is logged in, and what they may do.', content: { 'application/json': SessionBody } },
} as const;
const withCookie = {
  200: { ...answers[200], description: 'Logged in. The session is in the cookie that is set.' },
} as const;

export const logIn: OpenRoute = {
  method: 'POST',
  path,
  operationId: 'logIn',
  tag: 'Session',
  summary: 'Log in',
  description:
    'By e-mail address and password. Whichever of the two is wrong, the answer is the same. Ends the session that the ' +
    'browser had before.',
  body: {
    description: 'Who wants in.',
    required: true,
    content: { 'application/json': Type.Object({ email: Type.String(), password: Type.String() }) },
  },
  answers: withCookie,
  errors: [
    'INVALID_DATA',
    'MANDATORY_NOT_FOUND',
    'INVALID_CREDENTIALS',
    'CROSS_SITE_REQUEST',
    'TOO_MANY_REQUESTS',
    'SERVICE_UNAVAILABLE',
  ],
  scopes: null,
  async handle(call) {
    refuseOtherPage(call);
    const fields = await readFields(call);
    const email = textField(fields, 'email', maxEmailLength);
    const password = textField(fields, 'password', maxPasswordLength);
    const { access, directory } = call.parts;
    const mark = readCookie(call, deviceCookie);
    const device = mark !== null && (await directory.isDeviceOf(email, mark)) ? mark : null;
    const counted = call.logIns.begin({ account: email.trim().toLowerCase(), address: call.request.ip, device });
    const proven = await directory.proveUser(email, password).catch((error: unknown) => {
      counted.wasNone();
      throw error;
    });
    if (proven === null) {
      tellFailed(call, email);
      throw failures.credentials();
    }
    counted.wasRight();
    await tellSignIn(call, proven);
    const before = readCookie(call, sessionCookie);
    if (before !== null) await access.endSession(hashSecret(before));
    await sendNewSession(call, proven, device);
  },
};

export const readSession: SessionRoute = {
  method: 'GET',
  path,
  operationId: 'readSession',
  tag: 'Session',
  summary: 'Who am I?',
  answers,
  errors: [],
  scopes: 'session',
  allowsOneTimePassword: true,
  async handle(call) {
    sendSession(call, call);
  },
};

export const logOut: OpenRoute = {
  method: 'DELETE',
  path,
  operationId: 'logOut',
  tag: 'Session',
  summary: 'Log out',
  description: 'Ends the session of the cookie. Without one there is nothing to do, and that is no error.',
  answers: { 204: { description: 'Nobody is logged in.' } },
  errors: ['CROSS_SITE_REQUEST', 'SERVICE_UNAVAILABLE'],
  scopes: null,
  async handle(call) {
    refuseOtherPage(call);
    await endOwnSession(call);
    dropCookie(call, sessionCookie);
    sendNothing(call.reply);
  },
};

export const changePassword: SessionRoute = {
  method: 'PUT',
  path: `${path}/password`,
  operationId: 'changePassword',
  tag: 'Session',
  summary: 'Choose a password',
  description:
    "12 to 200 characters, neither the e-mail address nor the old one. Ends all of the user's sessions and begins a new one; " +
    'tokens stay.',
  body: {
    description: 'The password as it is, and as it is to be.',
    required: true,
    content: { 'application/json': Type.Object({ current_password: Type.String(), new_password: Type.String() }) },
  },
  answers: withCookie,
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND', 'TOO_MANY_REQUESTS'],
  scopes: 'session',
  allowsOneTimePassword: true,
  async handle(call) {
    const fields = await readFields(call);
    const current = textField(fields, 'current_password', maxPasswordLength);
    const next = textField(fields, 'new_password', maxPasswordLength);
    const { parts, identity, viewer, request } = call;
    const { org, userId } = identity;
    // Whoever has found a session open must not find out the password by it.
    const account = `session of ${userId}`;
    const counted = call.logIns.begin({ account, address: request.ip, device: account });
    const proven = await parts.directory.changePassword({ org, userId, current, next });
    counted.wasRight();
    const act = sessionActs.passwordChanged(viewer.user, request.ip);
    await parts.trail.tellDone(viewer.organisation, actorOf(viewer), act);
    await sendNewSession(call, proven, null);
  },
};

async function endOwnSession(call: Call): Promise<void> {
  const caller = await sessionOf(call);
  if (caller === null) return;
  const { parts, request } = call;
  const { viewer, session } = caller;
  await parts.access.endSession(session.hash);
  await parts.trail.tellDone(viewer.organisation, actorOf(viewer), sessionActs.signedOut(viewer.user, request.ip));
}

/** Told before there is a session: nobody gets in unseen. Throws SERVICE_UNAVAILABLE. */
async function tellSignIn({ parts, request }: Call, { org, userId }: ProvenUser): Promise<void> {
  const viewer = await parts.directory.viewer(org, userId);
  if (viewer === null) throw failures.credentials();
  await parts.trail.tell(viewer.organisation, actorOf(viewer), sessionActs.signedIn(viewer.user, request.ip));
}

/** Once the answer is out, so that its time does not tell whether there is such an account. */
function tellFailed({ parts, request, reply }: Call, email: string): void {
  const { directory, trail, log } = parts;
  const tell = async (): Promise<void> => {
    const user = await directory.userByEmail(email);
    const organisation = user && (await directory.organisation(user.org));
    if (user === null || organisation === null) return;
    await trail.tellDone(organisation, actorOf({ user }), sessionActs.signInFailed(user, request.ip));
  };
  reply.raw.once('close', () => {
    tell().catch((err: unknown) => log.error({ requestId: request.id, err }, 'a failed sign-in was not recorded'));
  });
}

/** A session that is new whatever the browser had: one that somebody else has put there must not become this user's. */
async function sendNewSession(call: Call, proven: ProvenUser, device: string | null): Promise<void> {
  const secret = await call.parts.access.makeSession(proven);
  const caller = secret === null ? null : await call.callers.findSession(secret);
  // Deactivated, or given another password, within the moment that it took to look at this one.
  if (secret === null || caller?.session == null) throw failures.credentials();
  setCookie(call, sessionCookie, secret, sessionDays * 86_400);
  setCookie(call, deviceCookie, device ?? deviceMark(proven), deviceDays * 86_400);
  sendSession(call, { ...caller, session: caller.session });
}

function sendSession(call: Call, { viewer, session }: Caller & Pick<SessionCall, 'session'>): void {
  const { user, organisation } = viewer;
  call.reply.header('cache-control', 'no-store');
  sendJson(call.reply, {
    user: {
      id: user.id,
      full_name: user.fullName,
      first_name: user.firstName,
      last_name: user.lastName,
      email: user.email,
      time_zone: user.timeZone ?? organisation.timeZone,
      role: user.role,
      profile: user.profile,
    },
    organisation: {
      id: organisation.id,
      zgid: organisation.zgid,
      company_name: organisation.companyName,
      time_zone: organisation.timeZone,
    },
    may: {
      administer: viewer.isAdministrator,
      see_everything: viewer.isAdministrator || viewer.isCeo,
      use_audit_log: viewer.mayUseAuditLog,
    },
    password_is_one_time: session.passwordIsOneTime,
    expires_at: zoneNamed(organisation.timeZone).format(Math.floor(session.expiresAt / 1_000)),
  });
}
