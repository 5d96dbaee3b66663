/** A question in front of the page: the browser's own <dialog>, which keeps the focus inside and gives it back. */
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { text } from '../text/en.ts';
import { IconButton } from './Button.tsx';

/** Where one begins to fill in; without a field the browser chooses, which is the cross. */
const firstField = '.dialog-body :is(input:not([type="hidden"]), select, textarea)';

interface DialogProps {
  readonly title: string;
  /** Escape, the cross, a click beside it. */
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons at the foot; the last one is what the dialog is for. */
  readonly actions?: ReactNode;
  /** True: a click beside it does not close it. */
  readonly isSticky?: boolean;
  /** With it the dialog is a form, and the actions may hold a submit button. */
  readonly onSubmit?: () => void;
}

/** Is open while it is rendered. */
export function Dialog({ title, onClose, children, actions, onSubmit, isSticky = false }: DialogProps) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    // Closed before it is taken out of the page: only then does the browser give the focus back.
    const dialog = element.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(firstField)?.focus();
    return () => dialog?.close();
  }, []);
  const content = (
    <>
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton label={text.ui.close} icon="close" onClick={onClose} />
      </div>
      <div className="dialog-body">{children}</div>
      {actions !== undefined && <div className="dialog-foot">{actions}</div>}
    </>
  );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it is a third way; Escape and the cross are the others
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (!isSticky && event.target === element.current) onClose();
      }}
    >
      {onSubmit === undefined ? (
        content
      ) : (
        <form
          className="dialog-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {content}
        </form>
      )}
    </dialog>
  );
}
