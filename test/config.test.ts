import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { ConfigError, loadConfig, settings } from '../src/config.ts';

suite('settings', () => {
  test('have defaults, and flags win over the environment', () => {
    const config = loadConfig({ ANNALS_PORT: '1000', ANNALS_HOST: '::1' }, { ANNALS_PORT: '2000' });
    assert.equal(config.port, 2000);
    assert.equal(config.host, '::1');
    assert.equal(config.workers, 2);
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.limits));
  });

  test('that are bad are all named in one error, without their values', () => {
    const env = {
      ANNALS_PORT: '80x',
      ANNALS_WORKERS: '-1',
      ANNALS_RESULT_DAYS: '',
      ANNALS_PUBLIC_URL: 'https://user:hunter2@x/',
      ANNALS_DOWNLOAD_URL: 'ftp://x',
      ANNALS_TLS_CERT: '/nowhere/a.pem',
      ANNALS_TRUSTED_PROXIES: '10.0.0.0/8, proxy.example.com',
      ANNALS_LOG_LEVEL: 'loud',
      ANNALS_NONSENSE: '1',
      ANNALS_HOST: '',
      PORT: 'of no interest',
    };
    assert.throws(
      () => loadConfig(env),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        const named = [
          'ANNALS_PORT',
          'ANNALS_WORKERS',
          'ANNALS_RESULT_DAYS',
          'ANNALS_PUBLIC_URL',
          'ANNALS_DOWNLOAD_URL',
          'ANNALS_TLS_KEY',
          'ANNALS_TLS_CERT',
          'ANNALS_TRUSTED_PROXIES',
          'ANNALS_LOG_LEVEL',
          'ANNALS_NONSENSE',
          'ANNALS_HOST',
        ];
        for (const name of named) assert.ok(error.message.includes(name), name);
        assert.equal(error.message.split('\n').length, named.length);
        assert.doesNotMatch(error.message, /hunter2|80x|loud/);
        return true;
      },
    );
  });

  test('of an origin lose their trailing slash and keep their port', () => {
    assert.equal(
      loadConfig({ ANNALS_PUBLIC_URL: 'https://Audit.Example.com:8443/' }).publicUrl,
      'https://audit.example.com:8443',
    );
  });

  test('are each used by a test', () => {
    const root = import.meta.dirname;
    const own = basename(import.meta.filename);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.test.ts') && !name.includes('node_modules') && name !== own,
    );
    const text = files.map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
    const withTls = readFileSync(join(root, 'clients/suites/sdk-tls.suite.ts'), 'utf8');
    const exceptions = new Map([
      // By their flags.
      ['ANNALS_DATA', { where: text, what: "'--data'" }],
      ['ANNALS_PORT', { where: text, what: "'--port'" }],
      // A certificate takes openssl to make, which a machine may not have: with the tests of the clients.
      ['ANNALS_TLS_CERT', { where: withTls, what: "'--tls-cert'" }],
      ['ANNALS_TLS_KEY', { where: withTls, what: "'--tls-key'" }],
    ]);
    const unused = settings.filter(({ name }) => {
      const { where, what } = exceptions.get(name) ?? { where: text, what: name };
      return !where.includes(what);
    });
    assert.deepEqual(
      unused.map(({ name }) => name),
      [],
    );
  });

  test('are all in the documents, with their defaults, and no other is', () => {
    const text = readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `(ANNALS_\w+)` \| (?:`([^`]*)`)? ?\| (.*?) \|/gm)];
    const documented = rows.map(([, name, value = '']) => `${name}=${value}`).sort();
    assert.deepEqual(documented, settings.map((setting) => `${setting.name}=${setting.default}`).sort());
  });
});
