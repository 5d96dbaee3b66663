import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Failure } from '../audit/failure.ts';
import { ConfigError } from '../config.ts';
import { addClient } from './client.ts';
import { addCode } from './code.ts';
import { addExport } from './export.ts';
import { addGenerate } from './generate.ts';
import { addImport } from './import.ts';
import { addInit } from './init.ts';
import { addJobs } from './jobs.ts';
import { addOrg } from './org.ts';
import { addRole } from './role.ts';
import { addServe } from './serve.ts';
import type { Terminal } from './terminal.ts';
import { addToken } from './token.ts';
import { UsageError } from './usage-error.ts';
import { addUser } from './user.ts';
import { addVerify } from './verify.ts';

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Runs one command line and answers its exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await programOf(terminal).parseAsync([...args], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return report(error, terminal);
  }
}

export function programOf(terminal: Terminal): Command {
  const program = new Command('annals')
    .description("An audit log that keeps who did what, and exports it as Zoho CRM's API does.")
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(--help tells how it is called)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 not called as it can be. annals COMMAND --help tells more.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });
  const commands = [addInit, addServe, addImport, addGenerate, addToken, addCode, addExport, addJobs, addVerify];
  for (const add of [...commands, addOrg, addUser, addRole, addClient]) add(program, terminal);
  return program;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json has no version');
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (terminal.interrupted.aborted) {
    terminal.stderr.write('annals: interrupted\n');
    return exitCodes.interrupted;
  }
  terminal.stderr.write(`annals: ${explanation(error)}\n`);
  return error instanceof UsageError || error instanceof ConfigError ? exitCodes.usage : exitCodes.failed;
}

function explanation(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected =
    error instanceof Failure || error instanceof UsageError || error instanceof ConfigError || isFromSystem(error);
  // What nobody foresaw is a bug, and its report needs the stack.
  return isExpected ? error.message : (error.stack ?? error.message);
}

/** The system's own refusals (a full disk, a port in use) and those that a part has put into words. */
function isFromSystem(error: Error): boolean {
  return error.name === 'FolderInUse' || ('code' in error && /^E[A-Z0-9]+$/.test(String(error.code)));
}
