/** What stands where there is nothing to show: because there is nothing, or because it could not be had. */
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button } from './Button.tsx';
import { Icon, type IconName } from './Icon.tsx';

interface EmptyStateProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  /** What one could do about it. */
  readonly actions?: ReactNode;
  /** True: it is all that the page shows, so its title is the page's. */
  readonly isPage?: boolean;
}

export function EmptyState({ icon = 'info', title, children, actions, isPage = false }: EmptyStateProps) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div className="state">
      <Icon name={icon} />
      <Title>{title}</Title>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="row">{actions}</div>}
    </div>
  );
}

/** The words for whatever was thrown. Those of an ApiError are made to be shown, others are not. */
export function wordsFor(error: unknown): string {
  return error instanceof ApiError ? error.message : text.errors.server;
}

interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

export function ErrorState({ error, onRetry }: ErrorStateProps) {
  return (
    <div className="state" role="alert">
      <Icon name="warning" />
      <h2>{text.errors.title}</h2>
      <p>{wordsFor(error)}</p>
      {onRetry !== undefined && (
        <Button icon="refresh" onClick={onRetry}>
          {text.ui.retry}
        </Button>
      )}
    </div>
  );
}

interface NoticeProps {
  readonly kind?: 'info' | 'danger' | 'warning' | 'success';
  readonly children: ReactNode;
}

const noticeIcons = { info: 'info', danger: 'warning', warning: 'warning', success: 'check' } as const;

/** A sentence or two that stand out on the page. A danger is told at once to who cannot see it. */
export function Notice({ kind = 'info', children }: NoticeProps) {
  return (
    <div className={`notice notice-${kind}`} {...(kind === 'danger' && { role: 'alert' })}>
      <Icon name={noticeIcons[kind]} />
      <div>{children}</div>
    </div>
  );
}
