import type { ReactNode } from 'react';

interface BadgeProps {
  readonly kind?: 'plain' | 'accent' | 'danger' | 'warning' | 'success';
  readonly children: ReactNode;
}

/** A word about the state of a thing. */
export function Badge({ kind = 'plain', children }: BadgeProps) {
  return <span className={`badge badge-${kind}`}>{children}</span>;
}
