import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as toolkit from '@actions/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { tellGitHub } from '../../src/delivery/github.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;
const NASTY = `<b> & a,b:c %0A ::error::x ü 😀\r\n\u0007 \ud800`;
const KEPT = NASTY.replace('\u0007', '\ufffd').replace('\ud800', '\ufffd');

/** A drill with an outage of 1.5 seconds; the fourth line of its scenario is the first target. */
function missed(...limits: string[]): DrillResult {
  const result = analyze(
    simulate({
      passes: (at) => at < 2000 * MS || at >= 3500 * MS,
      faults: [
        { action: 'inject', before: 2000 * MS, after: 2001 * MS },
        { action: 'clear', before: 6000 * MS, after: 6001 * MS },
      ],
      scenario: targets(...limits),
    }),
  );
  const text = `name: x\n# ${'a comment'}\ntargets:\n${limits.map((limit) => `  - ${limit}\n`).join('')}`;
  return { ...result, scenario: { ...result.scenario, text } };
}

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  said = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
  vi.stubEnv('GITHUB_ACTIONS', 'true');
  vi.stubEnv('GITHUB_WORKSPACE', '/home/me/project');
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'summary.md'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What GitHub's own toolkit would tell the runner. */
function byToolkit(...args: Parameters<typeof toolkit.error>): string {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  toolkit.error(...args);
  write.mockRestore();
  return lines.join('').trimEnd();
}

describe('annotations', () => {
  test('one for each target that was not met, at its line, and one for the verdict', () => {
    const result = missed(
      'recovery_time(app) < 10s',
      'recovery_time(app) < 1s',
      'recovery_time(app) < 1500ms',
    );
    expect(tellGitHub(result, { file: '/home/me/project/drills/x.drill.yml' })).toEqual([]);
    expect(said).toEqual([
      expect.stringMatching(
        /^::error title=recovery_time\(app\) < 1s,file=drills\/x.drill.yml,line=5::measured 1.5 s \[.*\], limit max < 1 s$/,
      ),
      expect.stringMatching(
        /^::warning title=recovery_time\(app\) < 1500ms,file=drills\/x.drill.yml,line=6::/,
      ),
      '::error title=fail%3A The link between two hosts is cut::missed: recovery_time(app) < 1s',
    ]);
  });

  test("nasty names, written as GitHub's own toolkit writes them", () => {
    const result = { ...missed('recovery_time(app) < 1s'), title: NASTY, reason: NASTY };
    tellGitHub(result, { file: '/home/me/project/a, b:c%.yml' });
    expect(said.at(-1)).toBe(byToolkit(KEPT, { title: `fail: ${KEPT}` }));
    const [, message] = /::([^:]*)$/.exec(said[0]!)!;
    expect(said[0]).toBe(
      byToolkit(message!, { title: 'recovery_time(app) < 1s', file: 'a, b:c%.yml', startLine: 4 }),
    );
  });

  test('none elsewhere', () => {
    vi.stubEnv('GITHUB_ACTIONS', '');
    tellGitHub(missed('recovery_time(app) < 1s'), {});
    expect(said).toEqual([]);
  });
});

describe('the summary of the step', () => {
  const summary = () => readFileSync(join(folder, 'summary.md'), 'utf8');

  test('has verdict and targets, below what other drills wrote', () => {
    writeFileSync(join(folder, 'summary.md'), '# Others\n\n');
    tellGitHub(missed('recovery_time(app) < 1s'), {});
    expect(summary()).toMatch(/^# Others\n\n# ✗ FAIL: The link between two hosts is cut\n/);
    expect(summary()).toMatch(/^\| ✗ \| recovery\\_time\(app\) \\< 1s \| 1.5 s /m);
  });

  test('is left alone where there is no room: GitHub would show nothing of it', () => {
    const full = 'x'.repeat(1024 * 1024 - 10);
    writeFileSync(join(folder, 'summary.md'), full);
    expect(tellGitHub(missed('recovery_time(app) < 1s'), {})).toEqual([
      'the summary of this step is full (1 MiB)',
    ]);
    expect(summary()).toBe(full);
  });

  test('that cannot be written is said', () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'nowhere/summary.md'));
    expect(tellGitHub(missed('recovery_time(app) < 1s'), {})).toEqual([
      expect.stringMatching(/^the summary of this step could not be written: ENOENT/),
    ]);
  });
});
