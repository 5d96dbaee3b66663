import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { failureCodes } from '../src/audit/failure.ts';
import { statusOf } from '../src/http/errors.ts';

const root = join(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

suite('the documents', () => {
  test('list every error code under its status, and no other', () => {
    const rows = [...read('docs/api.md').matchAll(/^\| (\d{3}) \| ([A-Z_, ]+) \|$/gm)];
    const listed = rows.flatMap(([, status, codes = '']) => codes.split(', ').map((code) => `${status} ${code}`));
    assert.deepEqual(listed.sort(), failureCodes.map((code) => `${statusOf[code]} ${code}`).sort());
  });

  test('link to files that are there', () => {
    for (const name of documents.filter((each) => each.endsWith('.md'))) {
      for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        assert.ok(existsSync(join(root, dirname(name), target)), `${name} -> ${target}`);
      }
    }
  });

  test('name commands that there are', () => {
    const scripts = JSON.parse(read('package.json')).scripts;
    for (const name of documents) {
      for (const [, script = ''] of read(name).matchAll(/npm run ([a-z:]+)/g))
        assert.ok(script in scripts, `${name}: ${script}`);
    }
  });
});
