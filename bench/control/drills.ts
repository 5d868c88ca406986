import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { writePairScenario } from '../pair.js';
import { CLI, cutScenario } from '../recorded.js';
import { sum } from '../statistics.js';

const DRILLS = 'drills';

/** Writes so many scenarios of one text, for one lab. @returns their paths from the folder */
export function writeScenarios(
  folder: string,
  { drills, trials }: { drills: number; trials: number },
): string[] {
  const to = join(folder, DRILLS);
  mkdirSync(to);
  const text = writePairScenario(to, 'recorded', cutScenario({ trials, hold: '2s' }));
  const names = Array.from({ length: drills }, (_, number) => `${String(number).padStart(5, '0')}.drill.yml`);
  for (const name of names) copyFileSync(text, join(to, name));
  rmSync(text);
  return names.map((name) => `${DRILLS}/${name}`);
}

/** What a shard leaves as its account; more is in it than is read here. */
interface Account {
  shard: number;
  plan: { file: string; shard: number }[];
  drills: { file: string; code: number; folder?: string }[];
}

/** What the indexes of a run leave. */
export interface Archives {
  /** Folder with `7.tar.gz` for index 7. */
  path: string;
  /** Seconds until the command of a pod knew which of all drills are its own. */
  readingSeconds: number;
  /** Bytes of all together. */
  bytes: number;
}

/**
 * Has the command of a pod drill the first part for real, and writes for each index the archive that its pod would leave, were its drills to come to the same.
 */
export async function writeArchives(
  folder: string,
  { scenarios, indexes }: { scenarios: readonly string[]; indexes: number },
): Promise<Archives> {
  const out = join(folder, 'out');
  const start = performance.now();
  const argv = [CLI, 'run', '--shard', `1/${indexes}`, '--out', out, ...scenarios];
  const env = { ...process.env, NO_COLOR: '1', FAILDRILL_RUN: 'bench' };
  const running = promisify(execFile)(process.execPath, argv, { cwd: folder, env });
  // The first that it says is which shard it is.
  const readingSeconds = once(running.child.stderr!, 'data').then(() => (performance.now() - start) / 1000);
  const { stdout, stderr } = await running;
  writeFileSync(join(out, 'log.txt'), stdout + stderr);
  const account = `shard-1-of-${indexes}.json`;
  const first = JSON.parse(readFileSync(join(out, account), 'utf8')) as Account;
  const drilled = first.drills.map(({ folder }) => folder!);
  if (first.drills.some(({ code }) => code !== 0)) throw new Error(`the real drill did not pass:\n${stdout}`);
  rmSync(join(out, account));
  const path = join(folder, 'archives');
  mkdirSync(path);
  let folders = drilled;
  for (let index = 0; index < indexes; index++) {
    const own = first.plan.filter(({ shard }) => shard === index + 1);
    const names = own.map((_, number) => `${drilled[0]}-${index}-${number}`);
    for (const [number, name] of names.entries()) renameSync(join(out, folders[number]!), join(out, name));
    folders = [...names, ...folders.slice(names.length)];
    const file = `shard-${index + 1}-of-${indexes}.json`;
    const drills = own.map(({ file }, number) => ({ file, code: 0, folder: names[number]! }));
    writeFileSync(join(out, file), `${JSON.stringify({ ...first, shard: index + 1, drills }, null, 2)}\n`);
    await create({ cwd: out, file: join(path, `${index}.tar.gz`), gzip: true, portable: true }, [
      ...['log.txt', file],
      ...names,
    ]);
    rmSync(join(out, file));
  }
  return {
    path,
    readingSeconds: await readingSeconds,
    bytes: sum(readdirSync(path).map((name) => statSync(join(path, name)).size)),
  };
}
