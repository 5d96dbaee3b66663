import { type Export, viewOfFilter } from '../../api/exports.ts';
import { text } from '../../text/en.ts';
import { LinkButton } from '../../ui/Button.tsx';

/** Leads to a new export of the same view, where there is one that says the same as its criteria. */
export function Again({ shown }: { readonly shown: Export }) {
  if (shown.filter === undefined || shown.filter === null) return null;
  const view = viewOfFilter(shown.filter);
  return (
    <LinkButton href={view.size === 0 ? '/exports/new' : `/exports/new?${view}`} size="small" icon="refresh">
      {text.exports.again}
    </LinkButton>
  );
}
