/** How an export stands: its state in a word, and how far it has come. */
import { type Export, isOpen } from '../../api/exports.ts';
import { text } from '../../text/en.ts';
import { Badge } from '../../ui/Badge.tsx';

const kinds = { scheduled: 'plain', progress: 'accent', finished: 'success', failed: 'danger' } as const;

export function StateBadge({ shown }: { readonly shown: Export }) {
  if (shown.is_expired) return <Badge>{text.exports.states.expired}</Badge>;
  return <Badge kind={kinds[shown.status]}>{text.exports.states[shown.status]}</Badge>;
}

/** The bar of one that is under way, with its numbers; of one that is over, how much it holds. */
export function Amount({ shown }: { readonly shown: Export }) {
  if (!isOpen(shown)) return shown.entries === null ? null : <span>{text.exports.entries(shown.entries)}</span>;
  const { status, entries, total_entries: total } = shown;
  const words = total === null ? text.exports.counting : text.exports.entriesOf(entries ?? 0, total);
  return (
    <span className="export-progress">
      <progress
        aria-label={text.exports.progressLabel}
        max={total === null ? 1 : Math.max(total, 1)}
        {...(total === null && status === 'progress' ? {} : { value: entries ?? 0 })}
      />
      <span className="muted small">{status === 'scheduled' ? text.exports.waiting : words}</span>
    </span>
  );
}
