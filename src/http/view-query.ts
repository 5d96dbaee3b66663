/** What the views of the log have in common: who may see them, what is asked of the ledger, and for how long. */
import { Failure } from '../audit/failure.ts';
import { foldedWords } from '../audit/words.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import { filterOfQuery } from './log-filter.ts';
import { organisationOf } from './organisation.ts';
import type { GuardedCall } from './route.ts';

export const viewScopes = ['Annals.entries.READ', 'Annals.entries.ALL'] as const;

/** All that the caller may see. */
export async function everything({ parts, viewer }: GuardedCall): Promise<LedgerQuery> {
  return {
    org: viewer.organisation.zgid,
    from: Number.MIN_SAFE_INTEGER,
    to: Number.MAX_SAFE_INTEGER,
    actions: null,
    modules: null,
    doneBy: null,
    words: null,
    record: null,
    visibleTo: await parts.directory.visibleTo(viewer),
    asOf: Number.MAX_SAFE_INTEGER,
  };
}

/** What of it the filter in the request's query leaves. Throws INVALID_DATA. */
export async function viewOf(call: GuardedCall): Promise<LedgerQuery> {
  const { from, to, actions, modules, doneBy, words, record } = filterOfQuery(call.query, organisationOf(call).zone);
  const all = await everything(call);
  return {
    ...all,
    from: from ?? all.from,
    to: to ?? all.to,
    actions,
    modules,
    doneBy,
    words: words === null ? null : foldedWords(words),
    record,
  };
}

/** Does the work until its client has gone. */
export async function withClient<Result>(
  { reply }: GuardedCall,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const onClose = (): void => stop.abort(new Failure('REQUEST_TIMEOUT', 'The client has gone'));
  reply.raw.once('close', onClose);
  try {
    return await work(stop.signal);
  } finally {
    reply.raw.off('close', onClose);
  }
}

/** A whole number from 1. Throws INVALID_DATA. */
export function wholeParameter(
  query: URLSearchParams,
  name: string,
  { otherwise, max }: { readonly otherwise: number; readonly max: number },
): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : badParameter(name, `a whole number from 1 to ${max}`);
}

export function badParameter(name: string, expected: string): never {
  throw new Failure('INVALID_DATA', `The parameter ${name} must be ${expected}`, {
    details: { api_name: name, expected_data_type: expected },
  });
}
