import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '0.7.0';

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `faildrill/kwok-${VERSION}`);

const MODULE = join(CACHE, 'module');

const COPY = join(CACHE, 'kwok');

const SOURCE = fileURLToPath(new URL('../../../bench/control/kubelet.go', import.meta.url));

const GO_MOD = `module nodes

go 1.24.0

require sigs.k8s.io/kwok v${VERSION}

replace sigs.k8s.io/kwok => ../kwok
`;

/** Paths of programs. */
export interface Programs {
  kwok: string;
  /** `kubelet.go`. */
  kubelet: string;
}

/**
 * What is changed in kwok. Its watches begin anew at whatever the API server has cached, which that takes for a wish to have all objects as a stream, and refuses where its etcd is as
 * old as Debian 12's (3.4.23): then kwok sees its pods every 30 s only. They begin where its lists ended instead.
 */
const CHANGED = {
  file: 'pkg/utils/informer/event.go',
  from: 'opts.ResourceVersion = "0"',
  to: 'if opts.ResourceVersion == "" {\n\t\t\topts.ResourceVersion = "0"\n\t\t}',
} as const;

/** Builds kwok from its published module, which takes some minutes once, and what answers in place of its pods, with the same libraries. */
export async function buildPrograms(): Promise<Programs> {
  const programs = { kwok: join(CACHE, 'bin/kwok'), kubelet: join(CACHE, 'bin/kubelet') };
  const source = join(MODULE, 'kubelet');
  mkdirSync(source, { recursive: true });
  copyFileSync(SOURCE, join(source, 'main.go'));
  if (!existsSync(programs.kwok)) {
    console.error(`building kwok ${VERSION}, which takes 2 to 10 minutes once (${CACHE})`);
    writeFileSync(join(MODULE, 'go.mod'), GO_MOD);
    await copyChanged();
    await go('build', ...FLAGS, '-o', programs.kwok, 'sigs.k8s.io/kwok/cmd/kwok');
  }
  await go('build', ...FLAGS, '-o', programs.kubelet, './kubelet');
  return programs;
}

/** Copies the module of kwok, which is read-only, and changes it. */
async function copyChanged(): Promise<void> {
  const { Dir } = JSON.parse(await go('mod', 'download', '-json', `sigs.k8s.io/kwok@v${VERSION}`)) as {
    Dir: string;
  };
  await promisify(execFile)('cp', ['--recursive', '--no-preserve=mode', '--no-target-directory', Dir, COPY]);
  const file = join(COPY, CHANGED.file);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(CHANGED.from)) throw new Error(`${file} is not as expected`);
  writeFileSync(file, text.replace(CHANGED.from, CHANGED.to));
}

const FLAGS = ['-mod=mod', '-trimpath', '-ldflags', '-s -w'];

/** Runs go in the module; what this requires beyond kwok are versions that kwok requires. */
async function go(...argv: string[]): Promise<string> {
  const env = { ...process.env, CGO_ENABLED: '0' };
  return (await promisify(execFile)('nice', ['-n', '19', 'go', ...argv], { cwd: MODULE, env })).stdout;
}
