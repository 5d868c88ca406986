import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { type Drilled, decided, faildrill } from './drill.js';
import { expectNothingLeft, trace } from './machine.js';

const LINK = 'a:eth1 <-> b:eth1';

/** A drill on two hosts; the steps and the targets are given. */
function write(steps: string, targets: string): { folder: string; file: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pair.clab.yml'), PAIR);
  const file = join(folder, 'impaired.drill.yml');
  writeFileSync(
    file,
    `name: impaired
title: The link between two hosts is impaired
lab: pair.clab.yml
validation-time: 500ms
probes:
  app: { kind: udp, from: a, to: b, flows: 8, interval: 5ms, both-ways: true }
steps:
${steps}
targets:
${targets}
`,
  );
  return { folder, file };
}

async function run(steps: string, targets: string, ...argv: string[]): Promise<Drilled> {
  const { folder, file } = write(steps, targets);
  return decided(folder, ...argv, file);
}

const figures = ({ result }: Drilled) =>
  Object.fromEntries(result.targets.map(({ text, verdict, measured }) => [text, [verdict, measured!.value]]));

test('the probes feel what is configured, and nothing of it before and after', async () => {
  const before = trace();
  const done = await run(
    `  - { inject: impair, link: "${LINK}", delay: 100ms, jitter: 10ms, loss: 5%, as: bad }
  - hold: 4s
  - clear: bad
  - hold: 1s
  - { inject: impair, link: "${LINK}", loss: 100%, as: dead }
  - hold: 500ms
  - clear: dead
  - wait: { for: recovery, within: 10s }`,
    `  - one_way_delay(app after bad) < 150ms
  - one_way_delay(app after bad) > 90ms
  - delay_variation(app after bad) < 30ms
  - packet_loss(app after bad) < 8%
  - packet_loss(app after bad) > 2%
  - packet_loss(app after dead) > 99%
  - recovery_time(app after clear dead) < 100ms`,
  );
  expect(done.result.verdict, done.stdout).toBe('pass');
  expect(done.stderr).toMatch(/packets are impaired by the userspace engine/);
  expect(done.stderr).toMatch(/bad: delay 100 ms ± 10 ms uniform, loss 5 %; so far \d+ packets/);
  expect(done.stderr).toMatch(/bad cleared: it met \d+ packets, \d+ lost/);
  await expectNothingLeft(before);
});

describe('the same targets miss when it is not what they expect', () => {
  test('a delay that is too long', async () => {
    const done = await run(
      `  - { inject: impair, link: "${LINK}", delay: 60ms, as: slow }
  - hold: 2s
  - clear: slow`,
      '  - one_way_delay(app) < 50ms',
    );
    expect(figures(done)['one_way_delay(app) < 50ms']![0]).toBe('fail');
  });
});

