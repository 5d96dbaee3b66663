/**
 * The main job, once, on real input: a fresh data folder, a server on a free port, this repository's own history and
 * 250,000 generated entries, an export of each kind through HTTP, and a check of what was downloaded.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import { type Checked, checkCsv, checkZip, sha256Of } from './demo/checks.ts';
import { gitHistory } from './demo/history.ts';
import { command, type Server, startServer } from './demo/server.ts';

const root = join(import.meta.dirname, '..');
const output = join(root, 'demo-output');
const dataDir = join(output, 'data');
const generatedEntries = 250_000;
/** The export of the CSV, and its download: the log tells of both before the ZIP is asked for. */
const toldBefore = 2;
/** An export without criteria reaches back three years; what is older would be missing in it, and rightly so. */
const historyDays = 1000;

interface Installation {
  readonly org_id: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly refresh_token: string;
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly entries: number | null;
  readonly download_links: readonly string[];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function step<Result>(
  what: string,
  work: () => Promise<Result>,
  outcome: (result: Result) => string,
): Promise<Result> {
  const startedAt = performance.now();
  const result = await work();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`${`${seconds} s`.padStart(7)}  ${what}: ${outcome(result)}`);
  return result;
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  say('Annals: record, export, poll, download\n');
  const made = await step('A fresh data folder', init, ({ org_id }) => `organisation ${org_id}`);
  await using server = await step(
    'A server on a free port',
    () => startServer(dataDir),
    ({ url }) => url,
  );
  const token = await accessToken(server, made);
  const loaded = await step(
    'This repository’s history, as NDJSON over HTTP',
    () => loadHistory(server, token),
    (count) =>
      count === 0 ? 'none here (not a git checkout)' : `${count} entries, one for every file change of a commit`,
  );
  await step('Generated entries', generate, () => `${generatedEntries} more`);
  const leads = { field: { api_name: 'module' }, comparator: 'equal', value: { api_name: 'Leads' } };
  const csv = await exportOne({ server, token, file: 'AuditLog.csv', criteria: leads, check: checkCsv });
  const zip = await exportOne({ server, token, file: 'AuditLog.zip', criteria: null, check: checkZip });
  if (csv.checked.entries < generatedEntries / 4) {
    throw new Error(`the CSV holds ${csv.checked.entries} entries: about a third of all are of this module`);
  }
  const expected = loaded + generatedEntries + toldBefore;
  if (zip.checked.entries !== expected) {
    throw new Error(`the ZIP holds ${zip.checked.entries} entries, not ${expected}`);
  }
  await step(
    'The same export from the command line',
    () => compareWithCommand(csv.path),
    () => 'the same bytes',
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`\nAll checks passed in ${seconds} s. The files: ${relative(root, csv.path)} and ${relative(root, zip.path)}`);
  const port = new URL(server.url).port;
  say('\nTo download again, start the server in another terminal:');
  say(`  npx annals serve --data ${relative(root, dataDir)} --port ${port}`);
  say('and within the hour (later: npx annals jobs --data demo-output/data prints the line with a new token):');
  say(`  curl "${zip.link}" -X GET -H "Authorization: Zoho-oauthtoken ${token}" -o AuditLog.zip`);
}

async function init(): Promise<Installation> {
  const args = ['init', '--data', dataDir, '--name', 'Demo', '--json'];
  return JSON.parse(await command(args)) as Installation; // the documented answer
}

async function generate(): Promise<void> {
  await command(['generate', '--data', dataDir, '--entries', String(generatedEntries), '--json']);
}

async function accessToken(server: Server, made: Installation): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: made.client.id,
    client_secret: made.client.secret,
    refresh_token: made.refresh_token,
  });
  const answer = await fetch(`${server.url}/oauth/v2/token`, { method: 'POST', body: form });
  const { access_token } = (await answer.json()) as { access_token?: string }; // checked in the next line
  if (!answer.ok || access_token === undefined) throw new Error(`no token: HTTP ${answer.status}`);
  return access_token;
}

