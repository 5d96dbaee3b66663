/** The rules of axe-core on the page as it is shown just now. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** What is against the rules, a line for each; none is as it should be. */
export async function violationsOn(page: Page): Promise<readonly string[]> {
  // Not by a script element: the page's policy would refuse it, as it should.
  await page.evaluate(source);
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const found = (await page.evaluate(run)) as readonly Violation[];
  // What a panel that somebody has opened lies over can be reached once it is closed, which any click beside it does.
  const hasPanel = (await page.getByRole('dialog').count()) > 0;
  const isUnderPanel = (id: string, summary: string) =>
    hasPanel && id === 'target-size' && summary.includes('partially obscured');
  return found.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ failureSummary = '' }) => !isUnderPanel(id, failureSummary))
      .map(({ target, failureSummary = '' }) => `${id} (${help}): ${target.join(' ')}\n  ${failureSummary}`),
  );
}
