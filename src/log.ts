/** The log: one JSON object a line, on standard error. */
import pino from 'pino';
import type { Config } from './config.ts';

/** A line for each request is gathered until there are as many bytes, or as long: one system call then writes many. */
const gatheredBytes = 8_192;
const gatheredMs = 200;
/** pino's number for a warning; errors have greater ones. */
const urgent = 40;

export interface OpenLog extends Disposable {
  readonly log: pino.Logger;
}

/**
 * What a server logs may be late by `gatheredMs`, and what was gathered then is lost if the process is killed; but a warning
 * or an error, with all that came before it, is written at once. When it is disposed of, or the process ends, the rest is.
 */
export function openLog(config: Pick<Config, 'logLevel'>, mode: 'serve' | 'command'): OpenLog {
  const isServer = mode === 'serve';
  const destination = pino.destination({
    fd: 2,
    sync: true,
    ...(isServer && { minLength: gatheredBytes, periodicFlush: gatheredMs }),
  });
  const flush = (): void => {
    try {
      destination.flushSync();
    } catch {
      // Whoever reads the log is gone, and there is nobody else to tell: the server goes on without, as after any other line.
    }
  };
  const log = pino(
    {
      // A command speaks for itself; its parts are heard only when something is wrong.
      level: isServer ? config.logLevel : 'warn',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: {
        logMethod(input, method, level) {
          method.apply(this, input);
          if (level >= urgent) flush();
        },
      },
    },
    destination,
  );
  process.on('exit', flush);
  return {
    log,
    [Symbol.dispose]: () => {
      process.off('exit', flush);
      flush();
    },
  };
}
