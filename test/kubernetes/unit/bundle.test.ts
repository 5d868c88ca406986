import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  commonFolder,
  MOST_BYTES,
  PART_BYTES,
  packed,
  parts,
  unpacked,
} from '../../../src/kubernetes/bundle.js';
import { orderBytes, readOrder } from '../../../src/kubernetes/order.js';
import { travelling } from '../../../src/kubernetes/travel.js';
import { packageFile } from '../../../src/paths.js';
import { loadScenario } from '../../../src/scenario/load.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../../fixtures/scenario.js';

test('what is packed comes out as it was, in place of links what they point to, and the same files make the same bytes', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'lab/config'), { recursive: true });
  writeFileSync(join(folder, 'lab/config/script'), '#!/bin/sh\n');
  chmodSync(join(folder, 'lab/config/script'), 0o755);
  writeFileSync(join(folder, 'outside'), 'linked');
  symlinkSync('../../outside', join(folder, 'lab/config/link'));
  const archive = await packed([join(folder, 'lab')], folder);
  expect(await packed([join(folder, 'lab')], folder)).toEqual(archive);
  const out = join(temporaryFolder(), 'out');
  await unpacked(Buffer.concat(parts(archive, { files: [] })), out);
  expect(readFileSync(join(out, 'lab/config/script'), 'utf8')).toBe('#!/bin/sh\n');
  expect(statSync(join(out, 'lab/config/script')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(out, 'lab/config/link'), 'utf8')).toBe('linked');
});

test('parts are as large as a ConfigMap may be, and together what they are of', () => {
  const archive = randomBytes(2 * PART_BYTES + 1);
  const pieces = parts(archive, { files: [] });
  expect(pieces.map(({ length }) => length)).toEqual([PART_BYTES, PART_BYTES, 1]);
  expect(Buffer.concat(pieces)).toEqual(archive);
});

test('more than a run may have is an error that names the largest file', () => {
  const folder = temporaryFolder();
  const files = [1, 3, 2].map((size) => {
    writeFileSync(join(folder, `file-${size}`), Buffer.alloc(size));
    return join(folder, `file-${size}`);
  });
  expect(() => parts(Buffer.alloc(MOST_BYTES + 1), { files })).toThrow(/file-3:1:1: .* at most 16\.0 MiB/);
});

test.each([
  [['/a/b/c', '/a/b/d'], '/a/b'],
  [['/a/b', '/a/b/d'], '/a/b'],
  [['/a/b', '/c'], '/'],
  [['/a/b'], '/a/b'],
])('%s are all in %s', (paths, folder) => {
  expect(commonFolder(paths)).toBe(folder);
});

test('an order is read as it was written, and not by another version', () => {
  const drill = fc.record({
    file: fc.string(),
    name: fc.string(),
    sha256: fc.string(),
    shard: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(drill), (argv, plan) => {
      const order = { faildrill: '1.2.3', folder: '.', argv, shards: 9, plan };
      expect(readOrder(orderBytes(order), { faildrill: '1.2.3' })).toEqual({ version: 1, ...order });
      expect(readOrder(orderBytes(order), { faildrill: '1.2.4' })).toContain(
        'faildrill 1.2.3, and this is 1.2.4',
      );
    }),
  );
  expect(readOrder(Buffer.from('no'), { faildrill: '1.2.3' })).toContain('damaged');
});

test('a scenario of a shipped lab travels with its topology and all that its nodes are given', () => {
  const loaded = loadScenario(packageFile('scenarios/dual-isp-wireguard/primary-isp-cut.drill.yml'));
  const files = travelling([loaded]).map((file) => file.slice(packageFile('').length));
  expect(files).toContain('scenarios/dual-isp-wireguard/primary-isp-cut.drill.yml');
  expect(files).toContain('labs/dual-isp-wireguard/dual-isp-wireguard.clab.yml');
  expect(files).toContain('labs/dual-isp-wireguard/config/branch/wg1.conf');
  expect(files.filter((file) => file.includes('saboteurs'))).toEqual([]);
});

test('what depends on this machine is refused', () => {
  const folder = temporaryFolder();
  const here =
    (topology: string, scenario = SCENARIO) =>
    () =>
      travelling([loadScenario(writeScenario(folder, scenario, topology))]);
  const withBind = (bind: string) => PAIR.replace('a: ,', `a: { binds: ["${bind}"] },`);
  expect(here(withBind('~:/home'))).toThrow(/from the home directory/);
  expect(here(withBind('/etc/hosts:/etc/h'))()).toEqual([
    join(folder, 'pair-cut.drill.yml'),
    join(folder, 'pair.clab.yml'),
  ]);
  expect(here(PAIR, SCENARIO.replace('lab: ', `lab: ${folder}/`))).toThrow(/absolute path/);
  process.env.KUBERNETES_TEST_NAME = 'x';
  expect(here(PAIR.replace('name: pair', 'name: pair-$KUBERNETES_TEST_NAME'))).toThrow(
    /environment of this shell/,
  );
  delete process.env.KUBERNETES_TEST_NAME;
});
