/** From a checked request to a scheduled job: everything that the result depends on is pinned here. */
import { type ExportRequest, resolveExportRequest } from '../audit/criteria.ts';
import { stringifyJson } from '../audit/json.ts';
import type { Directory, Viewer } from '../directory/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ExportJobs, Job } from './jobs.ts';

export interface ScheduleParts {
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly jobs: ExportJobs;
}

/**
 * Throws AMBIGUITY_DURING_PROCESSING for users and modules that the organisation does not have, ALREADY_SCHEDULED when the
 * viewer has an open job, TOO_MANY_REQUESTS when the organisation has too many.
 */
export async function scheduleExport(parts: ScheduleParts, viewer: Viewer, request: ExportRequest): Promise<Job> {
  const org = viewer.user.org;
  const [users, modules, visibleTo] = await Promise.all([
    parts.directory.knownUsers(
      org,
      request.users.map((user) => user.id),
    ),
    parts.directory.modules(org),
    parts.directory.visibleTo(viewer),
  ]);
  const filter = resolveExportRequest(request, {
    users,
    modules: modules.map((module) => ({ id: module.id, api_name: module.apiName })),
  });
  const asOf = await parts.ledger.lastArrival(org);
  return parts.jobs.create({
    org,
    createdBy: { id: viewer.user.id, name: viewer.user.fullName },
    criteria: request.criteria === null ? null : stringifyJson(request.criteria),
    query: { org, ...filter, words: null, record: null, visibleTo, asOf },
  });
}
