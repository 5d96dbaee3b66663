import { suite } from 'node:test';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { appendingContract } from './contract-appending.ts';
import { columnsContract } from './contract-columns.ts';
import { histogramContract } from './contract-histogram.ts';
import { propertyContract } from './contract-properties.ts';
import { readingContract } from './contract-reading.ts';

/** The promises of `src/ledger/ledger.ts` as tests. `open` gives an empty ledger that cleans up when it is disposed of. */
export function ledgerContract(name: string, open: () => Promise<Ledger>): void {
  suite(`${name} ledger`, () => {
    appendingContract(open);
    columnsContract(open);
    readingContract(open);
    histogramContract(open);
    propertyContract(open);
  });
}
