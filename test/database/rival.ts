/** Runs as a process of its own: `rival.ts FILE TASK`. Says `ready`, waits for a message, works, reports, ends. */
import { once } from 'node:events';
import { openDatabase } from '../../src/database/database.ts';
import { IdAllocator } from '../../src/database/ids.ts';
import { Directory } from '../../src/directory/directory.ts';

const [file = '', task = ''] = process.argv.slice(2);
process.send?.('ready');
await once(process, 'message');
process.send?.(await work());
process.disconnect?.();

async function work(): Promise<unknown> {
  await using db = await openDatabase(file);
  const ids = new IdAllocator(db, Date.now);
  if (task === 'open') return 'opened';
  if (task === 'ids') {
    const taken: string[] = [];
    for (let n = 0; n < 200; n += 1) taken.push(String(await ids.take(n % 10 === 0 ? 70_000 : 1)));
    return taken;
  }
  if (task === 'count') {
    for (let n = 0; n < 100; n += 1) {
      await db.transaction().execute(async (trx) => {
        const { next } = await trx
          .selectFrom('id_allocator')
          .select('next')
          .where('name', '=', 'test')
          .executeTakeFirstOrThrow();
        await trx
          .updateTable('id_allocator')
          .set({ next: String(Number(next) + 1) })
          .where('name', '=', 'test')
          .execute();
      });
    }
    return 'counted';
  }
  if (task === 'people') {
    const directory = new Directory(db, ids, Date.now);
    const org = (await directory.organisations())[0]?.zgid ?? '';
    const refs = Array.from({ length: 500 }, (_, n) => ({ id: null, name: `Person ${n}` }));
    await directory.resolveModules(
      org,
      Array.from({ length: 100 }, (_, n) => ({ apiName: `Module_${n}`, id: '7' })),
    );
    return (await directory.resolveUsers(org, refs)).map((user) => String(user.id));
  }
  throw new Error(`unknown task ${task}`);
}
