import { watchNpx } from './cli/npx.ts';
import { exitCodes, run } from './cli/program.ts';

const interrupt = new AbortController();
let interruptedCode: number = exitCodes.interrupted;
for (const [signal, exitCode] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  process.on(signal, () => {
    // The second one means it.
    if (interrupt.signal.aborted) process.exit(exitCode);
    interruptedCode = exitCode;
    interrupt.abort();
  });
}
watchNpx(process.env, { onStop: () => interrupt.abort(), onKill: () => process.exit(137) });
// A command that waits for its input would never see the interruption.
interrupt.signal.addEventListener('abort', () => process.stdin.destroy());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has seen enough, as `head` does: to end in silence is what is expected then.
  if (error.code === 'EPIPE') process.exit(141);
  process.stderr.write(`annals: standard output cannot be written: ${error.message}\n`);
  process.exit(exitCodes.failed);
});

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interrupt.signal,
});
process.exitCode = exitCode === exitCodes.interrupted ? interruptedCode : exitCode;
