export interface Fault<T> {
  readonly port: T;
  /** Whether the call that was to fail came. */
  readonly fired: () => boolean;
}

/**
 * The port with its n-th call failing, counted over all methods, and over those of what they return: writers, files,
 * iterators. The call that fails has no effect.
 */
export function failAt<T extends object>(n: number, port: T, error: Error = new Error(`fault ${n}`)): Fault<T> {
  let calls = 0;
  const before = (): void => {
    calls += 1;
    if (calls === n) throw error;
  };
  return { port: wrap(port, before), fired: () => calls >= n };
}

function wrap<T>(target: T, before: () => void): T {
  if (typeof target !== 'object' || target === null || target instanceof Uint8Array || Array.isArray(target))
    return target;
  if (target instanceof Promise) return target.then((value) => wrap(value, before)) as T; // still a promise of the same
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        // Asking for the iterator does nothing by itself: only its steps count. Undoing may fail in tests of its own.
        if (name === Symbol.asyncIterator || name === 'abort' || name === 'return') {
          return wrap(value.apply(object, args), before);
        }
        try {
          before();
        } catch (error) {
          if (name === 'chunks') throw error;
          return Promise.reject(error);
        }
        return wrap(value.apply(object, args), before);
      };
    },
  });
}
