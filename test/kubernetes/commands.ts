import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa, type Options } from 'execa';
import { afterAll, expect } from 'vitest';
import { compiled } from '../../src/paths.js';
import { PAIR, SCENARIO, temporaryFolder } from '../fixtures/scenario.js';
import { cluster, kubectl } from './cluster.js';

/** Of the administrator, and of a user who has what roles give. */
export const ADMIN = cluster(['up']).split('\n').at(-1)!;
const DRILLS = join(dirname(ADMIN), 'drills.conf');

/** Two pods at once fit on a node of two processors. */
export const SMALL = ['--cpu', '700m', '--memory', '768Mi', '--parallelism', '2', ...imageHere()];

/** What setup.ts was told to leave as it is. */
function imageHere(): string[] {
  const { KUBERNETES_IMAGE: image = 'keep' } = process.env;
  return image === 'keep' ? [] : ['--image', image];
}

const used: string[] = [];

/** A namespace of its own, which is taken away at the end. */
export function namespace(...labels: string[]): string {
  const name = `faildrill-test-${randomUUID().slice(0, 8)}`;
  kubectl(['create', 'namespace', name]);
  if (labels.length > 0) kubectl(['label', 'namespace', name, ...labels]);
  used.push(name);
  return name;
}

afterAll(() => {
  for (const name of used) kubectl(['delete', 'namespace', name, '--wait=false']);
});

export const start = (
  cwd: string,
  argv: readonly string[],
  options: Options & { kubeconfig?: string } = {},
) => {
  const { kubeconfig = DRILLS, ...rest } = options;
  return execa(process.execPath, [compiled('cli/main'), 'kubernetes', ...argv], {
    ...{ cwd, reject: false, stdin: 'ignore', encoding: 'utf8' },
    ...rest,
    env: { KUBECONFIG: kubeconfig, NO_COLOR: '1', ...rest.env },
  } as const);
};

/** Lets the other user do what the printed Role says, and no more. */
export async function permit(where: string): Promise<void> {
  const { stdout } = await start('.', ['role']);
  kubectl(['apply', '-n', where, '-f', '-'], stdout as string);
  kubectl(['create', 'rolebinding', 'faildrill', '--role=faildrill', '--user=drills', '-n', where]);
}

/** What of a run is in a namespace. */
export const left = (where: string): string =>
  kubectl(['get', 'jobs,pods,configmaps,cronjobs', '-n', where, '-l', 'faildrill/run', '-o', 'name']);

export const isClean = (where: string) =>
  expect.poll(() => left(where), { timeout: 90_000, interval: 1000 }).toBe('');

/** A folder with drills of a small lab; those whose names end in "-long" miss their target. */
export function pack(...names: string[]): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pair.clab.yml'), PAIR);
  mkdirSync(join(folder, 'drills'));
  for (const name of names) {
    const scenario = SCENARIO.replace('name: pair-cut', `name: ${name}`)
      .replace('lab: ', 'lab: ../')
      .replace('hold: 300ms', `hold: ${name.endsWith('-long') ? '1500ms' : '300ms'}`);
    writeFileSync(join(folder, `drills/${name}.drill.yml`), scenario);
  }
  return folder;
}

/** The run that a folder is of. */
export const uidOf = (out: string): string =>
  (JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as { uid: string }).uid;

export interface Merged {
  verdict: string;
  exitCode: number;
  drills: { name: string; file: string; verdict: string; missing: boolean; reason: string }[];
}
export const mergedIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'merged/merged.json'), 'utf8')) as Merged;
export const verdicts = ({ drills }: Merged) =>
  drills.map(({ name, verdict, missing }) => `${name} ${verdict} ${missing}`).sort();

/** Waits until a command has said something on standard error, and lets it go on. */
export function said(child: ReturnType<typeof start>, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (data: Buffer) => {
      text += data;
      if (pattern.test(text)) resolve();
    });
    void child.then(() => reject(new Error(`it never said ${pattern}: ${text}`)));
  });
}
