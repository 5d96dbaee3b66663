/** Export jobs, as a client runs them. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from './annals.ts';
import { type Answer, Connection, requestBytes } from './connection.ts';
import { patienceMs } from './plan.ts';
import { criteriaOf, type Selection } from './selection.ts';

export const exportPath = '/crm/v8/settings/audit_log_export';
/** The pause between an answer and the next question. A real client waits longer, and would measure its own patience. */
const pollPauseMs = 5;

export interface Finished {
  readonly id: string;
  /** From sending the request until an answer said `finished`. */
  readonly seconds: number;
  readonly entries: number;
  /** Paths of the files, without the origin. */
  readonly files: readonly string[];
}

/** Creates an export (null: of the last three years), and polls until it is finished. */
export async function runJob(
  server: Server,
  selection: Selection | null,
  token: string = server.token,
): Promise<Finished> {
  using connection = await Connection.open(server.url);
  const startedAt = performance.now();
  const created = await connection.request(requestBytes(creation(token, selection)));
  const id = ok(created).audit_log_export[0].details?.id;
  if (id === undefined) throw new Error(`no job was made: ${created.body}`);
  const question = requestBytes({ method: 'GET', path: `${exportPath}/${id}`, token });
  while (performance.now() - startedAt < patienceMs) {
    const answer = await connection.request(question);
    const { status, entries, download_links: links } = ok(answer).audit_log_export[0];
    if (status === 'finished' && entries !== undefined && links !== undefined) {
      const seconds = (performance.now() - startedAt) / 1000;
      return { id, seconds, entries, files: links.map((link) => new URL(link).pathname) };
    }
    if (status === 'failed') throw new Error(`job ${id} failed`);
    await wait(pollPauseMs);
  }
  throw new Error(`job ${id} is not finished after ${patienceMs / 1000} s`);
}

function creation(token: string, selection: Selection | null) {
  const request = { method: 'POST', path: exportPath, token } as const;
  if (selection === null) return request;
  return { ...request, body: JSON.stringify({ audit_log_export: [{ criteria: criteriaOf(selection) }] }) };
}

interface JobAnswer {
  readonly audit_log_export: readonly [
    {
      readonly status: string;
      readonly details?: { readonly id: string };
      readonly entries?: number;
      readonly download_links?: readonly string[];
    },
  ];
}

function ok({ status, body }: Answer): JobAnswer {
  if (status !== 200) throw new Error(`HTTP ${status}: ${body}`);
  return JSON.parse(body) as JobAnswer; // the documented answer
}
