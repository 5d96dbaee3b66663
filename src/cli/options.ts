/** Options that several commands have, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';

export interface DataOptions {
  readonly data?: string;
}

export interface OrgOptions extends DataOptions {
  readonly org?: string;
}

export function withData(command: Command): Command {
  return command.option('--data <dir>', 'the data folder (else ANNALS_DATA, else ./annals-data)');
}

export function withOrg(command: Command): Command {
  return withData(command).option('--org <org_id>', 'the organisation; needed only when there are several');
}

export function withJson(command: Command, what: string): Command {
  return command.option('--json', `print ${what} as JSON`);
}

/** May be repeated, and takes several values separated by commas. */
export function listOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] | undefined) => {
    const values = value.split(',').map((part) => part.trim());
    if (values.includes('')) throw new InvalidArgumentError('A value is empty.');
    return [...(before ?? []), ...values];
  });
}

export function wholeNumber(value: string): number {
  const plain = value.replaceAll('_', '');
  if (!/^[0-9]{1,15}$/.test(plain)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(plain);
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes: 1048576, 500M, 20G. */
export function byteSize(value: string): number {
  const match = /^([0-9]{1,15})([KMGT]?)(?:i?B)?$/i.exec(value);
  const bytes = Number(match?.[1] ?? 0) * (units[match?.[2]?.toUpperCase() ?? ''] ?? 0);
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('It must be a size such as 500M, 20G or 1048576 (bytes).');
}
