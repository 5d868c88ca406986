import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { impairment } from '../../src/netem/impairment.js';
import { tcEngine } from '../../src/netem/tc/engine.js';
import { showQdiscs } from '../../src/netem/tc/qdisc.js';
import { userspace } from '../../src/netem/userspace.js';
import { attached, conformance, set, transfer } from '../lab/netem-conformance.js';
import { Wire } from '../lab/wire.js';
import { distance, expectedDelays } from '../netem/simulation.js';

if (process.env.FAILDRILL_KERNEL_TEST !== '1')
  throw new Error('these tests want a kernel with netem: run them with npm run test:kernel');

test('this kernel has netem', async () => {
  expect(await tcEngine.isHere()).toBe(true);
});

// An emulated machine is late by itself, and most so where a process has its part; and what is lost is counted on fewer frames.
describe.each([
  { engine: tcEngine, late: 5e6 },
  { engine: userspace, late: 20e6 },
])('$engine.name', ({ engine, late }) => {
  conformance(engine, { count: 10_000, late, held: 50e6 });

  test.each([{ delay: '1ms' }, { delay: '1ms', rate: '10gbit' }] as const)(
    'TCP with segmentation offload from a VLAN interface: %j',
    async (said) => {
      const { wire, way } = await attached(engine);
      await set(way, said);
      expect(await transfer(wire, { isTagged: true })).toBe(true);
    },
  );
});

test('what it was told is what the kernel says', async () => {
  const { wire, way } = await attached(tcEngine);
  await set(way, { delay: '50ms', jitter: '5ms', loss: '3%', limit: 77 });
  const [qdisc] = await showQdiscs(wire.egress.network, 'near');
  expect(qdisc).toMatchObject({
    kind: 'netem',
    root: true,
    options: { limit: 77, delay: { delay: 0.05, jitter: 0.005 }, 'loss-random': { loss: 0.03 } },
  });
});

test('a change takes back all that was said before', async () => {
  const { wire, way } = await attached(tcEngine);
  const idle = await showQdiscs(wire.egress.network, 'near');
  await set(way, {
    delay: '5ms',
    jitter: '1ms',
    'delay-correlation': '25%',
    loss: { gemodel: { p: '1%' } },
    duplicate: '1%',
    corrupt: '1%',
    reorder: '1%',
    gap: 5,
    rate: '10mbit',
    slot: { min: '1ms' },
  });
  await way.clear('x');
  const options = (qdiscs: typeof idle) => qdiscs.map(({ kind, options }) => ({ kind, options }));
  expect(options(await showQdiscs(wire.egress.network, 'near'))).toEqual(options(idle));
  const { arrived } = await wire.run({ count: 500 });
  expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, index) => index));
});

test('from a table back to the uniform distribution', async () => {
  const { wire, way } = await attached(tcEngine);
  await set(way, { delay: '500ms', jitter: '100ms', distribution: 'pareto' });
  await set(way, { delay: '500ms', jitter: '100ms' });
  const { arrived } = await wire.run({ count: 600, gap: 2e6, wait: 1500 });
  const took = arrived.map(({ took }) => took).sort((a, b) => a - b);
  const expected = expectedDelays('uniform', { delay: 500e6, jitter: 100e6 });
  expect(distance(took, expected)).toBeLessThan(2.2 / Math.sqrt(600) + 0.05);
});

test('it holds one impairment at a time, of all packets', async () => {
  const { way } = await attached(tcEngine);
  await set(way, { delay: '5ms' }, 'a');
  await expect(set(way, { delay: '5ms' }, 'b')).rejects.toThrow(/"a" is in force/);
  const wish = { impairment: impairment({}), matches: [{ protocol: 'udp' as const }] };
  expect(tcEngine.refuses(wish)).toMatch(/not some of them/);
  expect(tcEngine.refuses({ ...wish, matches: [], isShared: true })).toMatch(/one impairment/);
  const correlated = impairment({ delay: '5ms', jitter: '1ms', 'delay-correlation': '25%' });
  expect(tcEngine.refuses({ impairment: correlated, matches: [] })).toMatch(/ignores it/);
});

test("somebody's own discipline is left alone, unless it is forced", async () => {
  using wire = new Wire();
  const tc = (...argv: string[]) =>
    execFileSync('nsenter', [`--net=/proc/${process.pid}/fd/${wire.near}`, 'tc', ...argv], {
      encoding: 'utf8',
    });
  tc('qdisc', 'add', 'dev', 'near', 'root', 'tbf', 'rate', '1mbit', 'burst', '10k', 'latency', '50ms');
  const before = tc('qdisc', 'show', 'dev', 'near');
  const options = { clock: wire.clock, seed: 1, late: () => {}, fail: () => {} };
  await using engine = await tcEngine.start(options);
  await expect(engine.attach({ egress: wire.egress })).rejects.toThrow(/tbf discipline of its own/);
  expect(tc('qdisc', 'show', 'dev', 'near')).toBe(before);
  await engine.attach({ egress: wire.egress, force: true });
  expect(tc('qdisc', 'show', 'dev', 'near')).toMatch(/^qdisc netem /);
});

test('taken away, the interface has what it had', async () => {
  using wire = new Wire();
  const before = await showQdiscs(wire.egress.network, 'near');
  const engine = await tcEngine.start({ clock: wire.clock, seed: 1, late: () => {}, fail: () => {} });
  await engine.attach({ egress: wire.egress });
  await engine[Symbol.asyncDispose]();
  const kinds = (qdiscs: typeof before) => qdiscs.map(({ kind }) => kind);
  expect(kinds(await showQdiscs(wire.egress.network, 'near'))).toEqual(kinds(before));
});
