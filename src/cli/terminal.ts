import type { Writable } from 'node:stream';

/** What a command has of the world. Tests run commands in their own process with another one. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** For what the user asked for. */
  readonly stdout: Writable;
  /** For progress, notes and errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Aborted when the user interrupts the command. */
  readonly interrupted: AbortSignal;
}

export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.stdout.write(`${JSON.stringify(value)}\n`);
}

export function note(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text}\n`);
}
