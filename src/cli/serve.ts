import { once } from 'node:events';
import type { Command } from 'commander';
import { loadConfig, type SettingName, settings } from '../config.ts';
import { openInstallation } from './installation.ts';
import { note, print, type Terminal } from './terminal.ts';

type ServeFlags = Readonly<Record<string, string | undefined>>;

/** The settings that have a flag, and what commander calls the flag's value. */
const flags = settings.flatMap((setting) =>
  setting.flag === undefined
    ? []
    : [
        {
          ...setting,
          flag: setting.flag,
          key: setting.flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
        },
      ],
);

export function addServe(program: Command, terminal: Terminal): void {
  const command = program
    .command('serve')
    .summary('run the server')
    .description(
      'Runs the server in the foreground, and prints its address once it answers. Ctrl-C, or SIGTERM, stops it in order; a ' +
        'second one at once. A folder has one server at a time; the other commands work beside it.',
    )
    .addHelpText(
      'after',
      `
Every setting can also come from the environment:
${settings.map(({ name, meaning }) => `  ${name.padEnd(31)}${meaning}`).join('\n')}

Examples:
  annals serve --data /srv/annals --port 8080
  annals serve --host 0.0.0.0 --public-url https://audit.example.com --tls-cert cert.pem --tls-key key.pem`,
    )
    .action((given: ServeFlags) => runServe(terminal, given));
  for (const { flag, meaning, default: value } of flags) {
    command.option(`${flag} <value>`, value === '' ? meaning : `${meaning} Default: ${value}`);
  }
}

async function runServe(terminal: Terminal, given: ServeFlags): Promise<void> {
  const values: Partial<Record<SettingName, string>> = {};
  for (const { name, key } of flags) {
    const value = given[key];
    if (value !== undefined) values[name as SettingName] = value; // `settings` lists no other names
  }
  const config = loadConfig(terminal.env, values);
  // Without an organisation nobody could use it: better said now than by a refused request.
  await (await openInstallation(terminal, { data: config.dataDir }))[Symbol.asyncDispose]();
  const { startServer } = await import('../app.ts');
  const server = await startServer(config);
  print(terminal, `Annals answers at ${server.url}`);
  if (!terminal.interrupted.aborted) await once(terminal.interrupted, 'abort');
  note(terminal, 'Stopping …');
  await server.stop();
}
