import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '0.7.0';

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `faildrill/kwok-${VERSION}`);

const SOURCE = fileURLToPath(new URL('../../../bench/control/kubelet.go', import.meta.url));

const MODULE = `module nodes

go 1.24.0

require sigs.k8s.io/kwok v${VERSION}
`;

/** Paths of programs. */
export interface Programs {
  kwok: string;
  /** `kubelet.go`. */
  kubelet: string;
}

/** Builds kwok from its published module, which takes some minutes once, and what answers in place of its pods, with the same libraries. */
export async function buildPrograms(): Promise<Programs> {
  const programs = { kwok: join(CACHE, 'bin/kwok'), kubelet: join(CACHE, 'bin/kubelet') };
  const source = join(CACHE, 'module/kubelet');
  mkdirSync(source, { recursive: true });
  copyFileSync(SOURCE, join(source, 'main.go'));
  if (!existsSync(programs.kwok)) {
    console.error(`building kwok ${VERSION}, which takes 2 to 10 minutes once (${CACHE})`);
    writeFileSync(join(CACHE, 'module/go.mod'), MODULE);
    await go(['build', '-o', programs.kwok, 'sigs.k8s.io/kwok/cmd/kwok']);
  }
  await go(['build', '-o', programs.kubelet, './kubelet']);
  return programs;
}

/** Builds something in the module; what it requires beyond kwok are versions that kwok requires. */
async function go([verb, ...argv]: [string, ...string[]]): Promise<void> {
  const all = ['-n', '19', 'go', verb, '-mod=mod', '-trimpath', '-ldflags', '-s -w', ...argv];
  const env = { ...process.env, CGO_ENABLED: '0' };
  await promisify(execFile)('nice', all, { cwd: join(CACHE, 'module'), env });
}
