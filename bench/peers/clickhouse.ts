/** ClickHouse as Debian has it, in the stage's folder, on a port of the loopback. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { shell } from '../programs.ts';
import type { Stage } from '../stage.ts';
import { missingProgram, peerEnvironment } from './debian.ts';
import { missingPeer, type Peer } from './peer.ts';
import { columnsOf, rowsFile } from './rows.ts';
import { freePort, untilUp } from './server-port.ts';
import { ServerProcess } from './server-process.ts';

const name = 'clickhouse-client';

export async function openClickhouse(stage: Stage): Promise<Peer> {
  const missing = missingProgram(['clickhouse-server', 'clickhouse-client']);
  if (missing !== null) return missingPeer(name, missing);
  const port = await freePort();
  const client = `clickhouse-client --host 127.0.0.1 --port ${port}`;
  const server = await start(stage, port, client);
  const table = `CREATE TABLE entries (${columnsOf({ number: 'Int64', text: 'String' })})
    ENGINE = MergeTree() PARTITION BY tuple() ORDER BY (time, id)`;
  await shell(stage, `${client} --query "$SQL"`, { env: { SQL: table } });
  await shell(stage, `${client} --query "INSERT INTO entries FORMAT CSV" <${rowsFile}`);
  await shell(stage, `${client} --query "OPTIMIZE TABLE entries FINAL"`);
  server.pause();
  const sql = (query: string): string => `${query} FORMAT CSV`;
  return { name, missing: null, dump: `${client} --query "$SQL"`, sql, server };
}

async function start(stage: Stage, port: number, client: string): Promise<ServerProcess> {
  const folder = stage.path('clickhouse');
  mkdirSync(folder);
  writeFileSync(`${folder}/config.xml`, configOf(folder, port));
  writeFileSync(`${folder}/users.xml`, users);
  const args = [`--config-file=${folder}/config.xml`];
  const child = stage.spawn('clickhouse-server', args, { stdio: 'ignore', env: peerEnvironment() });
  const server = new ServerProcess(child);
  await untilUp(name, server, () => shell(stage, `${client} --query "SELECT 1"`));
  return server;
}

/** What the packaged configuration says where it matters: the size of the caches, and no more. */
function configOf(folder: string, port: number): string {
  return `<yandex>
  <logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
  <listen_host>127.0.0.1</listen_host><tcp_port>${port}</tcp_port>
  <path>${folder}/data/</path><tmp_path>${folder}/temporary/</tmp_path>
  <mark_cache_size>5368709120</mark_cache_size><uncompressed_cache_size>8589934592</uncompressed_cache_size>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
</yandex>\n`;
}

const users = `<yandex>
  <profiles><default><max_memory_usage>10000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>\n`;
