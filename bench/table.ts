/** The figures as a table for the terminal. */
import { type Figure, ratioOf, type Section, summaryOf } from './figures.ts';
import { memoryLimitMb } from './plan.ts';

const columns = [
  { title: '', width: 62 },
  { title: 'median', width: 9 },
  { title: 'min', width: 9 },
  { title: 'max', width: 9 },
  { title: 'unit', width: 11 },
  { title: 'ratio', width: 6 },
  { title: 'peak MB', width: 8 },
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
  const { what, unit, values, peakMb, processorSeconds, references = [] } = figure;
  const { median, min, max } = summaryOf(values);
  const peak = peakMb === undefined ? '' : peakMb === null ? 'unknown' : digits(peakMb);
  const cpu = processorSeconds === undefined ? '' : digits(summaryOf(processorSeconds).median);
  const marks = problemsOf(figure).map((problem) => ` ${problem}`);
  const own = row([what, digits(median), digits(min), digits(max), unit, '', peak, cpu]).trimEnd() + marks.join('');
  return [own, ...references.map((reference) => referenceRow(figure, reference))];
}

function referenceRow(figure: Figure, reference: NonNullable<Figure['references']>[number]): string {
  const name = `    ${reference.what}`;
  const ratio = ratioOf(figure, reference);
  if (ratio === null) return `${name}: ${reference.missing ?? 'not measured'}`;
  const { median, min, max } = summaryOf(reference.values);
  return row([name, digits(median), digits(min), digits(max), figure.unit, `${digits(ratio)}x`]).trimEnd();
}

function problemsOf({ values, unit, limit, peakMb }: Figure): string[] {
  const problems: string[] = [];
  if (limit !== undefined && summaryOf(values).median > limit) problems.push(`OVER ${limit} ${unit}`);
  if (peakMb !== undefined && peakMb !== null && peakMb > memoryLimitMb) problems.push(`OVER ${memoryLimitMb} MB`);
  return problems;
}

export function verdictOf(sections: readonly Section[]): string {
  const over = sections.flatMap(({ title, figures }) =>
    figures.flatMap((figure) => problemsOf(figure).map((problem) => `  ${title}, ${figure.what}: ${problem}`)),
  );
  if (over.length === 0) return `Every peak of memory is under ${memoryLimitMb} MB, and nothing is over its limit.\n`;
  return `${['OVER a limit:', ...over].join('\n')}\n`;
}

function row(cells: readonly string[]): string {
  return columns
    .map(({ width }, index) => {
      const cell = cells[index] ?? '';
      return index === 0 || index === 4 ? cell.padEnd(width) : cell.padStart(width);
    })
    .join(' ');
}

/** Three digits that count, and thousands apart. */
function digits(value: number): string {
  const size = Math.abs(value);
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
