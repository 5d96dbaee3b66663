/** The README's commands, as a reader would type them: only the folder and the port are the test's own. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { projectRoot, serve } from '../annals.ts';
import { temporaryFolder } from '../folders.ts';
import { run } from '../programs.ts';

/** The shell blocks of one section, in their order. */
async function blocksOf(section: string): Promise<string[]> {
  const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`));
  assert.ok(text, `README.md has a section "${section}"`);
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
}

suite('the README', () => {
  test('leads from nothing to a scheduled export', async () => {
    await using data = await temporaryFolder('readme-data');
    const [set = '', ...beside] = await blocksOf('Use it');
    const [init = '', start = '', ...rest] = set.trim().split('\n');
    assert.deepEqual([start, rest], ['npx annals serve', []]);
    const inFolder = (script: string) =>
      run('bash', ['-euc', `cd '${projectRoot}'; export ANNALS_DATA='${data.path}/log'; ${script}`]);
    assert.match(await inFolder(init), /one-time password/i);
    const folder = {
      path: `${data.path}/log`,
      initialised: {
        org_id: '',
        admin: { email: '', password: '' },
        client: { id: '', secret: '' },
        refresh_token: '',
      },
    };
    await using server = await serve({ ...folder, [Symbol.asyncDispose]: async () => {} });
    const outputs: string[] = [];
    for (const block of beside) {
      const script = block
        .replaceAll('http://127.0.0.1:8080', server.origin)
        .replace('-o AuditLog.csv', `-o '${data.path}/AuditLog.csv'`);
      outputs.push(await inFolder(script));
    }
    assert.match(await readFile(join(data.path, 'AuditLog.csv'), 'utf8'), /^Done By,Action,/);
    const [, http = ''] = outputs;
    assert.match(http, /"accepted":1.*"code":"SCHEDULED".*"status":"(scheduled|progress|finished)"/s);
  });
});
