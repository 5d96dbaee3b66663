/**
 * Which files an export of so many entries makes, and what each holds. Pure, so that the rules can be read in one place:
 * up to 100,000 entries one CSV; more: ZIPs of up to 1,000,000 entries, each of CSVs of up to 100,000.
 */

export const rowsPerFile = 100_000;
export const rowsPerPart = 1_000_000;

/** `auto`: by the number of entries, as the API does it. */
export type ExportFormat = 'auto' | 'csv' | 'zip';

export interface LayoutMember {
  /** The CSV's name inside its ZIP; for a plain CSV the file's own name. */
  readonly name: string;
  readonly entries: number;
}

export interface LayoutFile {
  readonly name: string;
  readonly container: 'csv' | 'zip';
  readonly entries: number;
  /** In order; a plain CSV is its own one member. */
  readonly members: readonly LayoutMember[];
}

export interface LayoutRules {
  readonly format: ExportFormat;
  /** The first file is NAME.csv or NAME.zip, the next NAME_002, NAME_003 …; the CSVs inside a ZIP are always AuditLog_… */
  readonly name: string;
  readonly rowsPerFile: number;
  readonly rowsPerPart: number;
}

export const apiRules: LayoutRules = { format: 'auto', name: 'AuditLog', rowsPerFile, rowsPerPart };

/** The files in chronological order; their entries sum up to `entries`. Even an empty export has its file. */
export function layoutOf(entries: number, rules: LayoutRules = apiRules): readonly LayoutFile[] {
  if (!Number.isSafeInteger(entries) || entries < 0) throw new RangeError(`Not a number of entries: ${entries}`);
  const container = containerOf(entries, rules);
  const files: LayoutFile[] = [];
  let membersBefore = 0;
  for (const size of pieces(entries, rules.rowsPerPart)) {
    const name = `${files.length === 0 ? rules.name : numbered(rules.name, files.length + 1)}.${container}`;
    const members = container === 'csv' ? [{ name, entries: size }] : membersOf(size, membersBefore, rules.rowsPerFile);
    files.push({ name, container, entries: size, members });
    membersBefore += members.length;
  }
  return files;
}

/** Where a ledger must cut its chunks, so that each belongs to one member. */
export function rowsPerMember(container: 'csv' | 'zip', rules: LayoutRules): number {
  return container === 'csv' ? rules.rowsPerPart : rules.rowsPerFile;
}

function containerOf(entries: number, rules: LayoutRules): 'csv' | 'zip' {
  if (rules.format !== 'auto') return rules.format;
  return entries <= rules.rowsPerFile ? 'csv' : 'zip';
}

function membersOf(entries: number, before: number, size: number): LayoutMember[] {
  return pieces(entries, size).map((piece, index) => ({
    name: `${numbered('AuditLog', before + index + 1)}.csv`,
    entries: piece,
  }));
}

/** `count` in pieces of `size`, the last one what is left; zero is one empty piece. */
function pieces(count: number, size: number): number[] {
  const whole = Math.floor(count / size);
  const left = count - whole * size;
  const all = new Array<number>(whole).fill(size);
  return left > 0 || count === 0 ? [...all, left] : all;
}

function numbered(name: string, number: number): string {
  return `${name}_${String(number).padStart(3, '0')}`;
}
