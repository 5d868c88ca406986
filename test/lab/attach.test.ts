import { existsSync } from 'node:fs';
import { test } from 'vitest';
import { describeAttached } from './attached.js';

const ENGINES = { docker: '/usr/sbin/dockerd', podman: '/usr/bin/podman' } as const;

for (const engine of ['docker', 'podman'] as const) {
  if (existsSync(ENGINES[engine])) {
    describeAttached(engine);
    continue;
  }
  console.log(`labs of ${engine} are not visited here: there is no ${ENGINES[engine]}`);
  test.skip(`${engine}: there is no ${ENGINES[engine]}`, () => {});
}
