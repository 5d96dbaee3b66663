/**
 * Goes through a span of keys, newest first, as what it is made of: sealed blocks, and the rows behind, between and before
 * them. As runs.ts does from the other end; which blocks matter is for the caller to see.
 */
import { type Blocks, beforeAll, type StoredHead } from './blocks.ts';
import { compareKeys, type Filter, keyAfter } from './filter.ts';
import type { Run, Span } from './runs.ts';

export function* runsDown(blocks: Blocks, { org, low, high, asOf }: Filter): Generator<Run, void> {
  let rest: Span = { low, high };
  for (const head of headsDown(blocks, org, high)) {
    if (compareKeys(head.last, rest.low) < 0) break;
    const isWhole = compareKeys(head.after, rest.low) >= 0 || compareKeys(head.first, rest.low) >= 0;
    if (!isWhole || head.arrival > asOf) continue;
    // A block that was made while this goes on may reach into what has been gone through.
    if (compareKeys(head.last, rest.high) > 0) continue;
    if (compareKeys(head.last, rest.high) < 0) yield { low: keyAfter(head.last), high: rest.high, head: null };
    const start = keyAfter(head.after);
    const lowest = compareKeys(start, rest.low) < 0 ? rest.low : start;
    yield { low: lowest, high: head.last, head };
    rest = { low: rest.low, high: head.after };
  }
  if (compareKeys(rest.low, rest.high) <= 0) yield { ...rest, head: null };
}

function* headsDown(blocks: Blocks, org: number, high: { time: number; id: bigint }): Generator<StoredHead, void> {
  for (let end = high; compareKeys(end, beforeAll) > 0; ) {
    const heads = blocks.headsDown(org, end);
    yield* heads;
    const last = heads.at(-1);
    if (last === undefined) return;
    end = last.after;
  }
}
