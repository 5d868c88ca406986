import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { type Cut, errorOf, isOutside } from '../../src/calibration/calibrate.js';
import { compiled } from '../../src/paths.js';
import { temporaryFolder, writeScenario } from '../fixtures/scenario.js';

test('cuts of known length lie within the stated bounds, and reports say so', async () => {
  const folder = temporaryFolder();
  const faildrill = (...argv: string[]) =>
    execa(process.execPath, [compiled('cli/main'), ...argv], {
      cwd: folder,
      reject: false,
      stdin: 'ignore',
      env: { XDG_STATE_HOME: join(folder, 'state') },
    });
  const { exitCode, stdout, stderr } = await faildrill('calibrate', '--repeat', '1');
  expect(stderr).toMatch(/c4 cleared/);
  expect(stdout).toMatch(/2000\.3 ms +20\d\d\.\d{3} ± 0\.\d{3} +\[\d+\.\d{3}, \d+\.\d{3}\] +-?\d\.\d{3}\n/);
  expect(stdout).toMatch(/every true length lies within the stated bounds/);
  expect(exitCode).toBe(0);
  await faildrill('run', writeScenario(folder), '--out', 'reports');
  const [report] = (await execa('sh', ['-c', 'ls reports/*/report.md'], { cwd: folder })).stdout.split('\n');
  const text = readFileSync(join(folder, report!), 'utf8');
  expect(text).toMatch(
    /Calibration: 5 cuts of known length on \d{4}-\d\d-\d\d: error median .*, none outside/,
  );
});

test('how wrong is wrong', () => {
  const measured = (value: number, lower: number, upper: number): Cut => ({
    nominal: 10,
    truth: { lower: 100, upper: 102 },
    measured: { value, lower, upper },
  });
  expect(errorOf(measured(104, 99, 110))).toBe(3);
  expect([measured(104, 99, 110), measured(101, 102, 110), measured(99, 90, 100)].map(isOutside)).toEqual([
    false,
    false,
    false,
  ]);
  expect([measured(104, 103, 110), measured(90, 80, 99)].map(isOutside)).toEqual([true, true]);
});
