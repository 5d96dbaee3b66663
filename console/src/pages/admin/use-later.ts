import { useEffect, useState } from 'react';

/** The value once it has stayed the same for so long: what is typed is not asked for letter by letter. */
export function useLater<Value>(value: Value, waitMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), waitMs);
    return () => clearTimeout(timer);
  }, [value, waitMs]);
  return settled;
}
