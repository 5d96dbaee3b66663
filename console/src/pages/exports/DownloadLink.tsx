import type { ExportFile } from '../../api/exports.ts';
import { text } from '../../text/en.ts';
import { Icon } from '../../ui/Icon.tsx';

/** Leads to the file itself: the browser asks with the session's cookie, shows its own progress, and can resume. */
export function DownloadLink({ file, label }: { readonly file: ExportFile; readonly label: string }) {
  if (file.link === null) return null;
  return (
    <a
      className="button button-small"
      href={file.link}
      download={file.name}
      aria-label={text.exports.downloadOf(label, file.name)}
    >
      <Icon name="export" />
      {label}
    </a>
  );
}
