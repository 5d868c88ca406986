import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { configOf, writeImageArchive } from '../../../src/runtime/containerlab/image-archive.js';
import { findLayer, layerOf } from '../../../src/runtime/containerlab/layer.js';
import { temporaryFolder } from '../../fixtures/scenario.js';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

test.each([
  [['ENTRYPOINT ["/a", "b"]', 'CMD c d'], { Entrypoint: ['/a', 'b'], Cmd: ['/bin/sh', '-c', 'c d'] }],
  [['ENV A=1 B="2 3"', 'ENV C 4 5'], { Env: [PATH, 'A=1', 'B=2 3', 'C=4 5'] }],
  [['WORKDIR /w', 'USER 1:2', 'STOPSIGNAL SIGINT'], { WorkingDir: '/w', User: '1:2', StopSignal: 'SIGINT' }],
  [['LABEL a=1', 'LABEL b=2'], { Labels: { a: '1', b: '2' } }],
  [
    ['EXPOSE 80/tcp', 'VOLUME ["/v"]', 'VOLUME /w'],
    { ExposedPorts: { '80/tcp': {} }, Volumes: { '/v': {}, '/w': {} } },
  ],
])('%j', (settings, config) => {
  expect(configOf(settings)).toEqual({ Env: [PATH], ...config });
});

test('the archive is whole: each digest is that of the file it names, and both indexes name the same files', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'hello'), 'hello');
  execFileSync('tar', ['-C', folder, '-cf', join(folder, 'files.tar'), 'hello']);
  const layer = await layerOf(join(folder, 'files.tar'), join(folder, 'layer.tar.gz'));
  expect(findLayer(layer.file)).toEqual(layer);
  expect(findLayer(join(folder, 'none'))).toBeUndefined();

  const file = join(folder, 'image.tar');
  const id = await writeImageArchive({
    layers: [layer],
    settings: ['CMD ["/x"]'],
    tag: 'faildrill/x:1',
    file,
  });
  const out = join(folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-C', out, '-xf', file]);
  const read = (path: string) => readFileSync(join(out, path));
  const parse = (path: string) => JSON.parse(read(path).toString());
  const digestOf = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const blob = ({ digest, size }: { digest: string; size: number }) => {
    const content = read(`blobs/${digest.replace(':', '/')}`);
    expect([digestOf(content), content.length]).toEqual([digest, size]);
    return content;
  };

  const [entry] = parse('index.json').manifests;
  expect(entry.annotations['io.containerd.image.name']).toBe('docker.io/faildrill/x:1');
  const manifest = JSON.parse(blob(entry).toString());
  const config = JSON.parse(blob(manifest.config).toString());
  expect(manifest.config.digest).toBe(id);
  expect(config.config).toEqual({ Env: [PATH], Cmd: ['/x'] });
  expect(config.rootfs.diff_ids).toEqual([digestOf(gunzipSync(blob(manifest.layers[0])))]);
  const path = ({ digest }: { digest: string }) => `blobs/${digest.replace(':', '/')}`;
  expect(parse('manifest.json')).toEqual([
    { Config: path(manifest.config), RepoTags: ['faildrill/x:1'], Layers: manifest.layers.map(path) },
  ]);
});
