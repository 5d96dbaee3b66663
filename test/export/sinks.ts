import { createHash } from 'node:crypto';
import type { ResultFileWriter } from '../../src/results/results.ts';

/** Files that are kept in memory, by name, once they are finished. */
export function memoryFiles(): { files: Map<string, Buffer>; open: (name: string) => Promise<ResultFileWriter> } {
  const files = new Map<string, Buffer>();
  const open = async (name: string): Promise<ResultFileWriter> => {
    const pieces: Uint8Array[] = [];
    return {
      async write(bytes) {
        pieces.push(bytes);
      },
      async finish() {
        const whole = Buffer.concat(pieces);
        files.set(name, whole);
        return { name, bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') };
      },
    };
  };
  return { files, open };
}
