/** The most memory of the server, when ten users export everything at once. */
import { addUser, type Server } from './annals.ts';
import { type Figure, largest, type Section, type Verdict } from './figures.ts';
import type { Ground } from './ground.ts';
import { logFolder } from './ground.ts';
import { runJob } from './jobs.ts';

const atOnce = 10;
const memoryLimitMb = 250;
const crowdLimitMb = 400;
const crowdTitle = 'Ten users at once';

export async function measureCrowd(ground: Ground): Promise<Section> {
  const server = await ground.sealedServer();
  const tokens = await tokensOf(ground, server);
  const seconds: number[] = [];
  const peaks: (number | null)[] = [];
  for (let run = 0; run < ground.plan.latencyRuns; run += 1) {
    server.resetPeak();
    const startedAt = performance.now();
    const jobs = await Promise.all(tokens.map((token) => runJob(server, ground.everything, token)));
    if (jobs.some(({ entries }) => entries !== ground.totalEntries)) throw new Error('an export of everything is not');
    seconds.push((performance.now() - startedAt) / 1000);
    peaks.push(server.peakMb());
  }
  await ground.stopServer(); // what it holds now must not count for what is measured next
  const what = `${atOnce} exports of ${ground.totalEntries.toLocaleString('en')} as ZIP, asked for at once: the last one`;
  const figure: Figure = { what, unit: 's', values: seconds, peakMb: largest(peaks) };
  const verdict: Verdict = {
    target: `5. Memory, ${atOnce} exports at once`,
    against: '',
    wanted: crowdLimitMb,
    isAtLeast: false,
    unit: 'MB',
    reached: figure.peakMb ?? null,
  };
  return { title: crowdTitle, figures: [figure], notes: [], verdicts: [verdict] };
}

/** One user has one open job, so there are as many users. */
async function tokensOf({ stage }: Ground, server: Server): Promise<string[]> {
  const emails = Array.from({ length: atOnce - 1 }, (_, index) => `user${index + 1}@bench.example`);
  return [server.token, ...(await Promise.all(emails.map((email) => addUser(stage, logFolder, email))))];
}

/** Of everything that was measured of the server but the crowd. */
export function memoryVerdict(sections: readonly Section[]): Verdict[] {
  const all = sections
    .filter(({ title }) => title !== crowdTitle)
    .flatMap(({ title, figures }) =>
      figures.flatMap(({ what, peakMb }) =>
        typeof peakMb === 'number' ? [{ what: `${title}: ${what}`, peakMb }] : [],
      ),
    )
    .sort((a, b) => b.peakMb - a.peakMb);
  const [most] = all;
  if (most === undefined) return [];
  const target = `5. Memory, the most of all (${most.what})`;
  return [{ target, against: '', wanted: memoryLimitMb, isAtLeast: false, unit: 'MB', reached: most.peakMb }];
}
