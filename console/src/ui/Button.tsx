import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';
import { Icon, type IconName } from './Icon.tsx';

interface Look {
  readonly kind?: 'primary' | 'danger' | 'quiet' | 'plain';
  readonly size?: 'small' | 'normal';
  readonly icon?: IconName;
}

function classOf({ kind = 'plain', size = 'normal' }: Look, more = ''): string {
  return ['button', `button-${kind}`, size === 'small' ? 'button-small' : '', more].filter(Boolean).join(' ');
}

export interface ButtonProps extends ComponentProps<'button'>, Look {
  /** Something is under way: the button cannot be pressed, and keeps its place in the order of focus. */
  readonly isBusy?: boolean;
}

export function Button({ kind, size, icon, isBusy = false, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classOf({ ...(kind && { kind }), ...(size && { size }) }, className)}
      aria-disabled={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
      {...rest}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only its icon; the label is for who cannot see it, and on hover for who does not know it. */
export function IconButton({ label, icon, className, ...rest }: ButtonProps & { label: string; icon: IconName }) {
  return (
    <Button
      kind="quiet"
      icon={icon}
      className={`button-icon ${className ?? ''}`}
      aria-label={label}
      title={label}
      {...rest}
    />
  );
}

interface LinkButtonProps extends Look {
  readonly href: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Looks like a button and leads to another page of the console. */
export function LinkButton({ href, className, children, ...look }: LinkButtonProps) {
  return (
    <Link href={href} className={classOf(look, className)}>
      {look.icon !== undefined && <Icon name={look.icon} />}
      {children}
    </Link>
  );
}
