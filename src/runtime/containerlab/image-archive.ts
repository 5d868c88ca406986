import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import * as shlex from 'shlex';
import type { Layer } from './layer.js';

/** Node's name for a processor and OCI's, which is Go's. */
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386' };

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a container of an image starts with (OCI image specification, config.md). */
interface ImageConfig {
  Env: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  User?: string;
  StopSignal?: string;
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, object>;
  Volumes?: Record<string, object>;
}

/**
 * Writes an image as a file that `docker load`, `podman load` and `ctr images import` read: OCI's layout with the manifest that Docker
 * looks for beside it.
 * @param settings lines of a Dockerfile, `ENTRYPOINT ["faildrill"]`
 * @param tag with a version: `faildrill/runner:0.1.0`
 * @returns the image's id, the digest of its configuration
 */
export async function writeImageArchive(options: {
  layers: readonly Layer[];
  settings: readonly string[];
  tag: string;
  file: string;
}): Promise<string> {
  const { layers, settings, tag, file } = options;
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-archive-'));
  try {
    const blobs = join(folder, 'blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    const put = (content: object) => {
      const text = JSON.stringify(content);
      const digest = createHash('sha256').update(text).digest('hex');
      writeFileSync(join(blobs, digest), text);
      return { digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
    };
    const type = (name: string) => `application/vnd.oci.image.${name}`;
    const config = put({
      created: new Date().toISOString(),
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      os: 'linux',
      config: configOf(settings),
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    });
    for (const layer of layers) symlinkSync(resolve(layer.file), join(folder, blob(layer.digest)));
    const manifest = put({
      schemaVersion: 2,
      mediaType: type('manifest.v1+json'),
      config: { mediaType: type('config.v1+json'), ...config },
      layers: layers.map(({ digest, size }) => ({ mediaType: type('layer.v1.tar+gzip'), digest, size })),
    });
    const annotations = {
      'io.containerd.image.name': `docker.io/${tag}`,
      'org.opencontainers.image.ref.name': tag.split(':').at(-1),
    };
    const write = (name: string, content: object) =>
      writeFileSync(join(folder, name), JSON.stringify(content));
    write('oci-layout', { imageLayoutVersion: '1.0.0' });
    write('index.json', {
      schemaVersion: 2,
      mediaType: type('index.v1+json'),
      manifests: [{ mediaType: type('manifest.v1+json'), ...manifest, annotations }],
    });
    write('manifest.json', [
      { Config: blob(config.digest), RepoTags: [tag], Layers: layers.map(({ digest }) => blob(digest)) },
    ]);
    const names = ['oci-layout', 'index.json', 'manifest.json', 'blobs'];
    await execa('tar', ['-C', folder, '--dereference', '-cf', resolve(file), ...names]);
    return config.digest;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where a blob is in the layout. */
const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** An instruction's arguments: a list in JSON, or a line for the shell. */
const listOf = (rest: string): string[] =>
  rest.startsWith('[') ? (JSON.parse(rest) as string[]) : ['/bin/sh', '-c', rest];

/** `A=1 B=2` by name; the old form `A 1` as well. */
const pairsOf = (rest: string): [string, string][] => {
  const words = shlex.split(rest);
  if (!words[0]?.includes('=')) return [[words[0] ?? '', words.slice(1).join(' ')]];
  return words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
};

const namesOf = (rest: string): Record<string, object> =>
  Object.fromEntries(
    (rest.startsWith('[') ? (JSON.parse(rest) as string[]) : shlex.split(rest)).map((name) => [name, {}]),
  );

/** Each instruction's part of the configuration, which may add to what is there. */
const PARTS: Record<string, (rest: string, config: ImageConfig) => Partial<ImageConfig>> = {
  ENTRYPOINT: (rest) => ({ Entrypoint: listOf(rest) }),
  CMD: (rest) => ({ Cmd: listOf(rest) }),
  WORKDIR: (rest) => ({ WorkingDir: rest }),
  USER: (rest) => ({ User: rest }),
  STOPSIGNAL: (rest) => ({ StopSignal: rest }),
  ENV: (rest, { Env }) => ({ Env: [...Env, ...pairsOf(rest).map(([name, value]) => `${name}=${value}`)] }),
  LABEL: (rest, { Labels }) => ({ Labels: { ...Labels, ...Object.fromEntries(pairsOf(rest)) } }),
  EXPOSE: (rest, { ExposedPorts }) => ({ ExposedPorts: { ...ExposedPorts, ...namesOf(rest) } }),
  VOLUME: (rest, { Volumes }) => ({ Volumes: { ...Volumes, ...namesOf(rest) } }),
};

/** The configuration that settings come to. */
export function configOf(settings: readonly string[]): ImageConfig {
  let config: ImageConfig = { Env: [PATH] };
  for (const setting of settings) {
    const [, instruction = '', rest = ''] = /^(\S+) (.*)$/s.exec(setting) ?? [];
    config = { ...config, ...PARTS[instruction]?.(rest, config) };
  }
  return config;
}