describe('faults that stand on it', () => {
  test('a brownout is as bad as its profile, each way', async () => {
    const done = await run(
      `  - { inject: brownout, link: "${LINK}", profile: 5g, customer: a, as: mobile }
  - hold: 1s
  - clear: mobile`,
      '  - one_way_delay(app after mobile) > 4ms\n  - one_way_delay(app after mobile) < 22ms',
    );
    expect(done.result.verdict, done.stdout).toBe('pass');
    // Up from the customer it takes 18 ms, down 7 ms; the medians of a skewed jitter lie below.
    const [least, most] = done.result.targets.map(({ measured }) => measured!);
    expect([least!.of, most!.of]).toEqual([expect.stringMatching(/back$/), expect.stringMatching(/there$/)]);
    expect(most!.value - least!.value).toBeGreaterThan(8e6);
  });

  test('a ramp gets worse step by step, and the step lasts as long', async () => {
    const done = await run(
      `  - { inject: impair, link: "${LINK}", delay: 80ms, ramp: { over: 2s, steps: 4 }, as: worse }
  - hold: 500ms
  - clear: worse`,
      '  - delay_variation(app after worse) > 50ms\n  - one_way_delay(app after worse) < 79ms',
    );
    expect(done.result.verdict, done.stdout).toBe('pass');
    const [step, next] = done.result.trials[0]!.steps;
    expect(next!.at - step!.at).toBeGreaterThan(1.5e9);
  });

  test('a black hole for big packets loses them, and no small one', async () => {
    const { folder, file } = write(
      `  - { inject: mtu, link: "${LINK}", mtu: 700, as: hole }
  - hold: 1s
  - clear: hole`,
      `  - packet_loss(big after hole) > 99%
  - packet_loss(app after hole) < 1%`,
    );
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(
        'steps:',
        '  big: { kind: udp, from: a, to: b, flows: 2, interval: 10ms, size: 1000 }\nsteps:',
      ),
    );
    const done = await decided(folder, file);
    expect(done.result.verdict, done.stdout).toBe('pass');
  });

  test('a call sounds as bad as the line is, and well on a good one', async () => {
    const { folder, file } = write(
      `  - { inject: impair, link: "${LINK}", delay: 1ms, as: fine }
  - hold: 5s
  - clear: fine
  - { inject: impair, link: "${LINK}", delay: 150ms, loss: 3%, as: bad }
  - hold: 6s
  - clear: bad`,
      // R is 93.2 less 2 for 81 ms; less 11 for 230 ms and 10 to 20 for 3 to 7 % of loss.
      `  - mos(call after fine) > 4.3
  - mos(call after bad) < 3.8
  - mos(call after bad) > 2.6`,
    );
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('steps:', '  call: { kind: voip, from: a, to: b }\nsteps:'),
    );
    const done = await decided(folder, file);
    expect(done.result.verdict, done.stdout).toBe('pass');
    expect(readFileSync(join(done.folder, 'report.md'), 'utf8')).toMatch(
      /The worst five seconds of the calls of call sounded like [23]/,
    );
  });

  test('a limited rate loses what is more, a bloated queue delays it first', async () => {
    // 8 flows each way of 200 packets/s and about 100 bytes are more than 1 Mbit/s.
    const steps = (fault: string) => `  - { inject: ${fault}, link: "${LINK}", rate: 800kbit, as: slow }
  - hold: 1s
  - clear: slow
  - wait: { for: recovery, within: 20s }`;
    const limited = await run(
      steps('rate-limit'),
      '  - packet_loss(app after slow) > 5%\n  - one_way_delay(app after slow) < 100ms',
    );
    expect(limited.result.verdict, limited.stdout).toBe('pass');
    const bloated = await run(
      steps('queue-bloat'),
      '  - packet_loss(app after slow) < 1%\n  - one_way_delay(app after slow) > 100ms',
    );
    expect(bloated.result.verdict, bloated.stdout).toBe('pass');
  });

  test('a blocked service is blocked, and nothing else', async () => {
    const done = await run(
      `  - { inject: block, link: "${LINK}", service: dns, as: firewall }
  - hold: 500ms
  - { inject: block, link: "${LINK}", match: { protocol: udp }, as: all }
  - hold: 500ms
  - clear: firewall
  - clear: all
  - wait: { for: recovery, within: 5s }
  - { inject: block, link: "${LINK}", match: { protocol: udp }, action: reject, as: answered }
  - hold: 500ms
  - clear: answered`,
      `  - packet_loss(app after firewall) < 1%
  - packet_loss(app after all) > 99%
  - packet_loss(app after answered) > 99%`,
    );
    expect(done.result.verdict, done.stdout).toBe('pass');
    expect(done.stderr).toMatch(/answered cleared: it met [1-9]\d* packets$/m);
  });
});

test('an engine that this machine does not have is refused before the first step', async () => {
  const { folder, file } = write(
    `  - { inject: impair, link: "${LINK}", delay: 5ms, match: { protocol: udp }, as: slow }\n  - clear: slow`,
    '  - packet_loss(app) < 1%',
  );
  const { stderr } = await faildrill(folder, 'run', '--netem', 'tc', file);
  expect(stderr).toMatch(
    /cannot impair packets: tc: it impairs all packets of an interface, not some of them/,
  );
});
