/** A moment in the viewer's zone; on hover and on focus the same in the organisation's, if that is another. */
import { useOwnSession } from '../api/session.ts';
import { text } from '../text/en.ts';
import { formatTime, viewerZone } from './times.ts';

interface TimeProps {
  /** ISO 8601. */
  readonly value: string;
  /** How it is written; formatTime unless given. */
  readonly format?: (time: string, zone?: string) => string;
  /** False where something around it takes the focus already, like a row of a list. */
  readonly isFocusable?: boolean;
}

export function Time({ value, format = formatTime, isFocusable = true }: TimeProps) {
  const zone = useOwnSession().organisation.time_zone;
  if (zone === viewerZone) return <time dateTime={value}>{format(value)}</time>;
  return (
    <span className="time" {...(isFocusable && { tabIndex: 0 })}>
      <time dateTime={value}>{format(value)}</time>
      <span className="time-tip" role="tooltip">
        {text.ui.timeInZone(formatTime(value, zone), zone)}
      </span>
    </span>
  );
}
