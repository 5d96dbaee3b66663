/** Looks at the downloaded files as someone would who does not trust the server. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import { parse } from 'csv-parse';
import { openPromise } from 'yauzl';

const header =
  'Done By,Action,Module,Record Name,Related Module,Related Name,Account Name,Audited Time,' +
  'Record Id,Done By Id,Entry Id,Source,Changes';
const entriesPerFile = 100_000;

export interface Checked {
  readonly entries: number;
  /** The CSV files in it, for a ZIP. */
  readonly files: number;
}

/** Throws at the first thing that is not as it should be. */
export async function checkCsv(path: string): Promise<Checked> {
  return { entries: await countEntries(path, createReadStream(path)), files: 1 };
}

/** What `unzip -t` does, and more: the CRC-32 of every file in it, its header, its lines, and how many there are. */
export async function checkZip(path: string): Promise<Checked> {
  const zip = await openPromise(path);
  let entries = 0;
  let files = 0;
  for await (const member of zip.eachEntry()) {
    files += 1;
    const name = `AuditLog_${String(files).padStart(3, '0')}.csv`;
    if (member.fileName !== name) throw new Error(`the ZIP holds ${member.fileName} where ${name} should be`);
    let sum = 0;
    const count = await countEntries(
      name,
      summed(await zip.openReadStreamPromise(member), (chunk) => {
        sum = crc32(chunk, sum);
      }),
    );
    if (sum !== member.crc32) throw new Error(`${name}: the CRC-32 is wrong`);
    if (count > entriesPerFile) throw new Error(`${name} holds ${count} entries, more than ${entriesPerFile}`);
    entries += count;
  }
  return { entries, files };
}

async function* summed(source: AsyncIterable<Buffer>, add: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    add(chunk);
    yield chunk;
  }
}

/** Reads strict CSV: 13 cells a line, CRLF, times never going back. */
async function countEntries(name: string, source: AsyncIterable<Buffer>): Promise<number> {
  const parser = parse({ record_delimiter: '\r\n' });
  const feeding = feed(source, parser);
  let lines = 0;
  let before = Number.NEGATIVE_INFINITY;
  for await (const cells of parser) {
    const line: readonly string[] = cells;
    lines += 1;
    if (lines === 1) {
      if (line.join(',') !== header) throw new Error(`${name}: the header is not the documented one`);
      continue;
    }
    const time = Date.parse(line[7] ?? '');
    if (!(time >= before)) throw new Error(`${name}: entry ${lines - 1} is out of order`);
    before = time;
  }
  await feeding;
  return lines - 1;
}

async function feed(source: AsyncIterable<Buffer>, parser: ReturnType<typeof parse>): Promise<void> {
  try {
    for await (const chunk of source) {
      if (!parser.write(chunk)) await new Promise((resolve) => parser.once('drain', resolve));
    }
    parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('base64');
}
