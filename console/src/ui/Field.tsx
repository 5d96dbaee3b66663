/** A control with its label, its hint and what is wrong with it, tied together for assistive technology. */
import { type ComponentProps, type ReactNode, useId } from 'react';
import { Icon } from './Icon.tsx';

interface Told {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong, in words; null or undefined: nothing. */
  readonly error?: string | null | undefined;
}

interface ControlProps {
  readonly id: string;
  readonly 'aria-invalid': boolean | undefined;
  readonly 'aria-describedby': string | undefined;
}

export function Field({
  label,
  hint,
  error,
  control,
}: Told & { readonly control: (props: ControlProps) => ReactNode }) {
  const id = useId();
  const isWrong = typeof error === 'string' && error !== '';
  const describedBy = [hint === undefined ? '' : `${id}-hint`, isWrong ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {control({ id, 'aria-invalid': isWrong || undefined, 'aria-describedby': describedBy || undefined })}
      {hint !== undefined && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {isWrong && (
        <span className="field-error" id={`${id}-error`}>
          <Icon name="warning" />
          {error}
        </span>
      )}
    </div>
  );
}

export function TextField({ label, hint, error, ...rest }: Told & Omit<ComponentProps<'input'>, 'id'>) {
  return (
    <Field
      {...{ label, hint, error }}
      control={(tied) => <input type="text" className="input" autoComplete="off" {...rest} {...tied} />}
    />
  );
}

export function TextAreaField({ label, hint, error, ...rest }: Told & Omit<ComponentProps<'textarea'>, 'id'>) {
  return (
    <Field {...{ label, hint, error }} control={(tied) => <textarea className="textarea" {...rest} {...tied} />} />
  );
}

/** The children are <option>s. */
export function SelectField({ label, hint, error, ...rest }: Told & Omit<ComponentProps<'select'>, 'id'>) {
  return <Field {...{ label, hint, error }} control={(tied) => <select className="select" {...rest} {...tied} />} />;
}

interface ChoiceProps extends Omit<ComponentProps<'input'>, 'id'> {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
}

/** One box to tick, or with type="radio" one of several to choose. */
export function Choice({ label, hint, type = 'checkbox', ...rest }: ChoiceProps) {
  return (
    <label className="choice">
      <input type={type} {...rest} />
      <span className="choice-text">
        <span className="truncate">{label}</span>
        {hint !== undefined && <span className="field-hint">{hint}</span>}
      </span>
    </label>
  );
}

/** On or off at once, without a button to confirm it. */
export function Switch({ label, ...rest }: Omit<ComponentProps<'input'>, 'id' | 'type'> & { readonly label: string }) {
  return (
    <label className="switch">
      {/* biome-ignore lint/a11y/useAriaPropsForRole: the browser tells the state of a checkbox by itself */}
      <input type="checkbox" role="switch" {...rest} />
      {label}
    </label>
  );
}
