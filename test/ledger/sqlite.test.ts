import { ledgerContract } from './contract.ts';
import { scratchLedger } from './scratch.ts';

ledgerContract('sqlite, reads in this thread,', () => scratchLedger({ reads: 'here' }));
ledgerContract('sqlite, reads in a thread,', () => scratchLedger({ reads: 'thread' }));
