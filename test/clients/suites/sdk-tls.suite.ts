/** The official SDKs against a server that speaks TLS itself, with a certificate that only this test trusts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFolder, serve } from '../annals.ts';
import { temporaryFolder } from '../folders.ts';
import { run } from '../programs.ts';
import { SdkClient } from '../sdk/client.ts';
import { sdkNames } from '../sdk/protocol.ts';

test('the SDKs export and download over TLS', async () => {
  await using scratch = await temporaryFolder('tls');
  const { certificate, key } = await selfSigned(scratch.path);
  await using folder = await dataFolder(500);
  await using server = await serve(folder, { args: ['--tls-cert', certificate, '--tls-key', key] });
  assert.match(server.origin, /^https:/);

  const { client: oauth, refresh_token: refreshToken } = folder.initialised;
  for (const sdk of sdkNames) {
    const credentials = { clientId: oauth.id, clientSecret: oauth.secret, refreshToken };
    const setup = { sdk, origin: server.origin, folder: join(scratch.path, sdk), credentials };
    await using client = await SdkClient.start(setup, { NODE_EXTRA_CA_CERTS: certificate });
    const job = await client.finished(await client.schedule(null));
    const link = job.downloadLinks[0] ?? '';
    assert(link.startsWith(`${server.origin}/v2/crm/`), link);
    const file = await client.download(link);
    assert.equal(file.name, 'AuditLog.csv');
    assert.equal((await client.call({ method: 'get', id: '1' })).httpStatus, 404);
  }
});

async function selfSigned(folder: string): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const form = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await run('openssl', ['req', ...form, ...subject, '-keyout', key, '-out', certificate]);
  return { certificate, key };
}
