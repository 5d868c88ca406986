import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageFile } from '../../src/paths.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { decided, faildrill } from './drill.js';

interface Listed {
  labs: { lab: string; failures: { kind: string; name: string }[] }[];
}

const topologies = readdirSync(packageFile('labs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.clab.yml'))
  .map((name) => packageFile(join('labs', name)));

test.each(topologies)('%s runs the daemons that the coverage lists', async (file) => {
  const { stdout } = await faildrill('/', 'coverage', file, '--format', 'json');
  const [lab] = (JSON.parse(stdout) as Listed).labs;
  const daemons = lab!.failures.filter(({ kind }) => kind === 'daemon').map(({ name }) => name.split(' on '));
  if (daemons.length === 0) return;
  onTestFinished(async () => {
    await faildrill('/', 'lab', 'down', lab!.lab);
  });
  expect(await faildrill('/', 'lab', 'up', file)).toMatchObject({ exitCode: 0 });
  const lacking: string[] = [];
  for (const [name = '', node = ''] of daemons) {
    // Some start a moment after the lab is up.
    const look = `for i in $(seq 100); do pgrep -x ${name} > /dev/null && exit; sleep 0.1; done; exit 1`;
    const { exitCode } = await faildrill('/', 'lab', 'exec', lab!.lab, node, 'sh', '-c', look);
    if (exitCode !== 0) lacking.push(`${name} on ${node}`);
  }
  expect(lacking).toEqual([]);
});

test('a scenario that was made for what is missing can be drilled as it is', async () => {
  const folder = temporaryFolder();
  const lab = packageFile('labs/three-router-frr/three-router-frr.clab.yml');
  await faildrill(folder, 'coverage', lab, '--generate', 'more');
  const { result } = await decided(folder, 'more/three-router-frr-ospfd-on-r3.drill.yml');
  expect(result.targets.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
});
