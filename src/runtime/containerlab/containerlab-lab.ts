import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { split } from 'shlex';
import { CleanUp } from '../../cleanup.js';
import type { FailedExec } from '../../containerlab/answers.js';
import { Containerlab } from '../../containerlab/client.js';
import { ContainerlabError } from '../../containerlab/errors.js';
import type { Bracket, Clock } from '../../linux/clock.js';
import type { Topology } from '../../topology/topology.js';
import { CannotRun, LabLost } from '../errors.js';
import type { Lab, LabOrder, Link } from '../runtime.js';
import { ConsoleFile } from './console.js';
import { whyDown } from './container-end.js';
import { ContainerNode, type Lines } from './container-node.js';
import { deriveTopology } from './derive.js';
import { openDocker } from './docker.js';
import { SplicedLinks } from './spliced-links.js';

/** Labels that containerlab gives its containers. */
export const LABELS = { lab: 'containerlab', node: 'clab-node-name', topology: 'clab-topo-file' } as const;

/** Images that are not to be had from any registry. */
const OWN_IMAGE = /^faildrill\//;

/** A lab of containers that containerlab made. */
export class ContainerlabLab implements Lab {
  readonly name: string;
  readonly runtime = 'containerlab';
  readonly outlivesDrill: boolean;
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, ContainerNode>;
  readonly links: ReadonlyMap<string, Link>;
  readonly deployed: Bracket;
  readonly lost: Promise<Error>;
  readonly #cleanUp: CleanUp;
  onNodeExit: Lab['onNodeExit'] = () => {};
  #ending = false;

