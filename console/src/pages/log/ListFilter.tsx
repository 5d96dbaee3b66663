/** A filter that is a list to tick: people, modules, actions. What is ticked counts at once. */
import { useId, useState } from 'react';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Field.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import type { Suggestion } from './suggestions.ts';

/** As the API has it. */
const maxSearchLength = 200;

export interface ListFilterProps {
  readonly label: string;
  readonly searchLabel: string;
  readonly icon: IconName;
  readonly chosen: readonly string[];
  readonly labelOf: (value: string) => string;
  /** Undefined: not known yet. */
  readonly suggestions: readonly Suggestion[] | undefined;
  readonly onChange: (chosen: readonly string[]) => void;
  /** Told what is searched for, where the server has to find it; else the suggestions are searched here. */
  readonly onSearch?: (search: string) => void;
  /** Stands below the list; null or undefined: nothing. */
  readonly note?: string | null;
}

export function ListFilter(props: ListFilterProps) {
  const { label, icon, chosen, labelOf } = props;
  const [first] = chosen;
  const shown =
    first === undefined
      ? label
      : chosen.length === 1
        ? labelOf(first)
        : text.log.andMore(labelOf(first), chosen.length - 1);
  return (
    <Popover
      label={label}
      className="filter-popover"
      button={(tied) => (
        <Button
          icon={icon}
          className={first === undefined ? 'filter' : 'filter filter-set'}
          {...tied}
          {...(first !== undefined && {
            // What is seen is part of the name, so that one can say it to a voice control.
            'aria-label': `${label}: ${shown}`,
            title: chosen.map(labelOf).join(', '),
          })}
        >
          <span className="truncate">{shown}</span>
          <Icon name="down" className="filter-arrow" />
        </Button>
      )}
    >
      {() => <FilterList {...props} />}
    </Popover>
  );
}

/** The list alone, for where it needs no button. */
export function FilterList({
  label,
  searchLabel,
  chosen,
  labelOf,
  suggestions,
  onChange,
  onSearch,
  note,
}: ListFilterProps) {
  const id = useId();
  const [search, setSearch] = useState('');
  // Those that were chosen when it was opened stand first, and stay there: a list must not move under the pointer.
  const [first] = useState(chosen);
  const matches = (name: string) => name.toLowerCase().includes(search.trim().toLowerCase());
  const top = first.filter((value) => matches(labelOf(value))).map((value) => ({ value, label: labelOf(value) }));
  const others = suggestions?.filter(
    ({ value, label: name }) => !first.includes(value) && (onSearch !== undefined || matches(name)),
  );
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return (
    <div className="filter-list">
      <div className="filter-list-head">
        <input
          type="search"
          className="input"
          placeholder={searchLabel}
          aria-label={searchLabel}
          aria-controls={id}
          maxLength={maxSearchLength}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            onSearch?.(event.target.value);
          }}
        />
        <Button size="small" kind="quiet" disabled={chosen.length === 0} onClick={() => onChange([])}>
          {text.log.clearOne}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame of its own */}
      <div className="filter-list-body" id={id} role="group" aria-label={label}>
        {others === undefined && <ListSkeleton />}
        {[...top, ...(others ?? [])].map((suggestion: Suggestion) => (
          <Choice
            key={suggestion.value}
            label={
              <>
                {suggestion.label}
                {suggestion.note !== undefined && <span className="muted"> ({suggestion.note})</span>}
              </>
            }
            checked={chosen.includes(suggestion.value)}
            onChange={() => toggle(suggestion.value)}
          />
        ))}
        {typeof note === 'string' && <p className="muted small filter-list-none">{note}</p>}
        {others !== undefined && top.length + others.length === 0 && (
          <p className="muted filter-list-none" role="status">
            {text.log.noSuggestions}
          </p>
        )}
      </div>
    </div>
  );
}

function ListSkeleton() {
  return ['60%', '45%', '70%', '50%'].map((width) => (
    <div key={width} className="choice">
      <Skeleton width={width} height="0.875rem" />
    </div>
  ));
}
