import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { writePairScenario } from './pair.js';
import { CLI, cutScenario } from './recorded.js';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 3;

/** Times the wall time of the longer one. */
const MOST = 1.15;

/** How long two drills take side by side, beside the longer of them alone. */
export async function jobs(): Promise<Row[]> {
  using folder = temporaryFolder();
  const [one, other] = ['one', 'other'].map((name) => {
    const own = join(folder.path, name);
    mkdirSync(own);
    return writePairScenario(own, name, cutScenario({ trials: 3, hold: '3s' }), { lab: `bench-${name}` });
  }) as [string, string];
  const rounds: { alone: number; together: number; codes: number[] }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = [await run(folder.path, one), await run(folder.path, other)];
    const both = await run(folder.path, one, other, '--jobs', '2');
    rounds.push({
      alone: Math.max(first.seconds, second.seconds),
      together: both.seconds,
      codes: [first.code, second.code, both.code],
    });
  }
  const lines = rounds.map(({ alone, together, codes }) => [
    ...[alone, together, together / alone].map((value) => value.toFixed(2)),
    codes.join(', '),
  ]);
  const head = ['the longer one alone, s', 'side by side, s', 'ratio', 'exit codes'];
  console.log(`${markdown(head, lines)}\n`);
  const ratio = median(rounds.map(({ alone, together }) => together / alone));
  const same = rounds.every(({ codes }) => new Set(codes).size === 1);
  return [
    {
      what: `two drills side by side on ${cpus().length} cores: wall time beside the longer one alone, verdicts the same`,
      target: `<= ${MOST}`,
      measured: `${ratio.toFixed(2)}${same ? '' : ', verdicts differ'}`,
      ok: ratio <= MOST && same,
    },
  ];
}

async function run(cwd: string, ...argv: string[]): Promise<{ seconds: number; code: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, 'run', ...argv], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number];
  return { seconds: (performance.now() - start) / 1000, code };
}
