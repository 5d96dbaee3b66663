/** The words that the record's name must hold. Counts a moment after the last key, or at once with Enter. */
import { useEffect, useRef, useState } from 'react';
import { text } from '../../text/en.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { maxWords, maxWordsLength, wordsOf } from './filters.ts';

const pauseMs = 300;

interface WordsFilterProps {
  readonly words: string;
  readonly onChange: (words: string) => void;
}

export function WordsFilter({ words, onChange }: WordsFilterProps) {
  const [typed, setTyped] = useState(words);
  const [known, setKnown] = useState(words);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (known !== words) {
    // Set from elsewhere: the back button, or "Clear all".
    setKnown(words);
    if (typed.trim() !== words) setTyped(words);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (value: string, waitMs: number) => {
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(value.trim()), waitMs);
  };
  return (
    <search className="words">
      <Icon name="search" />
      <input
        type="text"
        className="input"
        aria-label={text.log.words}
        placeholder={text.log.wordsShort}
        maxLength={maxWordsLength}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => set(event.target.value, pauseMs)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') set(typed, 0);
          if (event.key === 'Escape' && typed !== '') set('', 0);
        }}
      />
      {typed !== '' && <IconButton size="small" icon="close" label={text.log.clearWords} onClick={() => set('', 0)} />}
      {wordsOf(typed).length > maxWords && (
        <span className="words-note" role="status">
          {text.log.wordsTooMany}
        </span>
      )}
    </search>
  );
}
