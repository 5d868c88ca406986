import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DrillResult } from '../../src/analysis/result.js';
import { simulateTrials } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

const MS = 1e6;

/** Puts a drill of seven trials into a store; each trial was interrupted for about so long, milliseconds. */
function store(folder: string, name: string, outage: number, started: string, killed = false): void {
  const outages = [0, 10, 20, 30, 40, 50, 60].map((more) => (outage + more) * MS);
  const events = simulateTrials(outages, { killed }).map((event) =>
    event.k === 'recording' ? { ...event, anchor: { ...event.anchor, wall: started } } : event,
  );
  mkdirSync(join(folder, name), { recursive: true });
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(join(folder, name, 'recording.ndjson'), text);
}

async function previousOf(folder: string, name: string) {
  await faildrill(folder, 'analyze', name);
  const { previous } = JSON.parse(readFileSync(join(folder, name, 'result.json'), 'utf8')) as DrillResult;
  return { previous, page: readFileSync(join(folder, name, 'report.html'), 'utf8') };
}

test('a drill is compared with the whole one before it, not with a later, a killed, or another one', async () => {
  const folder = temporaryFolder();
  store(folder, 'pair-cut-20260101-080000', 900, '2026-01-01T08:00:00.000Z');
  store(folder, 'pair-cut-20260102-080000', 200, '2026-01-02T08:00:00.000Z');
  store(folder, 'pair-cut-20260103-080000', 200, '2026-01-03T08:00:00.000Z', true);
  store(folder, 'pair-cut-20260104-080000', 600, '2026-01-04T08:00:00.000Z');
  store(folder, 'pair-cut-20260105-080000', 200, '2026-01-05T08:00:00.000Z');
  mkdirSync(join(folder, 'pair-cut-20260103-090000'));
  const { previous, page } = await previousOf(folder, 'pair-cut-20260104-080000');
  expect(previous).toMatchObject({ started: '2026-01-02T08:00:00.000Z', drill: 'pass', verdict: 'worse' });
  expect(page).toContain('It is worse than last time, the drill of 2026-01-02 08:00 UTC');
  const row = previous!.rows.find(({ metric }) => metric === 'loss_of_connectivity')!;
  expect(row).toMatchObject({ verdict: 'worse' });
  expect([row.before! / MS, row.now! / MS].map(Math.round)).toEqual([230, 630]);
});

test('the first drill of a scenario says that there is none before it', async () => {
  const folder = temporaryFolder();
  store(folder, 'pair-cut-20260101-080000', 200, '2026-01-01T08:00:00.000Z');
  const { previous, page } = await previousOf(folder, 'pair-cut-20260101-080000');
  expect(previous).toBeUndefined();
  expect(page).toContain('No earlier drill of this scenario is known');
});
