/** Short messages at the edge, for what has happened elsewhere than where one looks. They go by themselves; errors stay. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import { text } from '../text/en.ts';
import { IconButton } from './Button.tsx';
import { Icon } from './Icon.tsx';

const shownMs = 6_000;
const mostAtOnce = 4;

interface Toast {
  readonly id: number;
  readonly kind: 'success' | 'danger';
  readonly message: string;
}

export interface Toasts {
  tell(message: string): void;
  complain(message: string): void;
}

const ToastContext = createContext<Toasts>({ tell: () => {}, complain: () => {} });

export function useToasts(): Toasts {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const lastId = useRef(0);
  const dismiss = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const value = useMemo<Toasts>(() => {
    const add = (kind: Toast['kind'], message: string) => {
      lastId.current += 1;
      const id = lastId.current;
      setToasts((all) => [...all.slice(1 - mostAtOnce), { id, kind, message }]);
      if (kind === 'success') setTimeout(() => dismiss(id), shownMs);
    };
    return { tell: (message) => add('success', message), complain: (message) => add('danger', message) };
  }, [dismiss]);
  return (
    <ToastContext value={value}>
      {children}
      <div className="toasts" aria-live="polite">
        {toasts.map(({ id, kind, message }) => (
          <div key={id} className="toast">
            <Icon name={kind === 'success' ? 'check' : 'warning'} />
            <span>{message}</span>
            <IconButton size="small" icon="close" label={text.ui.dismiss} onClick={() => dismiss(id)} />
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
