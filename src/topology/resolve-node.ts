import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { split } from 'shlex';
import type { Document } from '../document/document.js';
import type { Problem } from '../document/problem.js';
import { parseBind } from './binds.js';
import { joined, levelsOf, merged, strongest } from './inherit.js';
import { RESERVED } from './resolve-link.js';
import { containerOnly, type RawNode, type RawTopology } from './schema.js';
import { type Bind, type HealthCheck, STAGES, type Stage, type TopologyNode } from './topology.js';

const SECOND = 1e9;

/** Resolves one node of a topology; what is wrong with it goes to `problems`. */
export function resolveNode(
  document: Document,
  raw: RawTopology,
  name: string,
  problems: Problem[],
): TopologyNode {
  const { kind, levels } = levelsOf(raw, name);
  if (RESERVED.includes(name) && kind !== 'host') {
    const message = `"${name}" cannot be the name of a node: a link's end of that name is not in the lab`;
    problems.push(document.problem(['topology', 'nodes', name], message));
  }
  const at = (key: string) => ['topology', 'nodes', name, key];
  const folder = dirname(document.file);
  const magic = (text: string) =>
    text.replaceAll('__clabNodeName__', name).replaceAll('__clabLabName__', raw.name);
  const one = <K extends keyof RawNode>(key: K) => strongest(levels, key);

  const binds = new Map<string, Bind>();
  for (const text of joined(levels, 'binds')) {
    const bind = parseBind(magic(text), folder);
    if (typeof bind === 'string') problems.push(document.problem(at('binds'), `node "${name}": ${bind}`));
    else binds.set(bind.target, bind);
  }

  const env = merged(levels, 'env');
  const envFiles = joined(levels, 'env-files').map((file) => resolve(folder, file));
  for (const path of envFiles) {
    if (existsSync(path)) Object.assign(env, parseEnv(readFileSync(path, 'utf8')), merged(levels, 'env'));
    else problems.push(document.problem(at('env-files'), `node "${name}": there is no file ${path}`));
  }
  const exec = joined(levels, 'exec').map(magic);
  const stages = stagesOf(levels);
  const commands: [string, (string | undefined)[]][] = [
    ['entrypoint', [one('entrypoint')]],
    ['cmd', [one('cmd')]],
    ['exec', exec],
    ['stages', STAGES.flatMap((stage) => stages[stage].exec.map(({ command }) => command))],
  ];
  for (const [key, lines] of commands)
    for (const line of lines.filter(isEndless))
      problems.push(document.problem(at(key), `node "${name}": a quote has no end in the command ${line}`));

  const labels = merged(levels, 'labels');
  const dns = one('dns');
  const check = one('healthcheck');

  return {
    name,
    kind,
    hostname: one('hostname') ?? name,
    ...optional('image', one('image')),
    ...optional('entrypoint', one('entrypoint')),
    ...optional('cmd', one('cmd')),
    ...optional('user', one('user')),
    ...optional('networkMode', one('network-mode')),
    ...(check && { healthCheck: healthCheck(check) }),
    env,
    envFiles,
    binds: [...binds.values()].sort((a, b) => (a.target < b.target ? -1 : 1)),
    exec,
    sysctls: merged(levels, 'sysctls'),
    labels,
    startupDelay: (one('startup-delay') ?? 0) * SECOND,
    stages,
    dns: { servers: dns?.servers ?? [], search: dns?.search ?? [], options: dns?.options ?? [] },
    containerOnly: Object.keys(containerOnly).filter((key) => one(key as keyof RawNode) !== undefined),
  };
}

/** Whether a command line ends inside a quote, or with a backslash. */
function isEndless(line: string | undefined): boolean {
  try {
    return split(line ?? '') === undefined;
  } catch {
    return true;
  }
}

const optional = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

const healthCheck = (raw: NonNullable<RawNode['healthcheck']>): HealthCheck => ({
  test: raw.test,
  interval: raw.interval * SECOND,
  timeout: raw.timeout * SECOND,
  retries: raw.retries,
  startPeriod: raw['start-period'] * SECOND,
});

/** Stages of all levels together: what they wait for and run adds up, weakest first. */
function stagesOf(levels: readonly RawNode[]): TopologyNode['stages'] {
  const stages = {} as TopologyNode['stages'];
  for (const stage of STAGES) {
    const parts = levels.map((level) => level.stages?.[stage]);
    stages[stage] = {
      waitFor: parts.flatMap((part) => part?.['wait-for'] ?? []),
      exec: parts.flatMap((part) => part?.exec ?? []),
    } satisfies Stage;
  }
  return stages;
}