async function request(url: string, token: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...init.headers, authorization: `Zoho-oauthtoken ${token}` };
  const answer = await fetch(url, { ...init, headers });
  if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${url}: HTTP ${answer.status} ${await answer.text()}`);
  return answer;
}

async function loadHistory(server: Server, token: string): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const period = { from: now - historyDays * 86_400, to: now };
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    for await (const entry of gitHistory(root, period)) yield Buffer.from(`${JSON.stringify(entry)}\n`);
  };
  const answer = await request(`${server.url}/api/v1/entries`, token, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(lines())) as ReadableStream, // the web's own type of the same thing
    duplex: 'half',
  } as RequestInit); // `duplex` is not in the type yet
  const { accepted, rejected } = (await answer.json()) as { accepted: number; rejected: readonly unknown[] };
  if (rejected.length > 0) throw new Error(`entries were rejected: ${JSON.stringify(rejected.slice(0, 3))}`);
  return accepted;
}

interface ExportWanted {
  readonly server: Server;
  readonly token: string;
  readonly file: string;
  readonly criteria: object | null;
  readonly check: (path: string) => Promise<Checked>;
}

interface Exported {
  readonly path: string;
  readonly link: string;
  readonly checked: Checked;
}

async function exportOne(wanted: ExportWanted): Promise<Exported> {
  const { server, token, file, check } = wanted;
  const path = join(output, file);
  const done = await step(
    `Export ${file}`,
    () => finishedJob(wanted),
    (job) => `${job.entries} entries, job ${job.id}`,
  );
  const link = done.download_links[0];
  if (done.download_links.length !== 1 || link === undefined || !link.endsWith(`/${file}`)) {
    throw new Error(`job ${done.id} should have one link, to ${file}: ${done.download_links.join(' ')}`);
  }
  if (new URL(link).origin !== server.url) throw new Error(`the link leads elsewhere: ${link}`);
  await step(
    `Download ${file}`,
    () => download(link, token, path),
    (bytes) => `${(bytes / 1e6).toFixed(1)} MB`,
  );
  const checked = await step(
    `Check ${file}`,
    () => check(path),
    ({ entries, files }) =>
      `header, order, ${files > 1 ? `${files} files with their CRC-32` : 'cells'} and ${entries} entries are right`,
  );
  if (checked.entries !== done.entries) {
    throw new Error(`${file} holds ${checked.entries} entries, the job says ${done.entries}`);
  }
  return { path, link, checked };
}

async function finishedJob({ server, token, file, criteria }: ExportWanted): Promise<Job> {
  const url = `${server.url}/crm/v8/settings/audit_log_export`;
  const body = criteria === null ? {} : { body: JSON.stringify({ audit_log_export: [{ criteria }] }) };
  const created = await (await request(url, token, { method: 'POST', ...body })).json();
  const { audit_log_export } = created as { audit_log_export: [{ details: { id: string } }] }; // the documented answer
  const id = audit_log_export[0].details.id;
  const bar = new cliProgress.SingleBar({
    format: `         ${file} {bar} {status} {value} entries`,
    clearOnComplete: true,
    hideCursor: true,
    noTTYOutput: false,
  });
  bar.start(generatedEntries, 0, { status: 'scheduled' });
  try {
    for (;;) {
      const job = await statusOf(`${url}/${id}`, token);
      bar.update(Math.min(job.entries ?? 0, generatedEntries), { status: job.status });
      if (job.status === 'finished') return job;
      if (job.status === 'failed') throw new Error(`the export of ${file} failed`);
      await wait(100);
    }
  } finally {
    bar.stop();
  }
}

async function statusOf(url: string, token: string): Promise<Job> {
  const { audit_log_export } = (await (await request(url, token)).json()) as { audit_log_export: [Job] };
  return audit_log_export[0];
}

/** Answers the size. The digest that the server sends along must be that of the file. */
async function download(link: string, token: string, path: string): Promise<number> {
  // As the file is, not in its gzip form, which fetch would unpack: then digest and length are those of the file.
  const answer = await request(link, token, { headers: { 'accept-encoding': 'identity' } });
  if (answer.body === null) throw new Error(`${link} has no content`);
  await pipeline(answer.body, createWriteStream(path));
  const digest = await sha256Of(path);
  if (answer.headers.get('repr-digest') !== `sha-256=:${digest}:`) throw new Error(`${link}: the digest is another`);
  return Number(answer.headers.get('content-length'));
}

async function compareWithCommand(csvPath: string): Promise<void> {
  const path = join(output, 'from-command.csv');
  await command(['export', '--data', dataDir, '--module', 'Leads', '-o', path]);
  if ((await sha256Of(path)) !== (await sha256Of(csvPath))) throw new Error('`annals export` wrote other bytes');
  await rm(path);
}

try {
  await main();
} catch (error) {
  process.stderr.write(
    `\nThe demo failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
