/** The drawing itself. Loaded after the page, which keeps the place for it. */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { text } from '../../text/en.ts';
import { themeEvent } from '../../theme.ts';
import { formatNumber, formatShort } from '../../ui/numbers.ts';
import { formatRange } from '../../ui/times.ts';
import { actionColour, actionLabel } from './actions.ts';
import { type Series, stacked } from './series.ts';

export interface PlotProps {
  readonly series: Series;
  /** Epoch seconds, both included. */
  readonly onRange: (from: number, to: number) => void;
}

/** Pixels that the pointer has to move before it is a choice and not a click. */
const leastDrag = 6;

export function Plot({ series, onRange }: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const choose = useRef(onRange);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [paint, setPaint] = useState(0);
  useEffect(() => {
    choose.current = onRange;
  });
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const again = () => setPaint((count) => count + 1);
    dark.addEventListener('change', again);
    window.addEventListener(themeEvent, again);
    return () => {
      dark.removeEventListener('change', again);
      window.removeEventListener(themeEvent, again);
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `paint` says that the colours are others now
  useEffect(() => {
    const host = element.current;
    if (host === null) return;
    const plot = new uPlot(
      optionsFor(host, series, { choose: (from, to) => choose.current(from, to), point: setPointed }),
      [series.starts as number[], ...stacked(series).toReversed()],
      host,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: host.clientHeight }));
    watcher.observe(host);
    return () => {
      watcher.disconnect();
      plot.destroy();
      setPointed(null);
    };
  }, [series, paint]);
  return (
    <div className="plot">
      <div ref={element} className="plot-host" />
      {pointed !== null && <PlotTip series={series} {...pointed} />}
    </div>
  );
}

interface Pointed {
  readonly index: number;
  /** Pixels from the left of the plot. */
  readonly left: number;
  readonly isRight: boolean;
}

function PlotTip({ series, index, left, isRight }: Pointed & { readonly series: Series }) {
  const start = (series.starts[index] ?? 0) * 1000;
  const parts = series.actions.filter(({ counts }) => (counts[index] ?? 0) > 0);
  return (
    <div className={isRight ? 'plot-tip plot-tip-right' : 'plot-tip'} style={{ left }} aria-hidden="true">
      <div className="muted">{formatRange(start, start + series.bucketSeconds * 1000)}</div>
      {parts.map(({ action, counts }) => (
        <div key={action} className="plot-tip-row">
          <span className="swatch" style={{ background: `var(${actionColour(action)})` }} />
          {actionLabel(action)}
          <span className="plot-tip-count">{formatNumber(counts[index] ?? 0)}</span>
        </div>
      ))}
      {parts.length === 0 && <div>{text.log.total(0, false)}</div>}
    </div>
  );
}

interface Told {
  readonly choose: (from: number, to: number) => void;
  readonly point: (pointed: Pointed | null) => void;
}

function optionsFor(host: HTMLElement, series: Series, told: Told): uPlot.Options {
  const colour = colourReader(host);
  const bars = uPlot.paths.bars?.({ size: [0.9, 40], align: 1 });
  const axis = {
    stroke: colour('--text-2'),
    font: `11px ${getComputedStyle(host).fontFamily}`,
    ticks: { show: false },
  };
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: leastDrag },
    },
    scales: {
      x: { time: true, range: () => [series.from, series.to] },
      y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.05)] },
    },
    axes: [
      { ...axis, size: 22, gap: 4, space: 90, grid: { show: false }, values: timeLabels },
      {
        ...axis,
        size: 44,
        gap: 6,
        space: 32,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500]
          .flatMap((incr) => [incr, incr * 1000, incr * 1_000_000])
          .sort((a, b) => a - b),
        grid: { stroke: colour('--line'), width: 1 },
        values: (_plot, values) => values.map((value) => formatShort(value)),
      },
    ],
    series: [
      {},
      // The highest first: each that follows is drawn over it.
      ...series.actions.toReversed().map(({ action }) => ({
        fill: colour(actionColour(action)),
        width: 0,
        points: { show: false },
        ...(bars !== undefined && { paths: bars }),
      })),
    ],
    hooks: {
      setSelect: [(plot) => select(plot, series, told.choose)],
      setCursor: [(plot) => told.point(pointedAt(plot, series))],
    },
  };
}

function pointedAt(plot: uPlot, series: Series): Pointed | null {
  const { left = -1 } = plot.cursor;
  if (left < 0) return null;
  const seconds = plot.posToVal(left, 'x');
  const index = Math.floor((seconds - series.from) / series.bucketSeconds);
  if (index < 0 || index >= series.starts.length) return null;
  const offset = plot.over.offsetLeft;
  return { index, left: left + offset, isRight: left > plot.over.clientWidth / 2 };
}

/** What was dragged over, to the borders of the bars that it touched. */
function select(plot: uPlot, series: Series, choose: Told['choose']): void {
  const { left, width } = plot.select;
  if (width < leastDrag) return;
  const step = series.bucketSeconds;
  const place = (pixels: number) => (plot.posToVal(pixels, 'x') - series.from) / step;
  const from = series.from + Math.floor(place(left)) * step;
  const to = series.from + Math.ceil(place(left + width)) * step - 1;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  choose(Math.max(from, series.from), Math.min(to, series.to));
}

const hour = 3_600;
const day = 86_400;

/** By the distance of the marks: a clock, a day, a month. The day stands once where hours pass midnight. */
function timeLabels(_plot: uPlot, splits: number[], _axis: number, _space: number, increment: number): string[] {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', ...options });
  const clock = format({ hour: '2-digit', minute: '2-digit', ...(increment < 60 && { second: '2-digit' }) });
  const date = format({ day: 'numeric', month: 'short' });
  const month = format({ month: 'short', year: 'numeric' });
  return splits.map((split) => {
    const time = new Date(split * 1000);
    if (increment >= 28 * day) return month.format(time);
    if (increment >= day) return date.format(time);
    const isMidnight = time.getHours() === 0 && time.getMinutes() === 0 && increment >= hour / 12;
    return isMidnight ? date.format(time) : clock.format(time);
  });
}

/** A canvas knows no custom properties: an element that has the colour says what it is. */
function colourReader(host: HTMLElement): (property: string) => string {
  return (property) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${property})`;
    host.append(probe);
    const read = getComputedStyle(probe).color;
    probe.remove();
    return read;
  };
}
