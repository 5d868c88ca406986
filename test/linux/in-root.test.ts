import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathInRoot } from '../../src/linux/in-root.js';
import { temporaryFolder } from '../fixtures/scenario.js';

test('symbolic links stay under the other root', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'run/daemon'), { recursive: true });
  mkdirSync(join(root, 'var'));
  writeFileSync(join(root, 'run/daemon/pid'), '');
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('../run/daemon', join(root, 'var/daemon'));
  symlinkSync('/loop', join(root, 'loop'));
  const there = join(root, 'run/daemon/pid');
  for (const path of ['/run/daemon/pid', '/var/run/daemon/pid', 'var/daemon/pid', '/../../run/./daemon/pid'])
    expect(pathInRoot(root, path)).toBe(there);
  expect(pathInRoot(root, '/run/none')).toBe(join(root, 'run/none'));
  expect(pathInRoot(root, '/loop')).toBe(join(root, 'loop'));
});
