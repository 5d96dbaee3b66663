/** A dialog with a form: what is missing or refused is said at its field, or above all where it concerns none. */
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice, wordsFor } from '../../ui/states.tsx';

/** What is wrong with the field of that name, in words. */
export type ErrorOf = (name: string) => string | undefined;

interface FormDialogProps<Answer> {
  readonly title: string;
  readonly submit: string;
  readonly busy: string;
  readonly change: (fields: FormData) => Promise<Answer>;
  /** With it as the answer the dialog is over; it should go. */
  readonly onDone: (answer: Answer) => void;
  readonly onClose: () => void;
  /** What is wrong before the server is asked, beside required fields: by the name of the field. */
  readonly check?: (fields: FormData) => Readonly<Record<string, string>>;
  readonly children: (errorOf: ErrorOf) => ReactNode;
}

export function FormDialog<Answer>(props: FormDialogProps<Answer>) {
  const { title, submit, busy, change, onDone, onClose, check, children } = props;
  const body = useRef<HTMLDivElement>(null);
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const save = useMutation({ mutationFn: change, onSuccess: onDone });
  const send = () => {
    const form = body.current?.closest('form');
    if (!form || save.isPending) return;
    const fields = new FormData(form);
    const problems = { ...missingIn(form), ...check?.(fields) };
    setWrong(problems);
    const [first] = Object.keys(problems);
    if (first === undefined) save.mutate(fields);
    else focusOn(form, first);
  };
  const refused = refusedField(save.error);
  const isAtField = refused !== null && body.current?.querySelector(`[name="${CSS.escape(refused)}"]`) != null;
  const errorOf: ErrorOf = (name) => wrong[name] ?? (name === refused ? wordsFor(save.error) : undefined);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={send}
      actions={
        <>
          <Button onClick={onClose}>{text.ui.cancel}</Button>
          <Button type="submit" kind="primary" isBusy={save.isPending}>
            {save.isPending ? busy : submit}
          </Button>
        </>
      }
    >
      <div ref={body} className="stack">
        {save.isError && !isAtField && <Notice kind="danger">{wordsFor(save.error)}</Notice>}
        {children(errorOf)}
      </div>
    </Dialog>
  );
}

function missingIn(form: HTMLFormElement): Record<string, string> {
  const inputs = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input[required], select[required]');
  return Object.fromEntries(
    [...inputs].filter(({ value }) => value.trim() === '').map(({ name }) => [name, text.ui.required]),
  );
}

function focusOn(form: HTMLFormElement, name: string): void {
  form.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`)?.focus();
}

/** The field that the server's refusal is about; null: none, or no refusal. */
function refusedField(error: Error | null): string | null {
  if (!(error instanceof ApiError)) return null;
  return typeof error.details.api_name === 'string' ? error.details.api_name : null;
}

/** The text of a field without the white space around it. */
export function textOf(fields: FormData, name: string): string {
  return String(fields.get(name) ?? '').trim();
}
