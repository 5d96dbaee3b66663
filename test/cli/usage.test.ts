import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { byteSize } from '../../src/cli/options.ts';
import { programOf } from '../../src/cli/program.ts';
import { openConsole } from './console.ts';

const root = new URL('../../', import.meta.url);

suite('the command line', () => {
  test('prints its version', async () => {
    await using console = await openConsole();
    const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
    assert.deepEqual(await console.run(['--version']), { exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  test('explains every command, with an example', async () => {
    await using console = await openConsole();
    const paths = [];
    const program = programOf({
      env: {},
      stdin: empty(),
      stdout: process.stdout,
      stderr: process.stderr,
      interrupted: never,
    });
    for (const command of program.commands) {
      if (command.commands.length === 0) paths.push([command.name()]);
      for (const below of command.commands) paths.push([command.name(), below.name()]);
    }
    assert.ok(paths.length >= 12);
    for (const path of paths) {
      const { exitCode, stdout } = await console.run([...path, '--help']);
      assert.equal(exitCode, 0);
      assert.match(stdout, /Usage: annals /, path.join(' '));
      assert.match(stdout, new RegExp(`Examples?:[^]*annals ${path.join(' ')}`), path.join(' '));
    }
  });

  test('reads sizes with a unit and in plain bytes, and shows them with a unit', async () => {
    const sizes = ['20G', '500MiB', '1k', '21474836480', '1'];
    assert.deepEqual(sizes.map(byteSize), [20 * 2 ** 30, 500 * 2 ** 20, 1024, 20 * 2 ** 30, 1]);
    await using console = await openConsole();
    assert.match((await console.run(['import', '--help'])).stdout, /--max-unpacked[\s\S]*default: 20G\)/);
  });

  const wrong = [
    [],
    ['nonsense'],
    ['generate'],
    ['generate', '--entries', 'many'],
    ['generate', '--entries', '5', '--nonsense'],
    ['export', '-o', 'file.txt'],
    ['export', '-o', '.csv'],
    ['export', '-o', 'folder/'],
    ['export', '-o', '-', '--json'],
    ['import'],
    ['import', 'x.csv', '--time-zone', 'Nowhere/Land'],
    ['import', 'x.csv', 'x.csv'],
    ['import', 'x.zip', '--max-unpacked', 'much'],
    ['import', 'x.zip', '--max-unpacked', '0'],
    ['import', 'x.zip', '--max-unpacked', '999999999999999T'],
    ['init', '--hierarchy', 'none'],
    ['serve', '--port', '99999'],
  ];
  for (const args of wrong) {
    test(`answers "annals ${args.join(' ')}" with exit code 2 and a reason, and does nothing`, async () => {
      await using console = await openConsole();
      const { exitCode, stdout, stderr } = await console.run(args);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.notEqual(stderr, '');
    });
  }

  test('refuses a setting that nobody knows, without repeating its value', async () => {
    await using console = await openConsole();
    const { exitCode, stderr } = await console.run(['init'], { env: { ANNALS_SECRET_THING: 'hush' } });
    assert.equal(exitCode, 2);
    assert.match(stderr, /ANNALS_SECRET_THING/);
    assert.doesNotMatch(stderr, /hush/);
  });

  test('tells how to begin when there is no data folder', async () => {
    await using console = await openConsole();
    for (const args of [['jobs'], ['serve'], ['generate', '--entries', '1'], ['token', '--scope', 'a.b']]) {
      const { exitCode, stderr } = await console.run(args);
      assert.equal(exitCode, 1);
      assert.match(stderr, /annals init --data /);
    }
  });
});

const never = new AbortController().signal;

async function* empty(): AsyncGenerator<Uint8Array> {}
