/** Makes the SDK's own request objects. */
import type { Sdk, SdkBody, SdkCriteria } from './classes.ts';
import type { CriteriaSpec, ModuleSpec, UserSpec } from './protocol.ts';

/** `null`: a body object on which nothing was set, which makes a request with an empty body. */
export async function buildBody(
  sdk: Sdk,
  exports: readonly { readonly criteria?: CriteriaSpec }[] | null,
): Promise<SdkBody> {
  const body = new sdk.AuditLogExport.BodyWrapper();
  if (exports === null) return body;
  const built = exports.map(async ({ criteria }) => {
    const auditLogExport = new sdk.AuditLogExport.AuditLogExport();
    if (criteria !== undefined) await auditLogExport.setCriteria(await buildCriteria(sdk, criteria));
    return auditLogExport;
  });
  await body.setAuditLogExport(await Promise.all(built));
  return body;
}

async function buildCriteria(sdk: Sdk, spec: CriteriaSpec): Promise<SdkCriteria> {
  const criteria = new sdk.AuditLogExport.Criteria();
  if (spec.field !== undefined) {
    const field = new sdk.AuditLogExport.Field();
    await field.setAPIName(spec.field);
    await criteria.setField(field);
  }
  if (spec.comparator !== undefined) await criteria.setComparator(spec.comparator);
  if (spec.value !== undefined) await criteria.setValue(buildValue(sdk, spec.value));
  if (spec.groupOperator !== undefined) await criteria.setGroupOperator(spec.groupOperator);
  if (spec.group !== undefined) {
    await criteria.setGroup(await Promise.all(spec.group.map((member) => buildCriteria(sdk, member))));
  }
  return criteria;
}

function buildValue(sdk: Sdk, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => buildValue(sdk, item));
  if (isUserSpec(value)) {
    const user = new sdk.AuditLogExport.User();
    user.setId(BigInt(value.sdkUser.id));
    user.setName(value.sdkUser.name);
    return user;
  }
  if (isModuleSpec(value)) {
    const module = new sdk.AuditLogExport.Module();
    module.setId(BigInt(value.sdkModule.id));
    module.setAPIName(value.sdkModule.apiName);
    return module;
  }
  return value;
}

function isUserSpec(value: unknown): value is UserSpec {
  return typeof value === 'object' && value !== null && 'sdkUser' in value;
}

function isModuleSpec(value: unknown): value is ModuleSpec {
  return typeof value === 'object' && value !== null && 'sdkModule' in value;
}
