/** A CSV asked for by a client that accepts gzip: the bytes that it gets, and how fast. */
import { createHash } from 'node:crypto';
import { Connection, requestBytes } from './connection.ts';
import type { Figure, Section } from './figures.ts';
import type { Ground } from './ground.ts';

export async function measureGzipAnswers(ground: Ground): Promise<Section> {
  const server = await ground.sealedServer();
  const { csv } = await ground.jobs();
  const [path] = csv.files;
  if (path === undefined) throw new Error(`job ${csv.id} has no file`);
  const request = { method: 'GET', path, token: server.token } as const;
  await compare(server.url + path, server.token);
  const plain = await answersOf(server.url, requestBytes(request), ground.plan.exportRuns);
  const packed = await answersOf(server.url, requestBytes({ ...request, acceptsGzip: true }), ground.plan.exportRuns);
  const asked = `CSV of ${csv.entries.toLocaleString('en')}, downloaded with Accept-Encoding: gzip`;
  const bytes: Figure = {
    what: `${asked}: its bytes`,
    unit: 'MB',
    values: [packed.bytes / 1e6],
    references: [{ what: 'without', values: [plain.bytes / 1e6] }],
  };
  const time: Figure = {
    what: asked,
    unit: 'ms',
    values: packed.ms,
    references: [{ what: 'without', values: plain.ms }],
  };
  return {
    title: 'A CSV as gzip',
    figures: [bytes, time],
    notes: [],
    verdicts: [
      {
        target: '8. Bytes of a CSV as gzip',
        against: 'the same without gzip',
        wanted: 0.1,
        isAtLeast: false,
        unit: 'x',
        reached: packed.bytes / plain.bytes,
      },
    ],
  };
}

async function answersOf(url: string, request: Buffer, runs: number): Promise<{ ms: number[]; bytes: number }> {
  using connection = await Connection.open(url, 2 ** 20);
  const ms: number[] = [];
  let bytes = (await connection.request(request, false)).bytes; // not counted: the first fills the caches
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    const answer = await connection.request(request, false);
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status} instead of a file`);
    ms.push(performance.now() - startedAt);
    bytes = answer.bytes;
  }
  return { ms, bytes };
}

/** Both ways must give the same bytes in the end. */
async function compare(url: string, token: string): Promise<void> {
  const hashOf = async (encoding: string): Promise<string> => {
    const headers = { authorization: `Zoho-oauthtoken ${token}`, 'accept-encoding': encoding };
    const answer = await fetch(url, { headers }); // unpacks what is packed
    return createHash('sha256')
      .update(await answer.bytes())
      .digest('hex');
  };
  if ((await hashOf('gzip')) !== (await hashOf('identity'))) throw new Error('the gzip form is another file');
}
