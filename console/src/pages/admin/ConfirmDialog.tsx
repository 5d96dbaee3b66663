/** Asks before something that cannot be taken back. */
import { useMutation } from '@tanstack/react-query';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice, wordsFor } from '../../ui/states.tsx';

interface ConfirmDialogProps<Answer> {
  readonly title: string;
  readonly message: string;
  readonly submit: string;
  readonly change: () => Promise<Answer>;
  readonly onDone: (answer: Answer) => void;
  readonly onClose: () => void;
}

export function ConfirmDialog<Answer>(props: ConfirmDialogProps<Answer>) {
  const { title, message, submit, change, onDone, onClose } = props;
  const act = useMutation({ mutationFn: change, onSuccess: onDone });
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text.ui.cancel}</Button>
          <Button kind="danger" isBusy={act.isPending} onClick={() => act.mutate()}>
            {submit}
          </Button>
        </>
      }
    >
      {act.isError && <Notice kind="danger">{wordsFor(act.error)}</Notice>}
      <p>{message}</p>
    </Dialog>
  );
}