  constructor(options: {
    topology: Topology;
    outlivesDrill: boolean;
    nodes: ReadonlyMap<string, ContainerNode>;
    links: ReadonlyMap<string, Link>;
    deployed: Bracket;
    events: NodeJS.ReadableStream;
    cleanUp: CleanUp;
  }) {
    this.name = options.topology.name;
    this.topology = options.topology;
    this.outlivesDrill = options.outlivesDrill;
    this.nodes = options.nodes;
    this.links = options.links;
    this.deployed = options.deployed;
    this.#cleanUp = options.cleanUp;
    this.lost = new Promise((resolve) => {
      const end = () => {
        if (!this.#ending)
          resolve(new LabLost(`the lab "${this.name}" is lost: Docker no longer says what happens`));
      };
      options.events.on('end', end).on('error', end).on('close', end);
    });
    hear(options.events, (node, code) => {
      if (this.#ending || !this.nodes.get(node)?.ended()) return;
      this.onNodeExit(node, code);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    await this.#cleanUp[Symbol.asyncDispose]();
  }
}

/** Hands over each end of a container, by its node's name, with its exit code. */
function hear(events: NodeJS.ReadableStream, tell: (node: string, code: number | null) => void) {
  let rest = '';
  events.setEncoding?.('utf8');
  events.on('data', (text: string | Buffer) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.trim() !== '')) {
      const { Actor } = JSON.parse(line) as { Actor?: { Attributes?: Record<string, string> } };
      const { [LABELS.node]: node = '', exitCode } = Actor?.Attributes ?? {};
      tell(node, exitCode === undefined ? null : Number(exitCode));
    }
  });
}

/** What Docker says of the ends of a lab's containers, from now on. Podman's word for them is another. */
async function endsOf(docker: Docker, lab: string, cleanUp: CleanUp): Promise<NodeJS.ReadableStream> {
  const events = await docker.getEvents({
    filters: { type: ['container'], event: ['die', 'died'], label: [`${LABELS.lab}=${lab}`] },
  });
  cleanUp.defer(() => (events as unknown as { destroy: () => void }).destroy());
  return events;
}

/** The containers of a lab by their nodes' names, running or not. */
export async function containersOf(docker: Docker, lab: string): Promise<Map<string, Docker.ContainerInfo>> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${LABELS.lab}=${lab}`] } });
  return new Map(found.map((one) => [one.Labels[LABELS.node] ?? '', one]));
}

/** Makes the nodes of a lab out of its containers. @throws CannotRun where one is not there or does not run */
async function connectNodes(options: {
  docker: Docker;
  topology: Topology;
  clock: Clock;
  lines: Lines;
  nodes: Map<string, ContainerNode>;
  cleanUp: CleanUp;
}): Promise<void> {
  const { docker, topology, clock, lines, nodes, cleanUp } = options;
  const containers = await containersOf(docker, topology.name);
  const consoles = mkdtempSync(join(tmpdir(), 'faildrill-consoles-'));
  cleanUp.defer(() => rmSync(consoles, { recursive: true, force: true }));
  for (const { name, exec } of topology.nodes.values()) {
    const found = containers.get(name);
    if (!found) throw new CannotRun(`there is no container for node ${name} of the lab "${topology.name}"`);
    const node = new ContainerNode({
      name,
      container: docker.getContainer(found.Id),
      console: new ConsoleFile(join(consoles, `${name}.log`)),
      clock,
      lines,
      exec: exec.map((command) => split(command)),
    });
    cleanUp.defer(() => node.disconnect());
    nodes.set(name, node);
  }
  // All have to be over before anything is undone.
  const connected = await Promise.allSettled([...nodes.values()].map((node) => node.connect()));
  for (const one of connected) if (one.status === 'rejected') throw one.reason;
}

/** Makes a lab out of containers; what was begun for it is undone where that fails. */
export async function labOf<L extends Lines & Disposable & { links: ReadonlyMap<string, Link> }>(options: {
  docker: Docker;
  topology: Topology;
  clock: Clock;
  outlivesDrill: boolean;
  linksBetween: (nodes: ReadonlyMap<string, ContainerNode>) => L;
  /** Brings the containers up. */
  begin?: (links: L, cleanUp: CleanUp) => Promise<void>;
  /** Called once the nodes are known. */
  finish: (links: L) => void;
}): Promise<ContainerlabLab> {
  const { docker, topology, clock, outlivesDrill, linksBetween, begin, finish } = options;
  const cleanUp = new CleanUp();
  const nodes = new Map<string, ContainerNode>();
  try {
    const before = clock.now();
    const links = linksBetween(nodes);
    cleanUp.defer(() => links[Symbol.dispose]());
    await begin?.(links, cleanUp);
    await connectNodes({ docker, topology, clock, lines: links, nodes, cleanUp });
    finish(links);
    const deployed = { before, after: clock.now() };
    const events = await endsOf(docker, topology.name, cleanUp);
    const { links: named } = links;
    return new ContainerlabLab({ topology, outlivesDrill, nodes, links: named, deployed, events, cleanUp });
  } catch (error) {
    await cleanUp[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
}

/** Finds containerlab. @throws CannotRun where it cannot be used */
export const findContainerlab = (): Promise<Containerlab> => Containerlab.open().catch(refuse);

/** @throws CannotRun in containerlab's own words */
function refuse(error: unknown): never {
  if (!(error instanceof ContainerlabError)) throw error;
  const { message, hint, reason } = error;
  throw new CannotRun(reason === 'failed' ? `containerlab: ${message}` : message, {
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}

/** Has containerlab deploy a lab. @throws CannotRun where it cannot */
export async function deployLab({ topology, clock }: LabOrder): Promise<ContainerlabLab> {
  const docker = await openDocker();
  const containerlab = await findContainerlab();
  const existing = await containersOf(docker, topology.name);
  if (existing.size > 0)
    throw new CannotRun(`a lab named "${topology.name}" is up already`, {
      hint: `drill it as it is with --attach, or take it down with: containerlab destroy --name ${topology.name}`,
    });
  await checkImages(docker, topology);
  return labOf({
    ...{ docker, topology, clock, outlivesDrill: false },
    linksBetween: (nodes) => new SplicedLinks({ topology, clock, nodes }),
    begin: async (links, cleanUp) => {
      const file = writeDerived(topology, containerlab, cleanUp);
      const labFolder = mkdtempSync(join(tmpdir(), 'faildrill-lab-'));
      cleanUp.defer(() => rmSync(labFolder, { recursive: true, force: true }));
      cleanUp.defer(() => containerlab.destroy({ topology: file }, { cleanUp: true, labFolder }));
      links.watch();
      const { failedExecs } = await containerlab
        .deploy({ topology: file, labFolder })
        .catch((error) => refuseDeployment(error, docker, topology));
      await refuseFailed(docker, topology.name, failedExecs);
    },
    finish: (links) => links.finish(),
  });
}

/** @throws CannotRun where a command of the topology failed, or the node that it was to run in had ended */
async function refuseFailed(docker: Docker, lab: string, [failed]: readonly FailedExec[]): Promise<void> {
  if (!failed) return;
  const container = (await containersOf(docker, lab)).get(failed.node);
  const ended = container && docker.getContainer(container.Id);
  const down = ended && (await whyDown(ended, await ended.inspect(), failed.node));
  if (down !== undefined) throw new CannotRun(down);
  throw new CannotRun(`node ${failed.node}: "${failed.command}" failed (${failed.code ?? 'no exit code'})`, {
    hint: `containerlab logs this and goes on; a drill of a half-configured lab proves nothing: ${failed.line}`,
  });
}

/** Writes what containerlab is given beside the user's own file, whose relative paths are from there. */
function writeDerived(topology: Topology, containerlab: Containerlab, cleanUp: CleanUp): string {
  const name = basename(topology.file).replace(/\.clab\.ya?ml$/, '');
  const file = join(dirname(topology.file), `.${name}.faildrill-${process.pid}.clab.yml`);
  const { skipManagementNetwork } = containerlab.features;
  try {
    writeFileSync(file, deriveTopology(topology, { skipManagementNetwork }));
  } catch (error) {
    throw new CannotRun(`cannot write beside ${topology.file}: ${(error as NodeJS.ErrnoException).code}`, {
      hint: 'containerlab finds what a topology names by relative paths in that folder; make it writable, or copy it',
      cause: error,
    });
  }
  cleanUp.defer(() => rmSync(file, { force: true }));
  return file;
}

/** @throws CannotRun where an image of faildrill's own is missing: no registry has it */
async function checkImages(docker: Docker, topology: Topology): Promise<void> {
  const own = (await missingImages(docker, topology)).find((image) => OWN_IMAGE.test(image));
  if (own !== undefined)
    throw new CannotRun(`Docker has no image ${own}`, { hint: 'make it with: faildrill image build' });
}

async function missingImages(docker: Docker, topology: Topology): Promise<string[]> {
  const images = new Set([...topology.nodes.values()].flatMap(({ image }) => image ?? []));
  const missing: string[] = [];
  for (const image of images) {
    try {
      await docker.getImage(image).inspect();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
      missing.push(image);
    }
  }
  return missing;
}

/** @throws CannotRun in containerlab's own words, with the images that it could not get where that may be why */
async function refuseDeployment(error: unknown, docker: Docker, topology: Topology): Promise<never> {
  const missing = error instanceof ContainerlabError ? await missingImages(docker, topology) : [];
  if (missing.length === 0) refuse(error);
  throw new CannotRun(`containerlab: ${(error as Error).message}`, {
    hint: `Docker has no image ${missing.join(', ')}: load it with docker load or docker import, or log in where it can be pulled from`,
    cause: error,
  });
}
