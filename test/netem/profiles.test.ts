import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { contradiction } from '../../src/netem/impairment.js';
import { profiles } from '../../src/netem/profiles.js';
import { lostOf, runLengths, simulate } from './simulation.js';

describe.each(Object.entries(profiles))('%s', (key, profile) => {
  test('is named by its key, contradicts nothing, and is documented with its delay', () => {
    expect(profile.name).toBe(key);
    for (const way of [profile.down, profile.up]) expect(contradiction(way)).toBeUndefined();
    const row = readFileSync('docs/profiles.md', 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`| \`${key}\``));
    const [down, up] = [profile.down, profile.up].map(({ delay }) => delay / 1e6);
    expect(row).toContain(down === up ? `| ${down} ms |` : `| ${down} / ${up} ms |`);
  });
});

test.each([
  ['lte-poor', 0.01, 3],
  ['satellite-leo', 0.015, 5],
  ['congested-broadband', 0.01, 4],
] as const)('%s loses %d in bursts of %d', (name, share, length) => {
  const count = 400_000;
  const { loss } = profiles[name].down;
  const { gemodel } = loss as { gemodel: { p: number; r: number; '1-h': number; '1-k': number } };
  const said = { p: `${gemodel.p * 100}%`, r: `${gemodel.r * 100}%` };
  const { sent } = simulate({ said: { loss: { gemodel: said } }, count });
  const lengths = runLengths(lostOf(sent, count));
  expect(1 - sent.length / count).toBeCloseTo(share, 2);
  expect(lengths.reduce((sum, one) => sum + one, 0) / lengths.length).toBeCloseTo(length, 0);
});
