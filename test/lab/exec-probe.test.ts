import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Observation } from '../../src/probes/prober.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { decided } from './drill.js';
import { labForAll } from './labs.js';
import { delays, inSequence, probe as probeIn, reasons, received, sent } from './probing.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const LINK = 'a:eth1 <-> b:eth1';
const probe = (
  command: string,
  happening: (seen: Observation[]) => Promise<unknown> = () => sleep(900),
  more = {},
) => probeIn({ lab, clock }, { kind: 'exec', command, interval: '100ms', timeout: '1s', ...more }, happening);
const why = (seen: Observation[]) => [...new Set(reasons(seen, 0).values())];

test('a command that succeeds is an answer, on schedule; it runs in the node and knows the address', async () => {
  const answers = (so: Observation[]) => expect.poll(() => received(so, 0).length, { timeout: 20_000 });
  const seen = await probe(
    'test "$(hostname)" = a && ping -c 1 -W 1 $ADDRESS',
    (so) => answers(so).toBeGreaterThan(5),
    { timeout: '15s' },
  );
  expect(why(seen)).toEqual([]);
  expect(inSequence(sent(seen, 0))).toBe(true);
  expect(sent(seen, 0).length).toBeGreaterThan(7);
});

test('its time is that of the command', async () => {
  const times = delays(await probe('sleep 0.2', () => sleep(1500), { timeout: '5s' }), 0);
  expect(times[0]).toBeGreaterThan(200e6);
  expect(times[0]).toBeLessThan(1000e6);
});

test.each([
  ['exit 3', 'exit code 3'],
  ['echo; echo no such host >&2; echo detail; false', 'no such host'],
  ['echo only this; false', 'only this'],
  ['kill -9 $$', 'ended by SIGKILL'],
  ['exec sleep 8', 'timeout'],
  ['nonesuch', '/bin/sh: 1: nonesuch: not found'],
])('"%s" fails: %s', async (command, reason) => {
  // Starting a process may take long on a busy machine.
  const timeout = reason === 'timeout' ? '300ms' : '5s';
  const seen = await probe(command, () => sleep(1500), { timeout });
  expect(received(seen, 0)).toEqual([]);
  expect(why(seen)).toEqual([reason]);
});

test('while packets vanish it fails, and not before or after', async () => {
  const link = lab.links.get(LINK)!;
  let [cut, restored] = [0, 0];
  const seen = await probe(
    'ping -q -c 1 -W 1 $ADDRESS >/dev/null || { echo no answer; false; }',
    async () => {
      await sleep(600);
      cut = (await link.cut('test', 'silent')).after;
      await sleep(1200);
      restored = (await link.restore('test')).before;
      await sleep(2000);
    },
    { timeout: '15s' },
  );
  const lost = [...reasons(seen, 0).keys()];
  expect(why(seen)).toEqual(['no answer']);
  expect(inSequence(lost)).toBe(true);
  expect(Math.abs(lost.length * 100 - (restored - cut) / 1e6)).toBeLessThan(400);
});

test('a drill whose command fails for as long as the line is cut', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pair.clab.yml'), PAIR.replace('name: pair', 'name: execs'));
  const file = join(folder, 'execs.drill.yml');
  writeFileSync(
    file,
    `name: execs
title: A command in place of a client
lab: pair.clab.yml
validation-time: 1s
probes:
  check: { kind: exec, from: a, to: b, address: 10.0.1.2, interval: 200ms, timeout: 500ms, command: "ping -q -c 1 -W 0.4 $ADDRESS >/dev/null || { echo no answer; false; }" }
steps:
  - { inject: link-cut, link: "${LINK}", mode: silent, as: cut }
  - hold: 2s
  - clear: cut
  - wait: { for: recovery, within: 10s }
targets:
  - longest_loss_period(check) > 1.5s
  - response_time(check after clear cut) < 500ms
  - longest_loss_period(check) < 1s
`,
  );
  const done = await decided(folder, file);
  expect(
    done.result.targets.map(({ verdict }) => verdict),
    done.stdout,
  ).toEqual(['pass', 'pass', 'fail']);
  expect(readFileSync(join(done.folder, 'report.md'), 'utf8')).toMatch(/- check: no answer, \d+ times/);
});
