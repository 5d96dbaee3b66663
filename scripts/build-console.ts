/** Builds the console into console/dist, with each file compressed beside it, so that the server has only to send. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import { build } from 'vite';

const root = join(import.meta.dirname, '..', 'console');
const dist = join(root, 'dist');
// Made beside it and put in place whole: a server that starts meanwhile finds the one or the other.
const made = join(root, `.dist-${process.pid}`);

/** Less than this gains nothing: it goes out in one packet anyhow. */
const worthBytes = 1024;
const compressible = /\.(?:html|js|css|svg|json|txt)$/;

function compress(file: string): void {
  const bytes = readFileSync(file);
  if (!compressible.test(file) || bytes.length < worthBytes) return;
  const params = { [zlib.BROTLI_PARAM_QUALITY]: 11, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

try {
  await build({
    configFile: join(root, 'vite.config.ts'),
    configLoader: 'native',
    logLevel: 'warn',
    build: { outDir: made, emptyOutDir: true },
  });
  for (const entry of readdirSync(made, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) compress(join(entry.parentPath, entry.name));
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(made, dist);
} finally {
  rmSync(made, { recursive: true, force: true });
}
