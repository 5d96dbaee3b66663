import { writeExport } from '../../src/export/run.ts';
import type { House } from './house.ts';

/** Everything as a ZIP of CSVs of so many entries each. */
export async function zipOf(house: House, rowsPerFile: number): Promise<Buffer> {
  const bytes: Uint8Array[] = [];
  const open = async (name: string) => ({
    write: async (chunk: Uint8Array) => void bytes.push(chunk.slice()),
    finish: async () => ({ name, bytes: 0, sha256: '' }),
  });
  const rules = { format: 'zip', name: 'AuditLog', rowsPerFile, rowsPerPart: rowsPerFile * 1000 } as const;
  const { ledger, folder } = house;
  await writeExport({ ledger, query: house.query(), open, modifiedAt: 0, spoolDir: folder, rules });
  return Buffer.concat(bytes);
}
