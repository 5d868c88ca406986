import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readRecording } from 'faildrill';
import { recordCut } from './recorded.js';
import { median } from './statistics.js';
import { stretch } from './stretch.js';
import type { Row } from './table.js';
import { temporaryFolder } from './temporary.js';
import { unsealed } from './unsealed.js';

const ROUNDS = 5;
const MINUTES = 10;

/** Seconds. */
const MOST = 2;

/** How long it takes to judge the recording of a long drill: a real one of half a minute, with its quiet part repeated. */
export async function analysis(): Promise<Row[]> {
  using folder = temporaryFolder();
  const recording = join(folder.path, 'long.ndjson');
  const events = stretch(
    unsealed(readRecording((await recordCut(folder.path, { trials: 1, hold: '20s' })).recording)),
    MINUTES * 60e9,
  );
  writeFileSync(recording, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const rounds: Judged[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await judge(recording));
  const size = statSync(recording).size / 1e6;
  const [{ packets, verdict }] = rounds as [Judged];
  const list = (of: (judged: Judged) => number) => rounds.map((judged) => of(judged).toFixed(2)).join(', ');
  console.log(`${MINUTES} minutes, ${packets} packets, ${size.toFixed(0)} MB, verdict ${verdict}; each time in a new process, seconds:
${list(({ seconds }) => seconds)}; of that waiting for a processor that others had: ${list(({ waited }) => waited)}\n`);
  const time = median(rounds.map(({ seconds, waited }) => seconds - waited));
  return [
    {
      what: `judging a recording of ${MINUTES} minutes of 16 flows x 5 ms both ways`,
      target: `<= ${MOST} s`,
      measured: `${time.toFixed(2)} s`,
      ok: time <= MOST && verdict === 'pass',
    },
  ];
}

interface Judged {
  seconds: number;
  /** Of that, while it was ready to run and had no processor. */
  waited: number;
  verdict: string;
  packets: number;
}

const JUDGE = `
import { readFileSync } from 'node:fs';
import { analyze, readRecording } from 'faildrill';
const waiting = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e9;
const before = waiting();
const start = performance.now();
const { verdict, trials } = analyze(readRecording(process.argv[1]));
const seconds = (performance.now() - start) / 1000;
const waited = waiting() - before;
const packets = trials.flatMap(({ series }) => series).flatMap(({ sent }) => sent).reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify({ seconds, waited, verdict, packets }));
`;

/** Judges it in a process that has judged nothing before. */
async function judge(recording: string): Promise<Judged> {
  const argv = ['--input-type=module', '--eval', JUDGE, recording];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: import.meta.dirname });
  return JSON.parse(stdout) as Judged;
}
