/** A button with something that opens under it. Closes on Escape, on a click elsewhere, and when the focus leaves. */
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

interface PopoverProps {
  readonly button: (props: {
    readonly 'aria-expanded': boolean;
    readonly 'aria-controls': string | undefined;
    readonly onClick: () => void;
  }) => ReactNode;
  /** What the panel is called. */
  readonly label: string;
  readonly align?: 'start' | 'end';
  readonly className?: string;
  /** `close` gives the focus back to the button. */
  readonly children: (close: () => void) => ReactNode;
}

export function Popover({ button, label, align = 'start', className = '', children }: PopoverProps) {
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = () => {
    setIsOpen(false);
    anchor.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  };
  useLayoutEffect(() => {
    if (isOpen && panel.current !== null) keepInside(panel.current);
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return;
    panel.current?.querySelector<HTMLElement>('input:checked, input, select, button, a')?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !anchor.current?.contains(event.target)) setIsOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: catches the keys and the focus of what is inside
    <div
      ref={anchor}
      className="popover-anchor"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (event.relatedTarget instanceof Node && !anchor.current?.contains(event.relatedTarget)) setIsOpen(false);
      }}
    >
      {button({
        'aria-expanded': isOpen,
        'aria-controls': isOpen ? id : undefined,
        onClick: () => setIsOpen((was) => !was),
      })}
      {isOpen && (
        <div
          ref={panel}
          id={id}
          role="dialog"
          aria-label={label}
          className={`popover ${align === 'end' ? 'popover-end' : ''} ${className}`}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** Pixels that stay free at the edges of the window. */
const margin = 12;

/** Moves what would stand over the window's right or left edge to where it can be seen. */
function keepInside(panel: HTMLElement): void {
  const { left, right } = panel.getBoundingClientRect();
  const over = Math.min(right - (document.documentElement.clientWidth - margin), left - margin);
  const under = left < margin ? left - margin : 0;
  const shift = over > 0 ? over : under;
  if (shift !== 0) panel.style.translate = `${-shift}px 0`;
}
