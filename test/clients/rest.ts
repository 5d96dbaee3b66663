/** The API as plain JSON over `fetch`: what the SDKs' results are compared with. */
import { createHash } from 'node:crypto';
import { accessToken, type Server } from './annals.ts';

export const allScopes =
  'ZohoCRM.settings.ALL,ZohoCRM.users.ALL,ZohoCRM.org.ALL,ZohoFiles.files.ALL,Annals.entries.CREATE,Annals.entries.READ';

export interface Job {
  readonly id: string;
  readonly status: string;
  readonly download_links: readonly string[];
  readonly entries: number | null;
}

export interface Entry {
  readonly action: string;
  readonly done_by: { readonly id: string; readonly name: string };
  readonly module: { readonly api_name: string };
}

export interface Download {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export class Rest {
  readonly #server: Server;
  readonly token: string;

  private constructor(server: Server, token: string) {
    this.#server = server;
    this.token = token;
  }

  static with(server: Server, token: string): Rest {
    return new Rest(server, token);
  }

  static async as(server: Server, user?: string): Promise<Rest> {
    return new Rest(server, await accessToken(server.folder, allScopes, user));
  }

  /** Throws, with the answer's text, when the status is not 200. */
  async json(path: string, body?: string, type = 'application/json'): Promise<unknown> {
    const response = await this.#send(path, body, type);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Schedules an export, waits for its end, and tells of it. Without criteria it has no body. */
  async export(criteria?: object): Promise<Job> {
    const path = '/crm/v8/settings/audit_log_export';
    const body = criteria === undefined ? '' : JSON.stringify({ audit_log_export: [{ criteria }] });
    const answer = (await this.json(path, body)) as { audit_log_export: [{ details: { id: string } }] };
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
      const job = await this.job(answer.audit_log_export[0].details.id);
      if (job.status === 'finished') return job;
      if (job.status === 'failed') throw new Error(`export ${job.id} failed`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('the export is not finished after two minutes');
  }

  async job(id: string): Promise<Job> {
    const answer = (await this.json(`/crm/v8/settings/audit_log_export/${id}`)) as { audit_log_export: [Job] };
    return answer.audit_log_export[0];
  }

  async download(link: string): Promise<Download> {
    const response = await this.#send(link, undefined, '');
    if (response.status !== 200) throw new Error(`${link} answered ${response.status}`);
    const bytes = await response.bytes();
    return { name: link.split('/').at(-1) ?? '', bytes, sha256: sha256(bytes) };
  }

  async newestEntries(count: number): Promise<readonly Entry[]> {
    const answer = (await this.json(`/api/v1/entries?per_page=${count}`)) as { entries: Entry[] };
    return answer.entries;
  }

  #send(path: string, body: string | undefined, type: string): Promise<Response> {
    return fetch(new URL(path, this.#server.origin), {
      headers: { authorization: `Zoho-oauthtoken ${this.token}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { method: 'POST', body }),
    });
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** How many lines a CSV has, each of which ends with CRLF; right where no cell holds one. */
export function lineCount(bytes: Uint8Array): number {
  return Buffer.from(bytes).toString('latin1').split('\r\n').length - 1;
}
