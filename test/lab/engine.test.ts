import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { readRecording } from '../../src/recording/reader.js';
import { SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { decided, drill, faildrill, measured } from './drill.js';
import { expectNothingLeft, trace } from './machine.js';

const changed = (from: string, to: string) => {
  expect(SCENARIO).toContain(from);
  return SCENARIO.replace(from, to);
};

/** A drill of about a minute, for tests that end it. */
const LONG = changed('hold: 300ms', 'hold: 60s');

/** Waits until a running drill has printed something. */
function until({ stderr }: ReturnType<typeof faildrill>, text: string): Promise<void> {
  let seen = '';
  return new Promise((resolve, reject) => {
    stderr!.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
    stderr!.on('end', () => reject(new Error(`the drill ended before "${text}": ${seen}`)));
  });
}

/** The scenario with faults that are drawn instead of the cut. */
const CHAOS = SCENARIO.replace(
  / {2}- inject[\s\S]*clear: cut\n/,
  `  - chaos:
      faults:
        - { inject: link-cut, link: "a:eth1 <-> b:eth1" }
        - { inject: link-cut, link: "a:eth2 <-> b:eth2", mode: silent, as: second }
        - { inject: node-pause, node: b }
        - { inject: link-flap, link: "a:eth1 <-> b:eth1", down: 50ms, up: 50ms, count: 2, jitter: 20ms }
      count: 4
      lasts: 100ms to 300ms
      rest: 200ms to 600ms
`,
).replace('loss_of_connectivity(app) < 1s', 'longest_loss_period(app) < 2s');

describe('chaos', () => {
  test('does what its seed says, again in a drill of the same seed, and undoes each before the next', async () => {
    const drawn = async (...argv: string[]) => {
      const folder = temporaryFolder();
      const done = await decided(folder, ...argv, writeScenario(folder, CHAOS));
      expect(done.code, done.stdout).toBe(0);
      const events = [...readRecording(join(done.folder, 'recording.ndjson'))];
      // A busy machine may have made it repeat the trial.
      const start = events.findLastIndex((event) => event.k === 'trial' && event.trial === 1);
      const end = events.findIndex((event, index) => index > start && event.k === 'trial-end');
      const first = events.slice(start, end);
      const faults = first.flatMap((event) => (event.k === 'fault' ? [event] : []));
      expect(faults).toHaveLength(8);
      for (const [index, { fault, action }] of faults.entries())
        expect({ fault, action }).toEqual({
          fault: faults[index - (index % 2)]!.fault,
          action: index % 2 === 0 ? 'inject' : 'clear',
        });
      return first.flatMap((event) => (event.k === 'step' ? [event.text] : []));
    };
    const once = await drawn('--seed', '5');
    expect(once).toHaveLength(1 + 4 * 4 + 1);
    expect(await drawn('--seed', '5', '--trials', '2')).toEqual(once);
    expect(await drawn('--seed', '6')).not.toEqual(once);
  });
});

describe('a drill', () => {
  test('measures a cut of known length, reports it, and leaves nothing but its folder', async () => {
    const before = trace();
    const folder = temporaryFolder();
    const done = await decided(folder, writeScenario(folder));
    expect(done.stdout).toMatch(/^\s*PASS\s+The link between two hosts is cut/);
    expect(done.code).toBe(0);
    expect(readdirSync(done.folder).sort()).toEqual([
      'junit.xml',
      'metrics.om',
      'metrics.prom',
      'recording.ndjson',
      'report.html',
      'report.md',
      'result.json',
    ]);
    const [inject, clear] = [...readRecording(join(done.folder, 'recording.ndjson'))].filter(
      (event) => event.k === 'fault',
    );
    const { lower, upper } = measured(done, 'loss_of_connectivity', 'app');
    expect(lower).toBeLessThanOrEqual(clear!.after - inject!.before);
    expect(upper).toBeGreaterThanOrEqual(clear!.before - inject!.after);
    await expectNothingLeft(before);
  });

  test('is judged again from its recording, byte for byte', async () => {
    const folder = temporaryFolder();
    const done = await decided(folder, writeScenario(folder));
    const again = await faildrill(folder, 'analyze', done.folder, '--out', 'again');
    expect(again.exitCode).toBe(0);
    for (const name of [
      'result.json',
      'report.html',
      'report.md',
      'junit.xml',
      'metrics.prom',
      'metrics.om',
    ]) {
      expect(readFileSync(join(folder, 'again', name), 'utf8')).toBe(
        readFileSync(join(done.folder, name), 'utf8'),
      );
    }
  });

  test('goes on until every target is decided, and not longer', async () => {
    const folder = temporaryFolder();
    const median = SCENARIO.replace('(app) < 1s', '(app) median < 1s');
    const passed = await decided(folder, writeScenario(folder, median), '--until-decided');
    expect(passed.code).toBe(0);
    expect(passed.result.targets[0]!.decision).toMatchObject({ verdict: 'pass', met: 7, missed: 0 });
    expect(passed.result.trials.filter(({ valid }) => valid)).toHaveLength(7);
    expect(passed.stdout).toContain('met in 7 of 7');
    const missed = writeScenario(folder, SCENARIO.replace('(app) < 1s', '(app) < 100ms'));
    const failed = await decided(folder, missed, '--until-decided');
    expect(failed.code).toBe(1);
    expect(failed.result.targets[0]!.trials).toHaveLength(1);
    const patient = writeScenario(folder, `${SCENARIO}invalid-trials: 20\n`);
    const open = await drill(folder, patient, '--most-trials', '2');
    expect(open.code).toBe(2);
    expect(open.result).toMatchObject({ verdict: 'inconclusive', targets: [{ decision: { met: 2 } }] });
  });

  test('repeats its trials on the same lab', async () => {
    const folder = temporaryFolder();
    const { result } = await decided(folder, writeScenario(folder), '--trials', '3');
    expect(result.trials.filter(({ valid }) => valid).map(({ trial }) => trial)).toEqual([1, 2, 3]);
    expect(result.targets[0]!.trials).toHaveLength(3);
  });

  test('fails where a target is missed', async () => {
    const folder = temporaryFolder();
    const { code, result } = await decided(folder, writeScenario(folder, changed('< 1s', '< 100ms')));
    expect({ code, verdict: result.verdict }).toEqual({ code: 1, verdict: 'fail' });
    expect(result.reason).toContain('loss_of_connectivity(app) < 100ms');
  });

  test('writes the way to undo a fault to the disk before it acts', async () => {
    const folder = temporaryFolder();
    const { folder: out } = await decided(folder, writeScenario(folder));
    const kinds = [...readRecording(join(out, 'recording.ndjson'))].map(({ k }) => k);
    expect(kinds.indexOf('undo')).toBeLessThan(kinds.indexOf('fault'));
  });
});

describe('steps', () => {
  test('faults side by side, a check, conditions for the start and the end', async () => {
    const folder = temporaryFolder();
    const scenario = `${SCENARIO.slice(0, SCENARIO.indexOf('steps:'))}
steps:
  - parallel:
      - { inject: link-cut, link: "a:eth1 <-> b:eth1", mode: silent, as: one }
      - { inject: link-cut, link: "a:eth2 <-> b:eth2", as: two }
  - hold: 1200ms
  - check: [app loses more than 50% for 500ms]
  - check: [app loses nothing for 500ms]
  - parallel: [{ clear: one }, { clear: two }]
  - wait: { for: reversion, within: 10s }
targets:
  - recovery_time(app after clear one) < 1s
  - time_to_reversion(app) < 2s
steady-state:
  - app loses nothing for 200ms
  - app travels over a:eth1 <-> b:eth1
`;
    const { result, code } = await drill(folder, writeScenario(folder, scenario));
    expect(result.targets.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
    expect(result.failures).toEqual(['trial 1: check failed: app loses nothing for 500ms']);
    expect(code).toBe(1);
    expect(result.trials[0]!.bands.map(({ label }) => label).sort()).toEqual([
      'one: a:eth1 <-> b:eth1',
      'two: a:eth2 <-> b:eth2',
    ]);
  });

  test('a wait that ends without what it waited for does not end the drill', async () => {
    const folder = temporaryFolder();
    const scenario = changed('  - hold: 300ms\n', '  - wait: { for: recovery, within: 800ms }\n').replace(
      'loss_of_connectivity(app) < 1s',
      'recovery_time(app after cut) < 500ms',
    );
    const { result, stderr } = await drill(folder, writeScenario(folder, scenario));
    expect(stderr).toContain('no recovery in time');
    expect(result.targets[0]).toMatchObject({ verdict: 'fail', measured: { missing: 'not recovered' } });
    expect(result.trials[0]!.complete).toBe(true);
  });
});

describe('a lab that is not steady', () => {
  const STEADY = `${SCENARIO}steady-within: 4s\n`;

  test('before: the drill ends as such, naming the probe', async () => {
    const folder = temporaryFolder();
    const scenario = STEADY.replace('from: a, to: b', 'from: a, to: b, address: 10.0.1.2');
    const broken =
      'name: pair\ntopology:\n  kinds: { linux: { image: faildrill/host } }\n  nodes: { a: , b: }\n  links: [{ endpoints: ["a:eth1", "b:eth1"], ipv4: ["10.0.9.1/24", "10.0.1.2/24"] }, { endpoints: ["a:eth2", "b:eth2"] }]\n';
    const { result, code } = await drill(folder, writeScenario(folder, scenario, broken));
    expect(code).toBe(1);
    expect(result.reason).toMatch(
      /the steady state was never reached: app loses nothing for 200ms \(loses \d+ %\)/,
    );
  });

  test('before: what is so at an instant only is not steady', async () => {
    const folder = temporaryFolder();
    const scenario = STEADY.replace('  - app loses nothing for 200ms\n', '  - blinker is active\n').concat(
      'watches:\n  blinker: { kind: command, node: a, command: "[ $(($(date +%s%N) / 300000000 % 3)) = 0 ]", interval: 100ms }\n',
    );
    const { result, code } = await drill(folder, writeScenario(folder, scenario));
    expect(code).toBe(1);
    expect(result.reason).toMatch(
      /the steady state was never reached: (blinker is active|it held, but not for a second)/,
    );
  });

  test('after: not restored', async () => {
    const folder = temporaryFolder();
    const scenario = STEADY.replace(
      '  - wait: { for: recovery, within: 10s }\n',
      '  - { inject: exec, node: a, command: ip link set eth1 down, undo: "true" }\n',
    );
    const { result, code } = await drill(folder, writeScenario(folder, scenario));
    expect(code).toBe(1);
    expect(result.failures[0]).toMatch(/^trial 1: not restored: app loses nothing for 200ms/);
  });
});

test('abort-if ends a drill early, and heals', async () => {
  const folder = temporaryFolder();
  const { result, code, stderr } = await drill(
    folder,
    writeScenario(folder, `${LONG}abort-if: [app loses more than 90% for 1s]\n`),
  );
  expect(result).toMatchObject({
    verdict: 'fail',
    outcome: 'aborted',
    reason: 'aborted: app loses more than 90% for 1s',
  });
  expect(code).toBe(1);
  expect(stderr).toContain('cut cleared: carrier up/up, packets pass/pass');
});

test('a fault that has no effect is an error of the drill, not a result', async () => {
  const folder = temporaryFolder();
  const scenario = changed(
    'inject: link-cut\n    link: a:eth1 <-> b:eth1\n    mode: silent',
    'inject: process-kill\n    node: a\n    process: no-such-daemon',
  );
  const { result, code } = await drill(folder, writeScenario(folder, scenario));
  expect(code).toBe(2);
  expect(result.problems[0]).toBe('node a runs no process "no-such-daemon"; it runs sleep');
});

describe('ends from outside', () => {
  test('Ctrl-C heals, writes the report so far and exits with 130', async () => {
    const before = trace();
    const folder = temporaryFolder();
    const running = faildrill(folder, 'run', writeScenario(folder, LONG));
    await until(running, 'hold for');
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('cut cleared: carrier up/up, packets pass/pass');
    const [name] = readdirSync(join(folder, 'reports'));
    const result = JSON.parse(readFileSync(join(folder, 'reports', name!, 'result.json'), 'utf8'));
    expect(result).toMatchObject({
      outcome: 'interrupted',
      verdict: 'inconclusive',
      reason: 'the drill was interrupted',
    });
    await expectNothingLeft(before);
  });

  test('the lab dies in the middle: said so, and what was seen is kept', async () => {
    const before = trace();
    const folder = temporaryFolder();
    const running = faildrill(folder, 'run', writeScenario(folder, LONG));
    await until(running, 'hold for');
    execFileSync('pkill', ['-9', '-f', 'namespace/supervisor.js pair']);
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(2);
    expect(stdout).toContain('the lab "pair" ended: its supervisor is gone');
    await expectNothingLeft(before);
  });

  test('a gateway that goes down by itself is no result either', async () => {
    const folder = temporaryFolder();
    const running = faildrill(folder, 'run', writeScenario(folder, LONG));
    await until(running, 'hold for');
    expect((await faildrill(folder, 'lab', 'exec', 'pair', 'a', 'pkill', 'sleep')).exitCode).toBe(0);
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(2);
    expect(stdout).toContain('node a went down by itself: its first process ended');
  });

  test('a second drill on the same lab is refused; the first goes on', async () => {
    const folder = temporaryFolder();
    const running = faildrill(
      folder,
      'run',
      writeScenario(folder, changed('hold: 300ms', 'hold: 3s').replace('< 1s', '< 10s')),
    );
    await until(running, 'hold for');
    const second = await faildrill(folder, 'run', join(folder, 'pair-cut.drill.yml'), '--out', 'second');
    expect(second.exitCode).toBe(4);
    expect(second.stderr).toContain('a lab named "pair" is up already');
    expect((await running).exitCode).toBe(0);
  });

  test('a full disk: one clear message, and nothing left', async () => {
    const before = trace();
    const folder = temporaryFolder();
    const small = join(folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    try {
      const { exitCode, stderr } = await faildrill(
        folder,
        'run',
        writeScenario(folder, LONG),
        '--out',
        small,
      );
      expect(exitCode).toBe(4);
      expect(stderr).toMatch(/cannot write the recording .*recording\.ndjson: the disk is full/);
      expect(stderr).toContain('free some space');
    } finally {
      execFileSync('umount', [small]);
    }
    await expectNothingLeft(before);
  });

  test('without root: one clear message', async () => {
    const folder = temporaryFolder();
    const file = writeScenario(folder);
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    const argv = [
      '--reuid',
      'nobody',
      '--regid',
      'nogroup',
      '--clear-groups',
      process.execPath,
      join(process.cwd(), 'dist/cli/main.js'),
      'run',
      file,
      '--out',
      '/tmp',
    ];
    const { execa } = await import('execa');
    const { exitCode, stderr } = await execa('setpriv', argv, { reject: false, cwd: '/' });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/error .*(root|not permitted)/i);
  });
});

test('kill -9 at any instant leaves nothing but a recording that can be read', async () => {
  const before = trace();
  const folder = temporaryFolder();
  for (let round = 0; round < Number(process.env.KILLS ?? 6); round++) {
    const out = join(folder, String(round));
    // Every other lab has a relay and gates too.
    const file = writeScenario(
      folder,
      round % 2 === 0
        ? SCENARIO
        : changed('inject: link-cut', 'inject: impair').replace('mode: silent', 'delay: 20ms'),
    );
    const running = faildrill(folder, 'run', file, '--out', out);
    await sleep(Math.random() * 4500);
    running.kill('SIGKILL');
    await running;
    await expectNothingLeft(before);
    const [name] = existsSync(out) ? readdirSync(out) : [];
    const recording = join(out, name ?? '', 'recording.ndjson');
    if (!name || !existsSync(recording) || readFileSync(recording).length === 0) continue;
    const events = [...readRecording(recording)];
    expect(events[0]!.k).toBe('recording');
    if (events.some(({ k }) => k === 'topology'))
      expect(['killed', 'complete']).toContain(analyze(events).outcome);
  }
});

test('the report folder is made once for each drill, even in the same second', async () => {
  const folder = temporaryFolder();
  const file = writeScenario(folder, changed('from: a,', 'from: nowhere,'));
  expect((await faildrill(folder, 'run', file)).exitCode).toBe(3);
  expect(existsSync(join(folder, 'reports'))).toBe(false);
  writeFileSync(join(folder, 'blocked'), '');
  const { exitCode, stderr } = await faildrill(folder, 'run', writeScenario(folder), '--out', 'blocked');
  expect(exitCode).toBe(4);
  expect(stderr).toContain('cannot make a folder in');
});
