/** The figures as a table for the terminal. */
import { digits } from './digits.ts';
import { type Figure, ratioOf, type Section, summaryOf } from './figures.ts';
import { verdictCells } from './markdown.ts';

const columns = [
  { title: '', width: 62 },
  { title: 'median', width: 9 },
  { title: 'min', width: 9 },
  { title: 'max', width: 9 },
  { title: 'unit', width: 11 },
  { title: 'ratio', width: 6 },
  { title: 'peak MB', width: 8 },
  { title: 'file MB', width: 8 },
  { title: 'cpu s', width: 6 },
] as const;

export function tableOf({ title, figures, notes }: Section): string {
  const lines = [
    title,
    row(columns.map((column) => column.title)),
    '-'.repeat(columns.reduce((sum, column) => sum + column.width + 1, -1)),
    ...figures.flatMap(rowsOf),
    ...notes.map((note) => `  ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

function rowsOf(figure: Figure): string[] {
  const { what, unit, values, peakMb, sizeMb, processorSeconds, references = [] } = figure;
  const { median, min, max } = summaryOf(values);
  const cpu = processorSeconds === undefined ? '' : digits(summaryOf(processorSeconds).median);
  const own = [what, digits(median), digits(min), digits(max), unit, '', memory(peakMb), size(sizeMb), cpu];
  return [row(own), ...references.map((reference) => referenceRow(figure, reference))];
}

function referenceRow(figure: Figure, reference: NonNullable<Figure['references']>[number]): string {
  const name = `    ${reference.what}`;
  const ratio = ratioOf(figure, reference);
  if (ratio === null) return `${name}: ${reference.missing ?? 'not measured'}`;
  const { median, min, max } = summaryOf(reference.values);
  const numbers = [digits(median), digits(min), digits(max), figure.unit, `${digits(ratio)}x`];
  return row([name, ...numbers, memory(reference.peakMb), size(reference.sizeMb)]);
}

function memory(peakMb: number | null | undefined): string {
  return peakMb === undefined ? '' : peakMb === null ? 'unknown' : digits(peakMb);
}

function size(sizeMb: number | undefined): string {
  return sizeMb === undefined ? '' : digits(sizeMb);
}

/** What became of each target. A figure that is not reached is no failure of the run: the machine may be a slow one. */
export function verdictsOf(sections: readonly Section[]): string {
  const verdicts = sections.flatMap((section) => section.verdicts ?? []);
  if (verdicts.length === 0) return '';
  const lines = verdicts.map((verdict) => {
    const [wanted, measured, word] = verdictCells(verdict);
    const what = `${verdict.target}${verdict.against === '' ? '' : `, against ${verdict.against}`}`;
    return `  ${word.padEnd(12)} ${measured.padStart(14)}  ${wanted.padEnd(22)} ${what}`;
  });
  return `Targets\n${lines.join('\n')}\n`;
}

function row(cells: readonly string[]): string {
  return columns
    .map(({ width }, index) => {
      const cell = cells[index] ?? '';
      return index === 0 || index === 4 ? cell.padEnd(width) : cell.padStart(width);
    })
    .join(' ')
    .trimEnd();
}
