import { expect, test } from 'vitest';
import { metrics } from '../../src/analysis/metrics/registry.js';
import { receivers } from '../../src/delivery/registry.js';
import { faults } from '../../src/faults/registry.js';
import { packageFile } from '../../src/paths.js';
import { probes } from '../../src/probes/registry.js';
import { reports } from '../../src/report/registry.js';
import { watches } from '../../src/watches/registry.js';
import { faildrill } from '../lab/drill.js';

const list = async (...what: string[]) => {
  const { exitCode, stdout } = await faildrill(packageFile('.'), 'list', ...what);
  expect(exitCode).toBe(0);
  return stdout;
};

/** The names that a listing has, one a line, each with a description. */
const names = (text: string) => [...text.matchAll(/^ {2}(\S+) {2,}\S+ \S+/gm)].map(([, name]) => name);

test('everything that a scenario can name, by sections', async () => {
  const text = await list();
  expect(text.match(/^\S.*$/gm)).toEqual(['Probes', 'Watches', 'Faults', 'Metrics', 'Reports', 'Receivers']);
  expect(names(text)).toEqual([
    ...[probes, watches, faults, metrics].flatMap((registry) => Object.keys(registry)),
    ...Object.values(reports).map(({ file }) => file),
    ...Object.values(receivers).map(({ usage }) => usage),
  ]);
});

test('one section', async () => {
  expect(names(await list('faults'))).toEqual(Object.keys(faults));
});

test('one kind with all its keys: type, default, whether it is required, what it means', async () => {
  const text = await list('udp');
  expect(text.split('\n')[0]).toBe(`udp  ${probes.udp.description}`);
  expect(text).toContain('  from  string, required\n      node that sends');
  expect(text).toContain('  interval  duration, default 10ms\n');
  expect(await list('link-cut')).toContain('  mode  carrier | silent | one-way, default carrier\n');
});
