import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecording } from 'faildrill';
import { statusOf } from './processes.js';
import { CLI, recordCut } from './recorded.js';
import { repeatTrial } from './repeat.js';
import type { Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const BYTES = 1e9;

/** Megabytes. */
const MOST = 500;

/** What memory `faildrill analyze` takes for a recording of 1 GB, reports included: a real trial, repeated. */
export async function large(): Promise<Row[]> {
  using folder = temporaryFolder();
  const { recording } = await recordCut(folder.path, { trials: 3, hold: '2s' });
  const to = join(folder.path, 'large.ndjson');
  const trials = repeatTrial([...readRecording(recording)], { trial: 2, bytes: BYTES, to });
  const start = performance.now();
  const { most, code } = await peakOf([CLI, 'analyze', to, '--out', join(folder.path, 'large')]);
  const seconds = (performance.now() - start) / 1000;
  const size = statSync(to).size / 1e6;
  console.log(`${size.toFixed(0)} MB, ${trials} trials: ${seconds.toFixed(0)} s, exit code ${code}\n`);
  return [
    {
      what: `memory of judging a recording of ${size.toFixed(0)} MB and writing its reports, at its peak`,
      target: `<= ${MOST} MB`,
      measured: `${most.toFixed(0)} MB`,
      ok: most <= MOST && code === 0,
    },
  ];
}

/** The most memory that a process had at once, megabytes, by the kernel's own high-water mark. */
async function peakOf(argv: readonly string[]): Promise<{ most: number; code: number }> {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number]>;
  let most = 0;
  while (child.exitCode === null && child.signalCode === null) {
    most = statusOf(child.pid!, 'VmHWM') ?? most;
    await sleep(20);
  }
  const [code] = await ended;
  return { most, code };
}
