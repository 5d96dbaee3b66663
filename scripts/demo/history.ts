/** The history of a git checkout as entries: every file change of a commit is one. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

/** The wire form of an entry. */
export interface WireEntry {
  readonly id: string;
  readonly audited_time: string;
  readonly action: string;
  readonly done_by: { readonly name: string };
  readonly module: { readonly api_name: string };
  readonly record: { readonly name: string };
  readonly related_record: { readonly module: string; readonly name: string };
  readonly source: string;
}

const actions: Readonly<Record<string, string>> = { A: 'added', M: 'updated', T: 'updated', D: 'deleted' };
/** Names of people are public in a history; their addresses are nobody's business here. */
const address = /[^\s@]+@[^\s@]+\.[^\s@]+/;

export interface Period {
  /** Epoch seconds, both included. */
  readonly from: number;
  readonly to: number;
}

/**
 * The changes of a period, newest first. Nothing when the folder is no checkout, or git is not installed. Merges are left
 * out: they repeat what they merge.
 */
export async function* gitHistory(folder: string, period: Period): AsyncGenerator<WireEntry> {
  const format = '--format=tformat:%x01%H%x02%ct%x02%an%x02%s';
  const args = ['-C', folder, 'log', '-z', '--no-merges', '--no-renames', '--name-status', format];
  const git = spawn('git', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  git.on('error', () => {}); // git is missing: its output then ends at once
  let commit: Commit | null = null;
  let action = '';
  for await (const field of fieldsOf(git.stdout)) {
    if (action !== '') {
      const isInside = commit !== null && commit.time >= period.from && commit.time <= period.to;
      const entry = isInside ? entryOf(commit, action, field) : null;
      if (entry !== null) yield entry;
      action = '';
    } else if (field.startsWith('\x01')) {
      commit = commitOf(field);
    } else {
      action = actions[field.trim().charAt(0)] ?? '';
    }
  }
  if (git.exitCode === null && git.pid !== undefined) await once(git, 'exit');
}

interface Commit {
  readonly hash: string;
  readonly time: number;
  readonly author: string;
  readonly subject: string;
}

async function* fieldsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const fields = (rest + decoder.decode(chunk, { stream: true })).split('\0');
    rest = fields.pop() ?? '';
    yield* fields;
  }
}

function commitOf(field: string): Commit {
  const [hash = '', time = '0', author = '', subject = ''] = field.slice(1).split('\x02');
  return { hash, time: Number(time), author, subject };
}

function entryOf(commit: Commit | null, action: string, path: string): WireEntry | null {
  if (commit === null || address.test(`${commit.author} ${commit.subject} ${path}`)) return null;
  const cut = path.indexOf('/');
  return {
    id: idOf(`${commit.hash}\0${path}`),
    audited_time: new Date(commit.time * 1000).toISOString(),
    action,
    done_by: { name: commit.author || '(none)' },
    module: { api_name: cut === -1 ? '(root)' : path.slice(0, cut) },
    record: { name: `${path.slice(cut + 1)} ${commit.subject}` },
    related_record: { module: 'Commits', name: commit.hash.slice(0, 10) },
    source: 'git',
  };
}

function idOf(text: string): string {
  const digest = createHash('sha256').update(text).digest();
  return String(10n ** 17n + (digest.readBigUInt64BE() % (9n * 10n ** 17n)));
}
