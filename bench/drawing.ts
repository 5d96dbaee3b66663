/** Charts as SVG: plain shapes and text, on white, so that they look alike wherever they are shown. */
import type { Bar, BarChart, Chart, Line, LineChart } from './charts.ts';
import { digits } from './digits.ts';
import { fittingScale, linearScale } from './scales.ts';

const width = 960;
const colours = { ours: '#0f766e', others: '#b6bfca', ink: '#1f2933', faint: '#e4e8ed', quiet: '#66727f' };
const lineColours = ['#0f766e', '#c2410c', '#1d4ed8', '#7e22ce', '#a16207', '#be123c'];
const rowHeight = 28;
const head = 64;
/** More of them on a line would be a thick line. */
const mostDots = 20;

export function drawingOf(chart: Chart): string {
  return chart.kind === 'bars' ? barsDrawing(chart) : linesDrawing(chart);
}

function barsDrawing({ title, unit, bars }: BarChart): string {
  const left = 380;
  const right = width - 150;
  const bottom = head + bars.length * rowHeight;
  const scale = fittingScale(bars.flatMap(({ min, max }) => [min, max]));
  const x = (value: number): number => left + scale.place(value) * (right - left);
  const axis = scale.ticks.map(
    (tick) =>
      `${line([x(tick), head - 6], [x(tick), bottom], colours.faint)}${text([x(tick), bottom + 18], tickText(tick), { anchor: 'middle', fill: colours.quiet })}`,
  );
  const rows = bars.map((bar, index) => {
    const ours = bars.slice(0, index).findLast(({ isOurs }) => isOurs);
    return rowOf(bar, { y: head + index * rowHeight, x, left, unit, ours });
  });
  const note = `${unit}${scale.isLogarithmic ? ', logarithmic' : ''}; median, a thin line from minimum to maximum, and how many times as good Annals is`;
  const caption = text([right, bottom + 38], note, { anchor: 'end', fill: colours.quiet });
  return page(bottom + 54, title, [...axis, ...rows, caption]);
}

interface RowPlace {
  readonly y: number;
  readonly x: (value: number) => number;
  readonly left: number;
  readonly unit: string;
  readonly ours: Bar | undefined;
}

function rowOf(bar: Bar, { y, x, left, unit, ours }: RowPlace): string {
  const middle = y + rowHeight / 2;
  const fill = bar.isOurs ? colours.ours : colours.others;
  const length = Math.max(1, x(bar.value) - left);
  const ratio = ours === undefined ? 1 : unit.endsWith('/s') ? ours.value / bar.value : bar.value / ours.value;
  const times = ours === undefined || bar.isOurs ? '' : ` (${digits(ratio)}x)`;
  return [
    text([left - 10, middle + 4], bar.label, { anchor: 'end', ...(bar.isOurs ? { weight: 'bold' } : {}) }),
    `<rect x="${left}" y="${y + 5}" width="${round(length)}" height="${rowHeight - 10}" fill="${fill}"/>`,
    line([x(bar.min), middle], [x(bar.max), middle], colours.ink),
    text([x(Math.max(bar.value, bar.max)) + 8, middle + 4], `${digits(bar.value)} ${unit}${times}`, {}),
  ].join('');
}

function linesDrawing({ title, x: xTitle, y: yTitle, lines }: LineChart): string {
  const [left, right, bottom] = [80, width - 230, 460];
  const points = lines.flatMap((one) => one.points);
  const across = linearScale(Math.max(...points.map(([x]) => x)));
  const up = linearScale(Math.max(...points.map(([, y]) => y)));
  const place = ([x, y]: readonly [number, number]): [number, number] => [
    left + across.place(x) * (right - left),
    bottom - up.place(y) * (bottom - head),
  ];
  const grid = [
    ...up.ticks.map((tick) => gridLine(place([0, tick]), [right, place([0, tick])[1]], tick, 'end')),
    ...across.ticks.map((tick) => gridLine(place([tick, 0]), [place([tick, 0])[0], head], tick, 'middle')),
  ];
  const titles = [
    text([right, bottom + 40], xTitle, { anchor: 'end', fill: colours.quiet }),
    text([left, head - 12], yTitle, { fill: colours.quiet }),
  ];
  const curves = lines.map((one, index) =>
    curve(one, { place, colour: String(lineColours[index % lineColours.length]) }),
  );
  return page(bottom + 56, title, [...grid, ...titles, ...curves, ...legend(lines, { place, left: right + 16 })]);
}

function gridLine(from: [number, number], to: [number, number], tick: number, anchor: 'end' | 'middle'): string {
  const at: [number, number] = anchor === 'end' ? [from[0] - 8, from[1] + 4] : [from[0], from[1] + 18];
  return line(from, to, colours.faint) + text(at, tickText(tick), { anchor, fill: colours.quiet });
}

function curve(
  { points }: Line,
  { place, colour }: { place: (point: readonly [number, number]) => [number, number]; colour: string },
): string {
  const placed = points.map(place);
  const path = placed.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  const dots = (placed.length > mostDots ? [] : placed).map(
    ([x, y]) => `<circle cx="${round(x)}" cy="${round(y)}" r="3.5" fill="${colour}"/>`,
  );
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`;
}

/** Each name beside the end of its line; those that would lie upon each other are moved apart. */
function legend(
  lines: readonly Line[],
  { place, left }: { place: (point: readonly [number, number]) => [number, number]; left: number },
): string[] {
  const ends = lines
    .map(({ label, points }, index) => ({ label, index, y: place(points.at(-1) ?? [0, 0])[1] }))
    .sort((a, b) => a.y - b.y);
  let above = Number.NEGATIVE_INFINITY;
  return ends.map(({ label, index, y }) => {
    above = Math.max(y, above + 18);
    return text([left, above + 4], label, { fill: String(lineColours[index % lineColours.length]) });
  });
}

function page(height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${text([24, 32], title, { weight: 'bold', size: 17 })}
${parts.join('\n')}
</svg>\n`;
}

interface TextStyle {
  readonly anchor?: 'end' | 'middle';
  readonly fill?: string;
  readonly weight?: 'bold';
  readonly size?: number;
}

function text([x, y]: readonly [number, number], content: string, style: TextStyle): string {
  const { anchor, fill = colours.ink, weight, size } = style;
  const attributes = [
    ...(anchor === undefined ? [] : [`text-anchor="${anchor}"`]),
    ...(weight === undefined ? [] : [`font-weight="${weight}"`]),
    ...(size === undefined ? [] : [`font-size="${size}"`]),
  ];
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}" ${attributes.join(' ')}>${escaped(content)}</text>`;
}

function line(from: readonly [number, number], to: readonly [number, number], stroke: string): string {
  return `<line x1="${round(from[0])}" y1="${round(from[1])}" x2="${round(to[0])}" y2="${round(to[1])}" stroke="${stroke}"/>`;
}

function tickText(tick: number): string {
  return tick.toLocaleString('en', { maximumSignificantDigits: 3 });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
