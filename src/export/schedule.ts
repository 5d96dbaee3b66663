/** From a checked request to a scheduled job: everything that the result depends on is pinned here. */
import { type ExportRequest, resolveExportRequest } from '../audit/criteria.ts';
import { stringifyJson } from '../audit/json.ts';
import { foldedWords } from '../audit/words.ts';
import type { Directory, Viewer } from '../directory/directory.ts';
import type { Ledger, LedgerQuery } from '../ledger/ledger.ts';
import type { ExportFilter } from './export-filter.ts';
import type { ExportJobs, Job } from './jobs.ts';

export interface ScheduleParts {
  readonly directory: Pick<Directory, 'knownUsers' | 'modules' | 'visibleTo'>;
  readonly ledger: Pick<Ledger, 'lastArrival'>;
  readonly jobs: Pick<ExportJobs, 'create'>;
}

/**
 * Throws AMBIGUITY_DURING_PROCESSING for users and modules that the organisation does not have, ALREADY_SCHEDULED when the
 * viewer has an open job, TOO_MANY_REQUESTS when the organisation has too many.
 */
export async function scheduleExport(parts: ScheduleParts, viewer: Viewer, request: ExportRequest): Promise<Job> {
  const org = viewer.user.org;
  const [users, modules] = await Promise.all([
    parts.directory.knownUsers(
      org,
      request.users.map((user) => user.id),
    ),
    parts.directory.modules(org),
  ]);
  const resolved = resolveExportRequest(request, {
    users,
    modules: modules.map((module) => ({ id: module.id, api_name: module.apiName })),
  });
  const criteria = request.criteria === null ? null : stringifyJson(request.criteria);
  return create(parts, viewer, { ...resolved, words: null, record: null }, criteria);
}

/**
 * What a filter of the log shows at this moment. Users and modules that the organisation does not have are no mistake
 * here, as they are none in the log: nothing is found for them. Throws as `scheduleExport`, but for the ambiguity.
 */
export function scheduleFiltered(parts: ScheduleParts, viewer: Viewer, filter: ExportFilter): Promise<Job> {
  return create(parts, viewer, filter, null);
}

async function create(
  parts: ScheduleParts,
  viewer: Viewer,
  filter: ExportFilter,
  criteria: string | null,
): Promise<Job> {
  const { org, id, fullName: name } = viewer.user;
  const query = await pinnedQuery(parts, viewer, filter);
  return parts.jobs.create({ org, createdBy: { id, name }, criteria, filter, query });
}

/** The filter, with what the viewer may see now and what has arrived by now. */
export async function pinnedQuery(
  { directory, ledger }: Pick<ScheduleParts, 'directory' | 'ledger'>,
  viewer: Viewer,
  filter: ExportFilter,
): Promise<LedgerQuery> {
  const org = viewer.user.org;
  const visibleTo = await directory.visibleTo(viewer);
  return {
    org,
    from: filter.from ?? Number.MIN_SAFE_INTEGER,
    to: filter.to ?? Number.MAX_SAFE_INTEGER,
    actions: filter.actions,
    modules: filter.modules,
    doneBy: filter.doneBy,
    words: filter.words === null ? null : foldedWords(filter.words),
    record: filter.record,
    visibleTo,
    asOf: await ledger.lastArrival(org),
  };
}
