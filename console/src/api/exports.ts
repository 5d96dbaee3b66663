/** Exports, as `src/http/console-exports.ts` serves them. */
import { type Query, request } from './client.ts';
import type { NamedId, WireTime } from './types.ts';

/** What of the log an export holds. Null: everything. */
export interface ExportFilter {
  readonly from: WireTime | null;
  readonly to: WireTime | null;
  readonly actions: readonly string[] | null;
  readonly modules: readonly string[] | null;
  readonly done_by: readonly string[] | null;
  readonly words: string | null;
  readonly record_id: string | null;
}

export interface ExportFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly entries: number;
  /** Absolute; null once it has expired. */
  readonly link: string | null;
}

export interface Export {
  readonly id: string;
  readonly status: 'scheduled' | 'progress' | 'finished' | 'failed';
  readonly created_at: WireTime;
  readonly started_at: WireTime | null;
  readonly ended_at: WireTime | null;
  readonly expires_at: WireTime | null;
  readonly is_expired: boolean;
  readonly created_by: NamedId;
  /** Null: of an export by criteria. In lists it is left out where it is long. */
  readonly filter?: ExportFilter | null;
  readonly criteria_in_words: readonly string[];
  /** So far, or in all once it is finished; null of one that failed. */
  readonly entries: number | null;
  /** That there will be; null until they are counted. */
  readonly total_entries: number | null;
  readonly bytes: number | null;
  readonly files: readonly ExportFile[];
  readonly failure: { readonly reason: string; readonly advice: string } | null;
}

export interface ExportPage {
  readonly exports: readonly Export[];
  readonly info: { readonly more_records: boolean; readonly next_cursor: string | null };
}

export interface ExportPreview {
  readonly entries: number;
  readonly is_estimate: boolean;
  readonly format: 'csv' | 'zip';
  readonly files: readonly { readonly name: string; readonly entries: number }[];
  /** CSV files in all, in one ZIP or several; 1 for a plain CSV. */
  readonly members: number;
  readonly criteria_in_words: readonly string[];
}

const path = '/api/v1/exports';
export const eventsPath = `${path}/events`;

export const exportKeys = {
  list: ['exports', 'list'],
  one: (id: string) => ['exports', 'one', id],
  preview: (query: Query) => ['exports', 'preview', query],
} as const;

export function listExports(cursor: string | null, signal: AbortSignal): Promise<ExportPage> {
  return request('GET', path, { query: { per_page: 30, cursor }, signal });
}

export async function readExport(id: string, signal: AbortSignal): Promise<Export> {
  const answer = await request<{ export: Export }>('GET', `${path}/${encodeURIComponent(id)}`, { signal });
  return answer.export;
}

export function previewExport(query: Query, signal: AbortSignal): Promise<ExportPreview> {
  return request('GET', `${path}/preview`, { query, signal });
}

/** Starts an export of what the query of a view finds. */
export async function createExport(query: Query): Promise<Export> {
  const answer = await request<{ export: Export }>('POST', path, { body: filterOf(query) });
  return answer.export;
}

const single = ['from', 'to', 'words', 'record_id'] as const;
/** What the parameters that may be repeated are called in a body. */
const lists = { action: 'actions', module: 'modules', done_by: 'done_by' } as const;

/** The query as a body, in which what is not asked for does not stand. */
export function filterOf(query: Query): Record<string, unknown> {
  const names = [...single.map((name) => [name, name]), ...Object.entries(lists)] as [string, string][];
  const values = names.map(([parameter, key]) => [key, query[parameter]] as const);
  const isSaid = (value: Query[string]) =>
    value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(values.filter(([, value]) => isSaid(value)));
}

/** The view that shows what an export holds. */
export function viewOfFilter(filter: ExportFilter): URLSearchParams {
  const view = new URLSearchParams();
  for (const name of single) {
    const value = filter[name];
    if (value !== null && value !== '') view.set(name, value);
  }
  for (const [name, key] of Object.entries(lists)) {
    for (const value of filter[key] ?? []) view.append(name, value);
  }
  return view;
}

/** Will its state change by itself? */
export function isOpen(one: Export): boolean {
  return one.status === 'scheduled' || one.status === 'progress';
}

/** The pages of a list with this export as it is now; one that is new stands first. */
export function withExport(pages: readonly ExportPage[], told: Export): ExportPage[] {
  const isKnown = pages.some((page) => page.exports.some((one) => one.id === told.id));
  return pages.map((page, at) => {
    if (!isKnown) return at === 0 ? { ...page, exports: [told, ...page.exports] } : page;
    return { ...page, exports: page.exports.map((one) => (one.id === told.id ? told : one)) };
  });
}

/** The export in the data of an event; null for what is none: it is not worth more than to be asked for again. */
export function exportIn(data: unknown): Export | null {
  if (typeof data !== 'string') return null;
  try {
    const told: unknown = JSON.parse(data);
    const isExport = typeof told === 'object' && told !== null && 'id' in told && 'status' in told;
    return isExport ? (told as Export) : null; // of one build with the server, which made it
  } catch {
    return null;
  }
}
