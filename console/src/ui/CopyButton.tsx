import { useState } from 'react';
import { text } from '../text/en.ts';
import { Button } from './Button.tsx';

const toldMs = 2_000;

/** Puts a text on the clipboard and says so. Shown as what it does: `label`, "Copy" unless given. */
export function CopyButton({ value, label = text.ui.copy }: { readonly value: string; readonly label?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setIsCopied(true);
      setTimeout(() => setIsCopied(false), toldMs);
    } catch {
      // Only pages of a safe origin may; the text can still be marked and copied by hand.
    }
  };
  return (
    <Button size="small" icon={isCopied ? 'check' : 'copy'} onClick={() => void copy()}>
      <span aria-live="polite">{isCopied ? text.ui.copied : label}</span>
    </Button>
  );
}
