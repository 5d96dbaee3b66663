/** Every page, in both themes and at the width of a phone: by the rules of axe, without a bar to scroll sideways, and as pictures. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { violationsOn } from '../axe.ts';
import { desktop, openBrowser, phone, Visitor } from '../browser.ts';
import { givenGround, restOf } from '../ground.ts';
import { outFolder } from '../out.ts';
import { sights } from '../pages.ts';

const ground = givenGround();
let browser: Browser;

before(async () => {
  browser = await openBrowser();
  // Something to see in the list of exports.
  await restOf(ground).export({ field: { api_name: 'done_by' }, comparator: 'in', value: [{ id: ground.ben.id }] });
});
after(() => browser.close());

for (const [width, viewport] of [
  ['desktop', desktop],
  ['phone', phone],
] as const) {
  suite(`at the width of a ${width}`, () => {
    for (const { name, as, show } of sights) {
      test(`${name} keeps the rules in light and dark`, async () => {
        const person = as(ground);
        const known = person === null ? {} : { as: person };
        await using visitor = await Visitor.open(browser, ground.origin, { viewport, ...known });
        const { page } = visitor;
        await show(page, ground);
        for (const theme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: theme });
          await page.screenshot({ path: join(outFolder, `${name}-${width}-${theme}.png`) });
          // All of it at once: what lies under a bar that stays where it is can be scrolled free, and is not too small.
          await page.setViewportSize({ width: viewport.width, height: 2_400 });
          assert.deepEqual(await violationsOn(page), [], theme);
          await page.setViewportSize(viewport);
        }
        const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.ok(Number(tooWide) <= 0, `${tooWide} pixels too wide`);
      });
    }
  });
}
