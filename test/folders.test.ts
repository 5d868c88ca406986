import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureFolder, isFolder } from '../src/folders.js';
import { temporaryFolder } from './fixtures/scenario.js';

test('a folder is made with those that it is in, and may be there', () => {
  const path = join(temporaryFolder(), 'a', 'b', 'c');
  ensureFolder(path);
  ensureFolder(path);
  expect(isFolder(path)).toBe(true);
});

test.each([
  ['where nothing can be made', '/proc/x', 'ENOENT'],
  ['below that', '/proc/x/y', 'ENOENT'],
  ['in a file', 'file/x', 'ENOTDIR'],
  ['that is a file', 'file', 'EEXIST'],
])('a folder %s is refused', (_, path, code) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'file'), '');
  const wanted = path.startsWith('/') ? path : join(folder, path);
  expect(() => ensureFolder(wanted)).toThrow(expect.objectContaining({ code }));
});
