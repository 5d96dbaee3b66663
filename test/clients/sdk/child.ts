/**
 * An application of an official SDK, in a process of its own, since the SDKs keep their tokens in globals. Carries out
 * the calls that a test sends, and tells which of the SDK's objects came back.
 */
import { join } from 'node:path';
import type { Sdk, SdkOperations, SdkResponse } from './classes.ts';
import type { Credentials, SdkAnswer, SdkCall, SdkReply, SdkSetup } from './protocol.ts';
import { buildBody } from './requests.ts';
import { view } from './views.ts';

const setup = JSON.parse(process.argv[2] ?? '') as SdkSetup; // the test is the only one that starts this file
// Loaded by a name that only the installed folder knows: `tsc` must pass without the SDKs.
const name: string = `@zohocrm/${setup.sdk}`;
const sdk: Sdk = await import(name);

const ready = initialise();
ready.catch(() => {}); // told to whoever calls first
process.on('message', (call: SdkCall) => {
  void carryOut(call)
    .then((answer): SdkReply => ({ answer }))
    .catch((error: unknown): SdkReply => ({ thrown: wordsOf(error) }))
    .then((reply) => process.send?.(reply));
});

async function initialise(): Promise<void> {
  const { origin, folder, credentials } = setup;
  const environment = sdk.DataCenter.setEnvironment(origin, `${origin}/oauth/v2/token`, origin);
  const builder = await new sdk.InitializeBuilder();
  await builder
    .environment(environment)
    .token(tokenOf(credentials))
    .store(new sdk.FileStore(join(folder, 'tokens.txt')))
    .resourcePath(folder)
    .initialize();
}

function tokenOf(credentials: Credentials): unknown {
  const builder = new sdk.OAuthBuilder();
  if ('accessToken' in credentials) return builder.accessToken(credentials.accessToken).build();
  builder.clientId(credentials.clientId).clientSecret(credentials.clientSecret);
  if ('refreshToken' in credentials) return builder.refreshToken(credentials.refreshToken).build();
  return builder.grantToken(credentials.grantCode).redirectURL(credentials.redirectUri).build();
}

async function carryOut(call: SdkCall): Promise<SdkAnswer> {
  await ready;
  const response = await send(new sdk.AuditLogExport.AuditLogExportOperations(), call);
  // Two of the SDKs hand out a promise for a download.
  const object: unknown = await response.getObject();
  return { httpStatus: response.getStatusCode(), object: view(sdk, object) };
}

async function send(operations: SdkOperations, call: SdkCall): Promise<SdkResponse> {
  switch (call.method) {
    case 'create':
      return operations.createAuditlogExport(await buildBody(sdk, call.exports));
    case 'list':
      return operations.getExportedAuditlogs();
    case 'get':
      return operations.getExportedAuditlog(BigInt(call.id));
    case 'download':
      return operations.downloadExportAuditLogResult(call.link);
    default:
      throw new Error(`unknown call ${call satisfies never}`);
  }
}

/** An SDK's exception has its text in fields of its own, and what caused it in another. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  const fields = Object.entries(error).map(([key, value]) => `${key}=${value instanceof Error ? value.stack : value}`);
  return [error.name, error.message, ...fields].join(' | ');
}
