/** What an SDK's answer objects say, as plain data for the test. */
import { createHash } from 'node:crypto';
import type { Sdk, SdkExport, SdkTold } from './classes.ts';
import type { ActionItem, JobView, SdkObject, Told } from './protocol.ts';

export function view(sdk: Sdk, object: unknown): SdkObject {
  const classes = sdk.AuditLogExport;
  if (object === null || object === undefined) return { class: 'null' };
  if (object instanceof classes.APIException) return { class: 'APIException', ...told(object) };
  if (object instanceof classes.ActionWrapper) {
    return { class: 'ActionWrapper', items: object.getAuditLogExport().map((item) => actionItem(sdk, item)) };
  }
  if (object instanceof classes.ResponseWrapper) {
    return { class: 'ResponseWrapper', jobs: object.getAuditLogExport().map((job) => jobView(sdk, job)) };
  }
  if (object instanceof classes.FileBodyWrapper) {
    const file = object.getFile();
    const bytes = file.getStream();
    if (!(bytes instanceof Uint8Array)) throw new Error('the downloaded file is no buffer');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { class: 'FileBodyWrapper', name: file.getName(), bytes: bytes.byteLength, sha256 };
  }
  throw new Error(`the SDK handed out an object of class ${nameOf(object)}`);
}

function actionItem(sdk: Sdk, item: unknown): ActionItem {
  const { APIException, SuccessResponse } = sdk.AuditLogExport;
  if (item instanceof APIException) return { class: 'APIException', ...told(item) };
  if (item instanceof SuccessResponse) return { class: 'SuccessResponse', ...told(item) };
  throw new Error(`the SDK handed out an item of class ${nameOf(item)}`);
}

function told(object: SdkTold): Told {
  const message = object.getMessage();
  return {
    code: object.getCode().getValue(),
    message: typeof message === 'string' ? message : message.getValue(),
    status: object.getStatus().getValue(),
    details: Object.fromEntries([...(object.getDetails() ?? [])].map(([key, value]) => [key, plain(value)])),
  };
}

/** Ids are bigints there, choices are wrapped. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null && 'getValue' in value && typeof value.getValue === 'function') {
    return value.getValue();
  }
  return value;
}

function jobView(sdk: Sdk, job: unknown): JobView {
  if (!(job instanceof sdk.AuditLogExport.AuditLogExport)) throw new Error(`a job of class ${nameOf(job)}`);
  return {
    id: String(job.getId()),
    status: job.getStatus(),
    createdBy: { id: String(job.getCreatedBy().getId()), name: job.getCreatedBy().getName() },
    downloadLinks: job.getDownloadLinks(),
    startTime: job.getJobStartTime() ?? null,
    endTime: job.getJobEndTime() ?? null,
    expiryDate: job.getExpiryDate() ?? null,
    ...criteriaView(job),
  };
}

function criteriaView(job: SdkExport): Pick<JobView, 'field' | 'groupSize'> {
  const criteria = job.getCriteria();
  return { field: criteria?.getField()?.getAPIName() ?? null, groupSize: criteria?.getGroup()?.length ?? 0 };
}

function nameOf(object: unknown): string {
  return typeof object === 'object' && object !== null ? object.constructor.name : typeof object;
}
