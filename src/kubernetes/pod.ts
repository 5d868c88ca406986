import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  createWriteStream,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput } from '../document/problem.js';
import { startOwn } from '../linux/own-process.js';
import { compiled } from '../paths.js';
import { DURATIONS } from '../shards/durations.js';
import { ACCESS } from './bucket.js';
import { PART, packedFolder, unpacked } from './bundle.js';
import { keepArchive } from './keep.js';
import { RESULT_CODES } from './manifests.js';
import { ARCHIVE, NOT_STORED, PATHS, STORED } from './names.js';
import { ORDER, type Order, readOrder } from './order.js';
import { LOG } from './results.js';

/**
 * What a pod of a run does: unpacks what travelled with it, runs its part of the drills, and leaves their results in one archive.
 * @param version of this faildrill
 * @returns the exit code of the drills
 * @throws InvalidInput where what travelled is of another version, or damaged
 */
export async function runInPod({ version }: { version: string }): Promise<number> {
  // On a claim there may be what an earlier pod of this index left.
  for (const name of readdirSync(PATHS.results))
    rmSync(join(PATHS.results, name), { recursive: true, force: true });
  // A claim may let only root in, and the container that holds the results is not root.
  chmodSync(PATHS.results, 0o755);
  const out = join(PATHS.results, 'out');
  await mkdir(out);
  const code = await ordered(version, out).catch((error: Error) => error);
  if (code instanceof Error) writeFileSync(join(out, LOG), `error ${code.message}\n`);
  // What was killed is begun again, and leaves nothing.
  else if (!RESULT_CODES.includes(code)) return code;
  // It is in its place when all is done: from then on somebody may fetch it, and the time to do so runs.
  const archive = join(PATHS.results, ARCHIVE);
  await packedFolder(out, `${archive}.new`);
  await keep(out, `${archive}.new`);
  await rename(`${archive}.new`, archive);
  if (code instanceof Error) throw code;
  return code;
}

/** Keeps the archive in a bucket as well, if it is to be. That it cannot be kept there is said with the results, and changes nothing of them. */
async function keep(out: string, archive: string): Promise<void> {
  const kept = await keepArchive(archive, process.env);
  if (kept === undefined) return;
  try {
    if (kept === true) return writeFileSync(join(PATHS.results, STORED), '');
    console.error(`warning ${kept}`);
    appendFileSync(join(out, LOG), `warning ${kept}\n`);
    writeFileSync(join(out, NOT_STORED), `${kept}\n`);
    await packedFolder(out, `${archive}.again`);
    await rename(`${archive}.again`, archive);
  } catch (error) {
    // The archive without this word will do.
    console.error(`warning ${(error as Error).message}`);
  }
}

async function ordered(version: string, out: string): Promise<number> {
  const order = orderHere(version);
  await unpacked(Buffer.concat(partsHere()), PATHS.files);
  return drill(order, out);
}

function orderHere(version: string): Order {
  const file = join(PATHS.parts, ORDER);
  const order = readOrder(readFileSync(file), { faildrill: version });
  if (typeof order !== 'string') return order;
  throw new InvalidInput([{ file, line: 1, column: 1, message: order }]);
}

const partsHere = (): Buffer[] =>
  readdirSync(PATHS.parts)
    .filter((name) => PART.test(name))
    .sort()
    .map((name) => readFileSync(join(PATHS.parts, name)));

/** Runs the drills in a process of its own; what that prints goes to the pod's log, and with the results. */
async function drill({ folder, argv, shards, durations }: Order, out: string): Promise<number> {
  const [verb = '', ...rest] = argv;
  const index = Number(process.env.JOB_COMPLETION_INDEX);
  const part = shards === undefined ? [] : ['--shard', `${index + 1}/${shards}`, '--out', out];
  if (durations !== undefined) {
    const file = join(PATHS.files, DURATIONS);
    writeFileSync(file, durations);
    part.push('--durations', file);
  }
  const log = createWriteStream(join(out, LOG));
  const child = startOwn(
    compiled('cli/main'),
    { ...withoutKeys(process.env), NO_COLOR: '1' },
    { argv: [verb, ...part, ...rest], cwd: join(PATHS.files, folder) },
  );
  child.stdout!.pipe(process.stdout, { end: false });
  child.stderr!.pipe(process.stderr, { end: false });
  child.stdout!.pipe(log, { end: false });
  child.stderr!.pipe(log, { end: false });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  log.end();
  await once(log, 'close');
  if (signal !== null) console.error(`error its process was ended by ${signal}`);
  return code ?? KILLED;
}

/** What drills has no business with the store. */
const withoutKeys = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !(name in ACCESS)));

/** As shells say it. */
const KILLED = 137;
