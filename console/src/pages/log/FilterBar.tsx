/** All that narrows the log, in one line; on a phone in a dialog, but for the words. */
import { useState } from 'react';
import { useIsPhone } from '../../shell/Shell.tsx';
import { text } from '../../text/en.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Switch } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { actionLabel } from './actions.ts';
import { countFilters, type Filters, pinned, writeFilters } from './filters.ts';
import { FilterList, ListFilter, type ListFilterProps } from './ListFilter.tsx';
import { moduleLabel, nameOf, peopleShown, useActions, useModules, useNamesOf, usePeople } from './suggestions.ts';
import { TimeChoices, TimeFilter } from './TimeFilter.tsx';
import type { FilterState } from './useFilters.ts';
import { WordsFilter } from './WordsFilter.tsx';

interface FilterBarProps {
  readonly state: FilterState;
  readonly isLive: boolean;
  readonly onLive: (isLive: boolean) => void;
}

export function FilterBar({ state, isLive, onLive }: FilterBarProps) {
  const { filters, change, clear } = state;
  const isPhone = useIsPhone();
  const lists = useLists(filters, change);
  return (
    <div className="filter-bar">
      <WordsFilter words={filters.words} onChange={(words) => change({ words })} />
      {isPhone ? (
        <FilterDialog state={state} lists={lists} />
      ) : (
        <>
          <TimeFilter filters={filters} onChange={change} />
          {lists.map((list) => (
            <ListFilter key={list.label} {...list} />
          ))}
        </>
      )}
      {filters.recordId !== null && (
        <Button
          className="filter filter-set"
          aria-label={`${text.log.record(filters.recordId)}. ${text.log.removeRecord}`}
          onClick={() => change({ recordId: null })}
        >
          <span className="truncate">{text.log.record(filters.recordId)}</span>
          <Icon name="close" className="filter-arrow" />
        </Button>
      )}
      {!isPhone && countFilters(filters) > 0 && (
        <Button kind="quiet" onClick={clear}>
          {text.log.clear}
        </Button>
      )}
      <div className="filter-bar-end">
        <span title={text.log.liveHint}>
          <Switch label={text.log.live} checked={isLive} onChange={(event) => onLive(event.target.checked)} />
        </span>
        <ExportLink filters={filters} />
      </div>
    </div>
  );
}

/** Leads to the form of a new export with the same filters; "the last hour" becomes the hour before this moment. */
function ExportLink({ filters }: { readonly filters: Filters }) {
  const search = writeFilters(pinned(filters, Date.now()));
  return (
    <LinkButton kind="primary" icon="export" href={search === '' ? '/exports/new' : `/exports/new?${search}`}>
      {text.log.export}
    </LinkButton>
  );
}

function useLists(filters: Filters, change: FilterState['change']): readonly ListFilterProps[] {
  const [search, setSearch] = useState('');
  const { people } = usePeople(search.trim());
  useNamesOf(filters.doneBy);
  const modules = useModules();
  const actions = useActions();
  return [
    {
      label: text.log.people,
      searchLabel: text.log.searchPeople,
      icon: 'people',
      chosen: filters.doneBy,
      labelOf: (id) => nameOf(id) ?? text.log.person(id),
      suggestions: people?.map(({ id, name, status }) => ({
        value: id,
        label: name,
        ...(status !== 'active' && { note: text.log.inactive }),
      })),
      onChange: (doneBy) => change({ doneBy }),
      onSearch: setSearch,
      note: people !== undefined && people.length >= peopleShown ? text.log.morePeople : null,
    },
    {
      label: text.log.modules,
      searchLabel: text.log.searchModules,
      icon: 'module',
      chosen: filters.modules,
      labelOf: (name) => moduleLabel(modules, name),
      suggestions: modules?.map(({ api_name: value, plural_label: label }) => ({ value, label })),
      onChange: (chosen) => change({ modules: chosen }),
    },
    {
      label: text.log.actions,
      searchLabel: text.log.searchActions,
      icon: 'bolt',
      chosen: filters.actions,
      labelOf: actionLabel,
      suggestions: actions?.map((value) => ({ value, label: actionLabel(value) })),
      onChange: (chosen) => change({ actions: chosen }),
    },
  ];
}

interface FilterDialogProps {
  readonly state: FilterState;
  readonly lists: readonly ListFilterProps[];
}

function FilterDialog({ state: { filters, change, clear }, lists }: FilterDialogProps) {
  const [isOpen, setIsOpen] = useState(false);
  const close = () => setIsOpen(false);
  // The words have a field of their own outside.
  const count = countFilters({ ...filters, words: '', recordId: null });
  return (
    <>
      <Button icon="filter" className={count === 0 ? 'filter' : 'filter filter-set'} onClick={() => setIsOpen(true)}>
        {text.log.filtersActive(count)}
      </Button>
      {isOpen && (
        <Dialog
          title={text.log.filters}
          onClose={close}
          actions={
            <>
              <Button onClick={clear} disabled={count === 0}>
                {text.log.clear}
              </Button>
              <Button kind="primary" onClick={close}>
                {text.log.apply}
              </Button>
            </>
          }
        >
          <details className="fold" open>
            <summary>{text.log.time}</summary>
            <TimeChoices filters={filters} onChange={change} />
          </details>
          {lists.map((list) => (
            <details key={list.label} className="fold">
              <summary>
                {list.label}
                {list.chosen.length > 0 && <span className="badge badge-accent">{list.chosen.length}</span>}
              </summary>
              <FilterList {...list} />
            </details>
          ))}
        </Dialog>
      )}
    </>
  );
}
