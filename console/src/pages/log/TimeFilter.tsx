/** The time filter: what is usual in one click, and a range of one's own in two fields. */
import { type FormEvent, useState } from 'react';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice, TextField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { formatMinute, formatRange, viewerZone } from '../../ui/times.ts';
import { type Filters, momentOf, presets } from './filters.ts';

export interface TimeFilterProps {
  readonly filters: Filters;
  readonly onChange: (changed: Partial<Filters>) => void;
}

export function timeLabel({ last, from, to }: Filters): string | null {
  if (last !== null) return text.log.presets[last];
  if (from !== null && to !== null) return formatRange(from, to);
  if (from !== null) return text.log.since(formatMinute(from));
  return to === null ? null : text.log.until(formatMinute(to));
}

export function TimeFilter({ filters, onChange }: TimeFilterProps) {
  const label = timeLabel(filters);
  return (
    <Popover
      label={text.log.time}
      className="time-popover"
      button={(tied) => (
        <Button
          icon="clock"
          className={label === null ? 'filter' : 'filter filter-set'}
          {...tied}
          aria-label={`${text.log.time}: ${label ?? text.log.timeAny}`}
        >
          <span className="truncate">{label ?? text.log.timeAny}</span>
          <Icon name="down" className="filter-arrow" />
        </Button>
      )}
    >
      {(close) => (
        <TimeChoices
          filters={filters}
          onChange={(changed) => {
            onChange(changed);
            close();
          }}
        />
      )}
    </Popover>
  );
}

export function TimeChoices({ filters, onChange }: TimeFilterProps) {
  const isAny = timeLabel(filters) === null;
  return (
    <div className="time-choices">
      <fieldset className="plain-fieldset">
        <legend className="visually-hidden">{text.log.time}</legend>
        <Choice
          type="radio"
          name="time"
          label={text.log.timeAny}
          checked={isAny}
          onChange={() => onChange({ last: null })}
        />
        {presets.map((preset) => (
          <Choice
            key={preset}
            type="radio"
            name="time"
            label={text.log.presets[preset]}
            checked={filters.last === preset}
            onChange={() => onChange({ last: preset })}
          />
        ))}
      </fieldset>
      <RangeForm filters={filters} onChange={onChange} />
    </div>
  );
}

function RangeForm({ filters, onChange }: TimeFilterProps) {
  const [error, setError] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const from = momentIn(fields.get('from'), 0);
    // The whole of the last minute counts: what the field shows has no seconds.
    const to = momentIn(fields.get('to'), 59);
    if (from === null && to === null) setError(text.log.rangeEmpty);
    else if (from !== null && to !== null && from > to) setError(text.log.rangeWrong);
    else onChange({ from, to });
  };
  return (
    <form className="stack stack-small range-form" onSubmit={submit} noValidate aria-label={text.log.range}>
      <strong>{text.log.range}</strong>
      <TextField
        label={text.log.rangeFrom}
        type="datetime-local"
        name="from"
        defaultValue={localOf(filters.from)}
        error={error}
      />
      <TextField
        label={text.log.rangeTo}
        type="datetime-local"
        name="to"
        defaultValue={localOf(filters.to)}
        hint={text.log.rangeZone(viewerZone)}
      />
      <Button type="submit">{text.log.rangeApply}</Button>
    </form>
  );
}

/** What such a field holds is a time in the zone of this browser, and Date reads it so. */
function momentIn(value: FormDataEntryValue | null, seconds: number): string | null {
  const time = typeof value === 'string' && value !== '' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : momentOf(time + seconds * 1000);
}

function localOf(moment: string | null): string {
  if (moment === null) return '';
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
