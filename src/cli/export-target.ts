import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenParts } from '../app.ts';
import type { LayoutRules } from '../export/layout.ts';
import { type ExportOutcome, writeExport } from '../export/run.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import { OutputFile } from '../results/output-file.ts';
import type { ResultFileWriter } from '../results/results.ts';
import { StdoutFile } from './stdout-file.ts';
import type { Terminal } from './terminal.ts';

/** What is to be written. */
export interface Filling {
  readonly parts: Pick<OpenParts, 'ledger' | 'clock'>;
  readonly query: LedgerQuery;
  readonly rules: LayoutRules;
  readonly signal: AbortSignal;
  readonly onProgress: (rows: number, total: number) => void;
}

export interface Target {
  fill(filling: Filling): Promise<ExportOutcome>;
}

/** One file of any size, to a pipe. */
export class StdoutTarget implements Target {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  fill(filling: Filling): Promise<ExportOutcome> {
    const open = async (name: string): Promise<ResultFileWriter> => new StdoutFile(name, this.#terminal.stdout);
    return fill(filling, open, tmpdir());
  }
}

/** Files in a folder; each appears under its name when it is whole. */
export class FileTarget implements Target {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All files, or none: parts that stand alone would be taken for the whole. */
  async fill(filling: Filling): Promise<ExportOutcome> {
    const opened: { readonly name: string; readonly file: OutputFile }[] = [];
    const open = async (name: string): Promise<OutputFile> => {
      const file = await OutputFile.open(join(this.#folder, name));
      opened.push({ name, file });
      return file;
    };
    try {
      return await fill(filling, open, this.#folder);
    } catch (error) {
      const last = opened.pop();
      await last?.file.discard();
      for (const { name } of opened) await rm(join(this.#folder, name), { force: true });
      throw error;
    }
  }
}

function fill(
  { parts, query, rules, signal, onProgress }: Filling,
  open: (name: string) => Promise<ResultFileWriter>,
  spoolDir: string,
): Promise<ExportOutcome> {
  const modifiedAt = Math.floor(parts.clock() / 1000);
  return writeExport({ ledger: parts.ledger, query, open, modifiedAt, spoolDir, rules, signal, onProgress });
}
