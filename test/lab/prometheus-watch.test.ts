import { beforeAll, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll, sh } from './labs.js';
import { act as actIn, watching as watchingIn } from './watching.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

/** Node b serves a metric, Prometheus on node a reads it each 500 ms: a read that takes longer, on a busy machine, would leave it without a value. */
const CONFIGURATION = `global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs: [{ job_name: gateway, metrics_path: /metrics, static_configs: [{ targets: ["10.0.1.2:8000"] }] }]
`;

beforeAll(async () => {
  await sh(
    lab,
    'b',
    'mkdir /run/www; echo "tunnels 2" > /run/www/metrics; cd /run/www; python3 -m http.server 8000 > /dev/null 2>&1 &',
  );
  await sh(
    lab,
    'a',
    `printf '${CONFIGURATION.replaceAll('\n', '\\n')}' > /run/prometheus.yml; prometheus --config.file=/run/prometheus.yml --storage.tsdb.path=/run/data --web.listen-address=127.0.0.1:9090 > /run/prometheus.log 2>&1 &`,
  );
}, 60_000);

const watching = (watch: Record<string, unknown>) =>
  watchingIn({ lab, clock }, { kind: 'prometheus', interval: '50ms', ...watch });
const active = ({ signals }: { signals: { active: boolean }[] }) => signals.map(({ active }) => active);
const serve = (line: string) =>
  actIn({ lab, clock }, 'b', `echo "${line}" > /run/www/m; mv /run/www/m /run/www/metrics`);

test('a value that crosses its limit, and back, within a scrape and a look', async () => {
  await using it = await watching({ query: 'tunnels', is: '< 2' });
  await using up = await watching({ query: 'up{job="gateway"}', is: '== 1' });
  await using other = await watching({ query: 'tunnels', is: '> 5' });
  await expect.poll(() => active(up).at(-1), { timeout: 30_000 }).toBe(true);
  const known = it.signals.length;
  for (const [line, isActive] of [
    ['tunnels 1', true],
    ['tunnels 2', false],
  ] as const) {
    const [seen, when] = await Promise.all([it.next(), serve(line)]);
    expect(seen!.active).toBe(isActive);
    expect(seen!.after).toBeGreaterThan(when.before);
    // A scrape each 500 ms, on a machine that may be busy.
    expect(seen!.before - when.after).toBeLessThan(2e9);
  }
  expect(active(it).slice(known)).toEqual([true, false]);
  expect(active(other)).not.toContain(true);
});

test('a query that is none, and no Prometheus, is unknown', async () => {
  await using wrong = await watching({ query: 'tunnels{', is: '> 0' });
  await using nobody = await watching({ node: 'b', query: 'tunnels', is: '> 0' });
  // Before Prometheus listens there is another reason.
  await expect.poll(() => wrong.signals.at(-1)?.detail, { timeout: 30_000 }).toMatch(/parse error/);
  for (const signal of wrong.signals) expect(signal).toMatchObject({ active: false, unknown: true });
  expect(nobody.signals).toMatchObject([
    { active: false, unknown: true, detail: expect.stringMatching(/ECONNREFUSED/) },
  ]);
});
