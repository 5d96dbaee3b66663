/** A run as a page: what became of the targets, then every section with its charts. */
import { digits } from './digits.ts';
import { type Figure, isReached, type Reference, ratioOf, type Section, summaryOf, type Verdict } from './figures.ts';
import type { Run } from './publish.ts';

export function markdownOf({ machine, headline, sections }: Run): string {
  const parts = [
    `# Measured on ${machine.at.slice(0, 10)}, commit ${machine.commit ?? 'unknown'}`,
    headline
      .trim()
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n'),
    'How to read it: [the bench](../../README.md). **Bold** is Annals; a ratio above 1 says that Annals is ahead.',
    ...verdictPart(sections.flatMap(({ verdicts = [] }) => verdicts)),
    ...sections.map(sectionPart),
  ];
  return `${parts.join('\n\n')}\n`;
}

function verdictPart(verdicts: readonly Verdict[]): string[] {
  if (verdicts.length === 0) return [];
  const rows = verdicts.map((verdict) => {
    const [wanted, measured, word] = verdictCells(verdict);
    return [word === 'reached' ? word : `**${word}**`, verdict.target, verdict.against, wanted, measured];
  });
  return ['## Targets', table(['', 'target', 'against', 'wanted', 'measured'], rows, 3)];
}

/** What was wanted, what was measured, and the word for it. */
export function verdictCells(verdict: Verdict): [wanted: string, measured: string, word: string] {
  const { wanted, isAtLeast, unit, reached } = verdict;
  const was = isReached(verdict);
  const word = was === null ? 'not measured' : was ? 'reached' : 'not reached';
  const of = (value: number): string => (unit === 'x' ? `${digits(value)}x` : `${digits(value)} ${unit}`);
  return [`${isAtLeast ? 'at least' : 'at most'} ${of(wanted)}`, reached === null ? '' : of(reached), word];
}

function sectionPart({ title, figures, notes, charts = [] }: Section): string {
  const head = ['', 'median', 'min', 'max', 'unit', 'ratio', 'peak MB', 'file MB', 'runs'];
  const parts = [
    `## ${title}`,
    ...(figures.length === 0 ? [] : [table(head, figures.flatMap(figureRows))]),
    ...notes,
    ...charts.map(({ name, title: shown }) => `![${shown}](${name}.svg)`),
  ];
  return parts.join('\n\n');
}

function figureRows(figure: Figure): string[][] {
  const { what, unit, values, peakMb, sizeMb, references = [] } = figure;
  const own = [
    `**${what}**`,
    ...summaryCells(values),
    unit,
    '',
    optional(peakMb),
    optional(sizeMb),
    `${values.length}`,
  ];
  return [own, ...references.map((reference) => referenceRow(figure, reference))];
}

function referenceRow(figure: Figure, reference: Reference): string[] {
  const { what, values, peakMb, sizeMb, missing } = reference;
  const ratio = ratioOf(figure, reference);
  if (ratio === null) return [`${what}: ${missing ?? 'not measured'}`, ...Array(8).fill('')];
  const cells = [figure.unit, `${digits(ratio)}x`, optional(peakMb), optional(sizeMb), `${values.length}`];
  return [what, ...summaryCells(values), ...cells];
}

function summaryCells(values: readonly number[]): string[] {
  const { median, min, max } = summaryOf(values);
  return [median, min, max].map(digits);
}

function optional(value: number | null | undefined): string {
  return value === undefined ? '' : value === null ? 'unknown' : digits(value);
}

/** The first columns are text, the others numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 1): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const marks = head.map((_, index) => (index < texts ? '---' : '---:'));
  return [line(head), line(marks), ...rows.map(line)].join('\n');
}
