import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { OpenParts } from '../app.ts';
import type { OrgZone } from '../audit/time.ts';
import { type Job, listedJobs } from '../export/jobs.ts';
import { addressOf, type Links, makeLinks } from '../http/links.ts';
import { type ChosenOrganisation, chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { type OrgOptions, withJson, withOrg } from './options.ts';
import { tellToken } from './tell.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';

interface JobsFlags extends OrgOptions {
  readonly json?: true;
}

const downloadScope = 'ZohoFiles.files.READ';

export function addJobs(program: Command, terminal: Terminal): void {
  const command = program
    .command('jobs')
    .summary('list export jobs')
    .description(
      'Lists the newest 200 export jobs. For each file of a finished one it prints the curl line that downloads it, ready ' +
        `to paste: for that it makes an access token of the administrator, good for an hour and for downloads only (${downloadScope}).`,
    )
    .addHelpText(
      'after',
      `
Examples:
  annals jobs
  annals jobs --json`,
    )
    .action((flags: JobsFlags) => runJobs(terminal, flags));
  withJson(withOrg(command), 'the jobs');
}

async function runJobs(terminal: Terminal, flags: JobsFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const jobs = await parts.jobs.list(organisation.zgid, { createdBy: null }, listedJobs);
  const hasFiles = jobs.some((job) => filesOf(job, parts.clock()).length > 0);
  const token = hasFiles ? await downloadToken(parts, organisation) : '';
  const links = await linksOf(parts);
  const listed = jobs.map((job) => ({
    job,
    curl: filesOf(job, parts.clock()).map((name) => curlLine(links.download(job.org, job.id, name), name, token)),
  }));
  if (flags.json) {
    printJson(
      terminal,
      listed.map(({ job, curl }) => ({ ...jobOf(job, organisation.zone), curl })),
    );
    return;
  }
  if (jobs.length === 0) note(terminal, 'No export has been scheduled.');
  for (const { job, curl } of listed) {
    print(terminal, headline(job, organisation.zone));
    for (const line of curl) print(terminal, `  ${line}`);
  }
}

function filesOf(job: Job, now: number): readonly string[] {
  const isThere =
    job.status === 'finished' && job.resultKey !== null && (job.expiresAt === null || job.expiresAt > now);
  return isThere ? (job.files ?? []).map((file) => file.name) : [];
}

async function downloadToken(parts: OpenParts, organisation: ChosenOrganisation): Promise<string> {
  const user = await chosenUser(parts, organisation, undefined);
  const wanted = { org: organisation.zgid, userId: user.id, scopes: [downloadScope] };
  const { token } = await parts.access.makeAccessToken(wanted);
  await tellToken(parts, organisation, { kind: 'Access token', secret: token, user, scopes: wanted.scopes });
  return token;
}

/** As the source document has it, on one line, and with a file to write to. */
function curlLine(url: string, name: string, token: string): string {
  return `curl "${url}" -X GET -H "Authorization: Zoho-oauthtoken ${token}" -o "${name}"`;
}

/** Where the server is: as configured, else as the one that is running says, else where it would be. */
async function linksOf(parts: OpenParts): Promise<Links> {
  const { publicUrl, downloadUrl, port, dataDir } = parts.config;
  return makeLinks(publicUrl ?? (await runningUrl(dataDir)) ?? addressOf(parts.config, port), downloadUrl);
}

async function runningUrl(dataDir: string): Promise<string | null> {
  const { placesIn } = await import('../app.ts');
  try {
    const running: unknown = JSON.parse(await readFile(placesIn(dataDir).address, 'utf8'));
    const url = typeof running === 'object' && running !== null && 'url' in running ? running.url : null;
    return typeof url === 'string' ? url : null;
  } catch (error) {
    // No server runs, or it has just stopped: then the configured address is the best there is.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return null;
    throw error;
  }
}

/** Those of a failed job are as far as its last try had come, which is nothing that anybody has. */
function entriesOf(job: Job): number | null {
  return job.status === 'failed' ? null : job.entries;
}

function headline(job: Job, zone: OrgZone): string {
  const entries = entriesOf(job);
  const count = entries === null ? '' : `, ${entries} entries`;
  const failure = job.failure === null ? '' : `: ${job.failure}`;
  return `${job.id}  ${job.status}  ${timeText(job.createdAt, zone)}  by ${job.createdBy.name}${count}${failure}`;
}

function jobOf(job: Job, zone: OrgZone): object {
  return {
    id: job.id,
    status: job.status,
    created_by: job.createdBy,
    created_time: timeText(job.createdAt, zone),
    job_start_time: timeText(job.startedAt, zone),
    job_end_time: timeText(job.endedAt, zone),
    expiry_date: timeText(job.expiresAt, zone),
    criteria: job.criteria === null ? null : JSON.parse(job.criteria),
    entries: entriesOf(job),
    files: job.files?.map(({ name, bytes, sha256, entries }) => ({ name, bytes, sha256, entries })) ?? null,
    failure: job.failure,
  };
}

function timeText(ms: number | null, zone: OrgZone): string | null {
  return ms === null ? null : zone.format(Math.floor(ms / 1000));
}
