/**
 * Runs the console in a real browser against a real server, doing what a person does. Names of suites as arguments run
 * only those. CONSOLE_ENTRIES sets another number of entries than 1,000,000, for a quick look.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../clients/annals.ts';
import { installTools } from '../clients/debian-tools.ts';
import { chosenSuites, runSuites } from '../clients/suite-runner.ts';
import { chromium } from './browser.ts';
import { groundFolder, handOn, settle, untilSealed } from './ground.ts';
import { measuresFile, outFolder } from './out.ts';

const usualEntries = 1_000_000;
const testMs = 120_000;

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const suites = chosenSuites(join(import.meta.dirname, 'suites'), names);
  installTools({ [chromium]: 'chromium fonts-dejavu-core fonts-liberation' });
  rmSync(outFolder, { recursive: true, force: true });
  mkdirSync(outFolder, { recursive: true });
  const entries = numberOfEntries();
  const startedAt = performance.now();
  await using folder = await groundFolder(entries);
  await using server = await serve(folder);
  const ground = await settle(server, entries);
  await untilSealed(folder.path);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(`The console on ${entries.toLocaleString('en')} entries, made and sealed in ${seconds} s: ${ground.origin}`);
  const status = await runSuites(suites, { env: handOn(ground), timeoutMs: testMs });
  report();
  return status;
}

function numberOfEntries(): number {
  const given = process.env.CONSOLE_ENTRIES;
  if (given === undefined) return usualEntries;
  const entries = Number(given);
  if (!Number.isSafeInteger(entries) || entries < 1000) throw new Error('CONSOLE_ENTRIES is a number from 1000');
  return entries;
}

/** What was measured, last, where it is found. */
function report(): void {
  try {
    print(`\n${readFileSync(measuresFile, 'utf8').trimEnd()}`);
  } catch {
    // The suites that were chosen measure nothing.
  }
  print(`Screenshots: ${outFolder}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
