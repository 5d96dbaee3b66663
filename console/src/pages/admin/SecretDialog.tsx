/** Shows once what is never shown again. Only its buttons close it: a slip of the mouse must not lose the secret. */
import { useId } from 'react';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/states.tsx';

interface SecretDialogProps {
  readonly title: string;
  readonly message?: string;
  readonly secrets: readonly { readonly label: string; readonly value: string }[];
  readonly onClose: () => void;
}

export function SecretDialog({ title, message, secrets, onClose }: SecretDialogProps) {
  // Not the label: an id has no blanks.
  const id = useId();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      isSticky
      actions={
        <Button kind="primary" onClick={onClose}>
          {text.admin.done}
        </Button>
      }
    >
      <Notice kind="warning">{text.admin.secretWarning}</Notice>
      {message !== undefined && <p>{message}</p>}
      {secrets.map(({ label, value }, place) => (
        <div key={label} className="stack stack-small">
          <strong id={`${id}-${place}`}>{label}</strong>
          <div className="admin-secret">
            <output aria-labelledby={`${id}-${place}`} className="mono">
              {value}
            </output>
            <CopyButton value={value} label={`${text.ui.copy}`} />
          </div>
        </div>
      ))}
    </Dialog>
  );
}
