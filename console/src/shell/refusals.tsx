/** Pages that are not there, or not for this person. */
import { text } from '../text/en.ts';
import { LinkButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/states.tsx';

export function NotFound() {
  return (
    <EmptyState
      isPage
      icon="search"
      title={text.shell.notFoundTitle}
      actions={<LinkButton href="/log">{text.shell.toLog}</LinkButton>}
    >
      {text.shell.notFoundText}
    </EmptyState>
  );
}

export function NotAdministrator() {
  return (
    <EmptyState isPage icon="key" title={text.shell.notAdministratorTitle}>
      {text.shell.notAdministratorText}
    </EmptyState>
  );
}

export function NoAuditLog() {
  return (
    <EmptyState isPage icon="key" title={text.shell.noAuditLogTitle}>
      {text.shell.noAuditLogText}
    </EmptyState>
  );
}
