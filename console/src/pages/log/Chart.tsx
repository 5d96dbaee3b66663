/** How many entries the filters show, when, and of which action: in words, in colours, and to be dragged over. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { get, type Query } from '../../api/client.ts';
import type { Histogram } from '../../api/types.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { formatEstimate, formatNumber } from '../../ui/numbers.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { wordsFor } from '../../ui/states.tsx';
import { formatMinute } from '../../ui/times.ts';
import { actionColour, actionLabel } from './actions.ts';
import { type Filters, momentOf } from './filters.ts';
import { type Series, seriesOf } from './series.ts';

// Asked for at once, while the numbers are on their way; a file of its own, since a phone can show the list without it.
const drawing = import('./Plot.tsx');
drawing.catch(() => {}); // comes out where it is drawn
const Plot = lazy(async () => ({ default: (await drawing).Plot }));

const bars = 120;
/** While new entries are shown as they come. */
const liveMs = 10_000;

interface ChartProps {
  readonly query: Query;
  readonly filters: Filters;
  readonly isLive: boolean;
  /** How many entries there are, when the list has come to its end and knows; else null. */
  readonly listed: number | null;
  readonly onChange: (changed: Partial<Filters>) => void;
}

export function Chart({ query, filters, isLive, listed, onChange }: ChartProps) {
  const {
    data: answer,
    error,
    refetch,
    isPlaceholderData,
  } = useQuery({
    queryKey: ['histogram', query],
    queryFn: ({ signal }) => get<Histogram>('/api/v1/entries/histogram', { ...query, buckets: bars }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? liveMs : false,
  });
  const isCorrected = answer?.is_estimate === true && listed !== null && !isPlaceholderData;
  const data = isCorrected ? { ...answer, total: listed, is_estimate: false } : answer;
  const series = useMemo(() => (answer === undefined ? null : seriesOf(answer)), [answer]);
  return (
    <section className="chart" aria-label={text.log.chart} aria-busy={data === undefined || isPlaceholderData}>
      <div className="chart-head">
        <Total data={data} hasFailed={error !== null} />
        {data !== undefined && series !== null && (
          <Legend {...{ series, filters, onChange }} isEstimate={answer?.is_estimate ?? false} />
        )}
        {series !== null && <span className="chart-hint">{text.log.chartHint}</span>}
      </div>
      <div className="chart-body">
        {error !== null && data === undefined && (
          <p className="chart-note" role="alert">
            {wordsFor(error)}{' '}
            <Button size="small" icon="refresh" onClick={() => void refetch()}>
              {text.ui.retry}
            </Button>
          </p>
        )}
        {data === undefined && error === null && <Skeleton height="100%" />}
        {data !== undefined && series === null && (
          <p className="chart-note muted">
            {data.total > 0 || data.is_estimate ? text.log.chartTooFew : text.log.chartEmpty}
          </p>
        )}
        {data !== undefined && series !== null && (
          <div className="chart-image" role="img" aria-label={summaryOf(data, series)}>
            <Suspense fallback={<Skeleton height="100%" />}>
              <Plot
                series={series}
                onRange={(from, to) => onChange({ from: momentOf(from * 1000), to: momentOf(to * 1000) })}
              />
            </Suspense>
          </div>
        )}
      </div>
    </section>
  );
}

function Total({ data, hasFailed }: { readonly data: Histogram | undefined; readonly hasFailed: boolean }) {
  if (data === undefined) return hasFailed ? <span /> : <Skeleton width="9rem" height="1.25rem" />;
  return (
    <strong className="chart-total" aria-live="polite" {...(data.is_estimate && { title: text.log.estimateHint })}>
      {text.log.total(data.total, data.is_estimate)}
    </strong>
  );
}

interface LegendProps {
  readonly series: Series;
  readonly isEstimate: boolean;
  readonly filters: Filters;
  readonly onChange: ChartProps['onChange'];
}

/** Each action with its colour and its number; a click shows only that one, another click all again. */
function Legend({ series, isEstimate, filters, onChange }: LegendProps) {
  const numberOf = isEstimate ? formatEstimate : formatNumber;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: without its marks a list is none to some screen readers
    <ul role="list" className="legend">
      {series.actions.map(({ action, total }) => {
        const isOthers = action === text.log.otherActions;
        const isOnly = filters.actions.length === 1 && filters.actions[0] === action;
        const content = (
          <>
            <span className="swatch" style={{ background: `var(${actionColour(action)})` }} />
            {actionLabel(action)} <span className="muted">{numberOf(total)}</span>
          </>
        );
        return (
          <li key={action}>
            {isOthers ? (
              <span className="legend-item">{content}</span>
            ) : (
              <button
                type="button"
                className="legend-item"
                aria-pressed={isOnly}
                title={isOnly ? text.log.notOnlyAction : text.log.onlyAction(actionLabel(action))}
                onClick={() => onChange({ actions: isOnly ? [] : [action] })}
              >
                {content}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function summaryOf(data: Histogram, series: Series): string {
  const total = text.log.total(data.total, data.is_estimate);
  const span = text.log.chartSummary(total, formatMinute(series.from * 1000), formatMinute(series.to * 1000));
  const parts = series.actions.map(({ action, total: count }) =>
    text.log.chartPart(actionLabel(action), formatNumber(count)),
  );
  return [span, ...parts].join(' ');
}
