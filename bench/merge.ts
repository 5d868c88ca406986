import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLI, recordCut } from './recorded.js';
import type { Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const RESULTS = 1000;
const SHARDS = 20;

/** Seconds. */
const MOST = 30;

const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

/** How long it takes to merge a thousand results: copies of a real one. */
export async function merge(): Promise<Row[]> {
  using folder = temporaryFolder();
  const { scenario, folder: drill } = await recordCut(folder.path, { trials: 10, hold: '2s' });
  await promisify(execFile)(process.execPath, [CLI, 'analyze', drill]);
  writeShards(join(folder.path, 'shards'), { drill, scenario });
  const size = statSync(join(drill, 'result.json')).size / 1e6;
  const start = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'merge', 'shards'], {
    cwd: folder.path,
  });
  const seconds = (performance.now() - start) / 1000;
  const [headline = ''] = stdout.split('\n');
  console.log(`${headline.trim()}; each result.json ${size.toFixed(1)} MB: ${seconds.toFixed(1)} s\n`);
  return [
    {
      what: `merging ${RESULTS} results of ${SHARDS} shards (result.json of ${size.toFixed(1)} MB each)`,
      target: `<= ${MOST} s`,
      measured: `${seconds.toFixed(1)} s`,
      ok: seconds <= MOST && headline.includes(`${RESULTS} passed`),
    },
  ];
}

/** What shards leave, each drill the same. */
function writeShards(folder: string, { drill, scenario }: { drill: string; scenario: string }): void {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const sha256 = createHash('sha256').update(readFileSync(scenario)).digest('hex');
  const plan = Array.from({ length: RESULTS }, (_, number) => ({
    file: `drills/${number}.drill.yml`,
    ...{ name: `drill-${number}`, sha256 },
    shard: 1 + (number % SHARDS),
  }));
  for (let shard = 1; shard <= SHARDS; shard++) {
    const own = plan.filter((drill) => drill.shard === shard);
    for (const { name } of own) {
      const to = join(folder, String(shard), name);
      mkdirSync(to, { recursive: true });
      for (const file of readdirSync(drill)) linkSync(join(drill, file), join(to, file));
    }
    const drills = own.map(({ file, name }) => ({ file, code: 0, folder: name }));
    writeFileSync(
      join(folder, String(shard), `shard-${shard}-of-${SHARDS}.json`),
      JSON.stringify({ version: 1, faildrill: version, shard, of: SHARDS, plan, drills }),
    );
  }
}
