import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list, type ReadEntry } from 'tar';
import { expect, test } from 'vitest';
import { packFaildrill } from '../../../src/runtime/containerlab/pack.js';
import { temporaryFolder } from '../../fixtures/scenario.js';

test('a package is packed with what it needs, hard and symbolic links as they are', async () => {
  const root = temporaryFolder();
  const dependency = join(root, 'node_modules/native');
  mkdirSync(join(dependency, 'build'), { recursive: true });
  mkdirSync(join(root, 'node_modules/only-for-tests'));
  const about = { name: 'own', version: '1.0.0', files: ['index.js'], dependencies: { native: '1.0.0' } };
  writeFileSync(join(root, 'package.json'), JSON.stringify(about));
  writeFileSync(join(root, 'index.js'), '');
  writeFileSync(join(dependency, 'package.json'), JSON.stringify({ name: 'native', version: '1.0.0' }));
  writeFileSync(join(dependency, 'build/a.node'), 'program');
  linkSync(join(dependency, 'build/a.node'), join(dependency, 'build/b.node'));
  symlinkSync('a.node', join(dependency, 'build/c.node'));
  const file = join(root, 'own.tgz');
  await packFaildrill(file, root);
  const entries: ReadEntry[] = [];
  await list({ file, onReadEntry: (entry) => entries.push(entry) });
  const at = 'opt/faildrill/node_modules/native';
  const packed = entries.filter(({ type }) => type !== 'Directory');
  expect(packed.map(({ path, linkpath }) => [path, linkpath]).sort()).toEqual([
    ['opt/faildrill/index.js', undefined],
    [`${at}/build/a.node`, undefined],
    [`${at}/build/b.node`, `${at}/build/a.node`],
    [`${at}/build/c.node`, 'a.node'],
    [`${at}/package.json`, undefined],
    ['opt/faildrill/package.json', undefined],
  ]);
});
