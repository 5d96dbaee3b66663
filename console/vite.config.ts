/** How the console is built; `scripts/build-console.ts` runs it. `npm run console:dev` serves it beside a running server. */
import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

export default defineConfig({
  root,
  base: '/',
  build: {
    outDir: join(root, 'dist'),
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The policy of the pages allows no data: but for images, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        // A few files instead of one for every set of pages that share something: each costs a way there and back.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules\/(?:react|react-dom|scheduler|wouter|regexparam|@tanstack\/(?:react-query|query-core))\//,
            },
            { name: 'shared', test: /console\/src\/(?:ui|api|text|shell|styles)\/|console\/src\/theme/ },
          ],
        },
      },
      onLog(level, log, report) {
        // "use client" is for servers that draw pages; there is none here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
  server: {
    // A port of its own choosing would do no harm: the API is asked through it.
    proxy: Object.fromEntries(
      ['/api', '/openapi.json', '/crm', '/v2', '/oauth/v2/token'].map((path) => [path, 'http://127.0.0.1:8080']),
    ),
  },
});
