import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Containerlab } from '../../src/containerlab/client.js';
import { unshare } from '../../src/linux/namespaces.js';
import { packageFile } from '../../src/paths.js';
import { buildImage } from '../../src/runtime/containerlab/build-image.js';
import { findContainerlab } from '../../src/runtime/containerlab/containerlab-lab.js';
import { openDocker } from '../../src/runtime/containerlab/docker.js';
import { containerlabRuntime } from '../../src/runtime/containerlab/index.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { describeContract } from './contract.js';
import { Dockerd } from './dockerd.js';
import { faildrill } from './drill.js';
import { deploy, writeTopology } from './labs.js';

const IMAGE = 'faildrill/host';

/** Without a management network, whose bridge would be in the network namespace of Docker. */
const LAB = PAIR.replace(IMAGE, `${IMAGE}, network-mode: none`);

/** Why nothing of this can be tested here, or nothing. */
const lacking = await findContainerlab().then(
  () => (existsSync('/usr/sbin/dockerd') ? undefined : 'dockerd is not on this machine'),
  (error: Error) => error.message,
);

if (lacking !== undefined) {
  console.log(`the containerlab runtime is not tested here: ${lacking}`);
  test.skip(`the containerlab runtime: ${lacking}`, () => {});
} else {
  let dockerd: Dockerd | undefined;
  const previous = process.env.DOCKER_HOST;

  beforeAll(async () => {
    if (!(await hasImage())) {
      dockerd = await Dockerd.start();
      process.env.DOCKER_HOST = dockerd.host;
      await buildImage({ folder: packageFile('labs/images/host'), say: () => {} });
    }
    // The machine's own end of links is nobody else's business.
    unshare(['net']);
  }, 400_000);

  afterAll(async () => {
    await dockerd?.[Symbol.asyncDispose]();
    if (previous === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = previous;
  }, 60_000);

  describeContract(containerlabRuntime, { keepsRun: true });

  describe('what cannot be deployed is said clearly, and nothing is left', () => {
    const refusal = (topology: string) => {
      const folder = temporaryFolder();
      return deploy({ folder, topology, runtime: containerlabRuntime }).then(
        async (lab) => {
          await lab[Symbol.asyncDispose]();
          throw new Error('it was deployed');
        },
        (error: Error & { hint?: string }) => ({
          name: error.name,
          message: error.message,
          hint: error.hint,
          left: readdirSync(folder),
        }),
      );
    };

    test('an image of its own that was not built', async () => {
      expect(await refusal(LAB.replace(IMAGE, 'faildrill/nothing'))).toEqual({
        name: 'CannotRun',
        message: 'Docker has no image faildrill/nothing',
        hint: 'make it with: faildrill image build',
        left: ['lab.clab.yml'],
      });
    });

    test('an image that no registry has', async () => {
      const { name, message, hint, left } = await refusal(
        LAB.replace(IMAGE, 'registry.invalid/vendor/router:1'),
      );
      expect({ name, left }).toEqual({ name: 'CannotRun', left: ['lab.clab.yml'] });
      expect(message).toMatch(/^containerlab: /);
      expect(hint).toMatch(/^Docker has no image registry\.invalid\/vendor\/router:1: load it/);
    });

    test('a topology that containerlab refuses, in its own words', async () => {
      const { name, message, left } = await refusal(
        LAB.replace('a: ,', 'a: { kind: no_such_vendor, image: x },'),
      );
      expect({ name, left }).toEqual({ name: 'CannotRun', left: ['lab.clab.yml'] });
      expect(message).toMatch(/^containerlab: .*no_such_vendor/s);
    });

    test('a command of the topology that fails, which containerlab only logs', async () => {
      const { name, message, left } = await refusal(LAB.replace('a: ,', 'a: { exec: ["cat /nothing"] },'));
      expect({ name, message, left }).toEqual({
        name: 'CannotRun',
        message: 'node a: "cat /nothing" failed (1)',
        left: ['lab.clab.yml'],
      });
      await expect(Containerlab.open().then((found) => found.inspect({ name: 'pair' }))).resolves.toEqual([]);
    });

    test('a node that ends at once', async () => {
      const ending = LAB.replace('a: ,', `a: { entrypoint: "sh -c 'exit 3'", exec: [id] },`);
      const { name, message, left } = await refusal(ending);
      expect({ name, left }).toEqual({ name: 'CannotRun', left: ['lab.clab.yml'] });
      // Whether containerlab or Docker is the first to notice.
      expect(message).toMatch(/node "a" deploy|container of node a does not run/);
    });

    test('a lab of that name that is up, which goes on', async () => {
      const folder = temporaryFolder();
      await using lab = await deploy({ folder, topology: LAB, runtime: containerlabRuntime });
      expect(await refusal(LAB)).toEqual({
        name: 'CannotRun',
        message: 'a lab named "pair" is up already',
        hint: 'drill it as it is with --attach, or take it down with: containerlab destroy --name pair',
        left: ['lab.clab.yml'],
      });
      expect((await lab.nodes.get('a')!.run({ argv: ['true'] })).code).toBe(0);
    });

    test('no containerlab on the path', async () => {
      const file = writeTopology(temporaryFolder(), LAB);
      const path = process.env.PATH;
      process.env.PATH = '/nowhere';
      try {
        await expect(refusal(LAB)).resolves.toMatchObject({
          name: 'CannotRun',
          message: expect.stringMatching(/containerlab is not/),
        });
      } finally {
        process.env.PATH = path;
      }
      expect(existsSync(file)).toBe(true);
    });
  });

  test('a container that dies during a drill: no verdict, and nothing left', async () => {
    const home = temporaryFolder();
    const dying = LAB.replace('b: }', `b: { entrypoint: "sh -c 'sleep 15; exit 7'", cmd: "" } }`);
    const file = writeScenario(home, SCENARIO.replace('hold: 300ms', 'hold: 40s'), dying);
    const { exitCode, stdout } = await faildrill(home, 'run', '--runtime', 'containerlab', file);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 2,
      stdout: expect.stringContaining('node b went down by itself: its first process ended (7)'),
    });
    const found = await Containerlab.open();
    expect(await found.inspect({ name: 'pair' })).toEqual([]);
    expect(readdirSync(home).filter((name) => name.startsWith('.'))).toEqual([]);
  });
}

/** Whether a Docker daemon answers that has the image already. */
const hasImage = async (): Promise<boolean> =>
  openDocker()
    .then((docker) => docker.getImage(IMAGE).inspect())
    .then(
      () => true,
      () => false,
    );
