/** The environment of the programs that the suites start. */

/** Settings of Annals, and what this process's own test runner tells its children. */
const ours = /^(ANNALS_|NODE_OPTIONS$|NODE_TEST_|NODE_V8_COVERAGE$)/i;

/** This process's environment without what a developer may have set for Annals, plus what is asked for. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !ours.test(name)) clean[name] = value;
  }
  return { ...clean, ...extra };
}
