import type * as z from 'zod';
import type { Document } from '../document/document.js';
import { unknownName } from '../document/nearest.js';
import type { Problem } from '../document/problem.js';
import { faultKind, faultName } from '../faults/registry.js';
import { probeKind } from '../probes/registry.js';
import { endName, findLink, type Topology } from '../topology/topology.js';
import { watchKind } from '../watches/registry.js';
import { isPolled } from '../watches/watch.js';
import { checkTarget } from './check-target.js';
import type { Condition } from './condition.js';
import { operatorSteps } from './operators.js';
import { noPath, pathProbe } from './path-probe.js';
import { type Scenario, type Step, WAITS } from './schema.js';

type Path = readonly PropertyKey[];
type Report = (path: Path, message: string) => void;

/** Everything in a scenario that does not fit itself or its topology. */
export function checkScenario(document: Document, scenario: Scenario, topology: Topology): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, message) => void problems.push(document.problem(path, message));
  checkNames(scenario, report);
  for (const [name, probe] of Object.entries(scenario.probes)) {
    const path = ['probes', name];
    checkReferences(probeKind(probe).parameters, probe, path, topology, report);
    if (probe.from === probe.to) report([...path, 'to'], 'a probe needs two different nodes');
    const wrong = probeKind(probe).check?.(probe as never);
    if (wrong) report([...path, wrong.key], wrong.message);
  }
  for (const [name, watch] of Object.entries(scenario.watches)) {
    const path = ['watches', name];
    checkReferences(watchKind(watch).parameters, watch, path, topology, report);
    const wrong = watchKind(watch).check?.(watch as never);
    if (wrong) report([...path, wrong.key], wrong.message);
  }
  checkSteps(scenario, topology, report);
  for (const key of ['steady-state', 'abort-if'] as const) {
    scenario[key].forEach(
      (condition, index) => void checkCondition(scenario, topology, condition, [key, index], report),
    );
  }
  scenario.targets.forEach((target, index) => {
    const wrong = checkTarget(scenario, target, topology);
    if (wrong !== undefined) report(['targets', index], wrong);
  });
  scenario.timers.forEach(({ implies }, index) => {
    implies.forEach(({ atLeast, atMost }, number) => {
      const wrong = [atLeast, atMost].flatMap(
        (limit) => (limit && checkTarget(scenario, limit, topology)) ?? [],
      );
      if (wrong[0] !== undefined) report(['timers', index, 'implies', number], wrong[0]);
    });
  });
  return problems;
}

const isWait = (name: string) => (WAITS as readonly string[]).includes(name);

function checkNames({ probes, watches }: Scenario, report: Report) {
  if (Object.keys(probes).length === 0) report(['probes'], 'a drill needs at least one probe');
  for (const name of Object.keys(watches)) {
    if (Object.hasOwn(probes, name)) report(['watches', name], `"${name}" is the name of a probe already`);
    if (isWait(name)) report(['watches', name], `"${name}" is something else to wait for already`);
  }
}

/** Checks what a kind's schema says is a node or a link. */
function checkReferences(
  parameters: z.ZodRawShape,
  values: object,
  path: Path,
  topology: Topology,
  report: Report,
) {
  for (const [key, schema] of Object.entries(parameters)) {
    const value = (values as Record<string, unknown>)[key];
    const what = referenceOf(schema as z.ZodType);
    if (what === undefined || typeof value !== 'string') continue;
    if (what === 'node' && !topology.nodes.has(value))
      report([...path, key], unknownName('node', value, topology.nodes.keys()));
    if (what === 'link' && !findLink(topology.links, value))
      report([...path, key], unknownLink(value, topology));
  }
}

function referenceOf(schema: z.ZodType): unknown {
  const own = schema.meta()?.reference;
  if (own !== undefined) return own;
  const { innerType } = (schema as unknown as { def: { innerType?: z.ZodType } }).def;
  return innerType && referenceOf(innerType);
}

function unknownLink(name: string, { links }: Topology): string {
  const either = links.flatMap(({ ends: [a, b] }) => [
    `${endName(a)} <-> ${endName(b)}`,
    `${endName(b)} <-> ${endName(a)}`,
  ]);
  return unknownName('link', name, either);
}

function checkSteps(scenario: Scenario, topology: Topology, report: Report) {
  const active = new Set<string>();
  const powerless = new Set<string>();
  const impaired: { link: string; path: Path }[] = [];
  /** Links that are cut, and by which fault. */
  const cut = new Map<string, string>();
  const check = (step: Step, path: Path) => {
    if ('inject' in step) {
      const kind = faultKind(step);
      const name = faultName(step);
      checkReferences(kind.parameters, step, path, topology, report);
      const dark = kind.powersOff?.(step as never);
      if (dark !== undefined) {
        powerless.add(dark);
        checkPower(scenario, dark, [...path, 'node'], report);
      }
      const links = new Set(kind.impairs?.(step as never, topology).map(({ link }) => link));
      for (const link of links) {
        impaired.push({ link, path });
        if (cut.has(link))
          report(
            [...path, 'link'],
            `"${cut.get(link)}" has cut this link, so there is nothing to impair on it`,
          );
      }
      const broken = kind.cuts?.(step as never, topology);
      if (broken !== undefined) cut.set(broken, name);
      const wrong = kind.check?.(step as never, topology);
      if (wrong) report([...path, wrong.key], wrong.message);
      if (active.has(name))
        report(path, `the fault "${name}" is in effect already; clear it first, or name this one with "as:"`);
      active.add(name);
    } else if ('clear' in step) {
      if (!active.delete(step.clear))
        report([...path, 'clear'], unknownName('fault in effect', step.clear, active));
      for (const [link, name] of cut) if (name === step.clear) cut.delete(link);
    } else if ('parallel' in step) {
      step.parallel.forEach((inner, index) => void check(inner, [...path, 'parallel', index]));
    } else if ('chaos' in step) {
      step.chaos.faults.forEach((fault, index) => {
        const before = { active: [...active], cut: [...cut] };
        check(fault, [...path, 'chaos', 'faults', index]);
        // One at a time: what one does is undone before another is drawn.
        active.clear();
        cut.clear();
        for (const name of before.active) active.add(name);
        for (const [link, name] of before.cut) cut.set(link, name);
      });
    } else if ('check' in step) {
      step.check.forEach(
        (condition, index) =>
          void checkCondition(scenario, topology, condition, [...path, 'check', index], report),
      );
    } else if ('wait' in step && typeof step.wait === 'object') {
      checkWait(scenario, step.wait, [...path, 'wait'], report);
    }
  };
  scenario.steps.forEach((step, index) => void check(step, ['steps', index]));
  for (const { as: name } of operatorSteps(scenario.steps)) {
    const same = scenario.steps.flatMap((step, index) =>
      'operator' in step && step.as === name ? [index] : [],
    );
    if (same.length > 1)
      report(['steps', same.at(-1)!, 'as'], `"${name}" is the name of another operator step`);
  }
  for (const { link, path } of impaired) {
    // What impairs a link is attached once, and goes with the power of a node at its end.
    const node = findLink(topology.links, link)?.link.ends.find((end) => powerless.has(end.node))?.node;
    if (node !== undefined)
      report(
        [...path, 'link'],
        `a step cuts the power of "${node}" at the end of this link; node-pause can stop the node`,
      );
  }
}

/** What measures lives in a node's network, which is gone with its power and another one afterwards. */
function checkPower({ probes, watches }: Scenario, node: string, path: Path, report: Report) {
  for (const [name, { from, to }] of Object.entries(probes)) {
    if (from === node || to === node)
      report(
        path,
        `"${node}" is an end of the probe "${name}", so its power cannot be cut; node-pause can stop it`,
      );
  }
  for (const [name, watch] of Object.entries(watches)) {
    if (watch.node === node && !isPolled(watchKind(watch)))
      report(
        path,
        `"${node}" holds the watch "${name}", so its power cannot be cut; watch a neighbour of it`,
      );
  }
}

function checkWait(
  scenario: Scenario,
  wait: { for: string; of?: string | undefined },
  path: Path,
  report: Report,
) {
  if (wait.for === 'notice') {
    if (wait.of !== undefined) report([...path, 'of'], 'people notice what they notice; leave "of" out');
    return;
  }
  if (wait.of !== undefined) checkProbe(scenario, wait.of, [...path, 'of'], report);
  if (wait.for === 'recovery') return;
  if (wait.for === 'reversion') {
    if (pathProbe(scenario, wait.of) === undefined) report(path, noPath(wait.of ?? 'any probe'));
    return;
  }
  if (!Object.hasOwn(scenario.watches, wait.for)) {
    report(
      [...path, 'for'],
      unknownName('thing to wait for', wait.for, [...WAITS, ...Object.keys(scenario.watches)]),
    );
  }
}

function checkProbe({ probes }: Scenario, name: string, path: Path, report: Report): boolean {
  if (Object.hasOwn(probes, name)) return true;
  report(path, unknownName('probe', name, Object.keys(probes)));
  return false;
}

function checkCondition(
  scenario: Scenario,
  topology: Topology,
  condition: Condition,
  path: Path,
  report: Report,
) {
  if (condition.kind === 'watch') {
    if (!Object.hasOwn(scenario.watches, condition.watch)) {
      report(path, unknownName('watch', condition.watch, Object.keys(scenario.watches)));
    }
    return;
  }
  if (!checkProbe(scenario, condition.probe, path, report)) return;
  const { families } = probeKind(scenario.probes[condition.probe]!);
  if (condition.kind === 'connected') {
    if (!families.includes('sessions') && !families.includes('tcp-senders'))
      report(path, `probe "${condition.probe}" has no sessions that could be connected`);
  } else if (condition.kind === 'loss' || condition.kind === 'loss-above') {
    if (!families.includes('packets') && !families.includes('sessions'))
      report(path, `probe "${condition.probe}" counts nothing that could be lost; its goodput is a target's`);
  } else if (condition.kind === 'path') {
    if (pathProbe(scenario, condition.probe) === undefined) report(path, noPath(condition.probe));
    if (!topology.nodes.has(condition.over) && !findLink(topology.links, condition.over)) {
      report(
        path,
        unknownName('node or link', condition.over, [
          ...topology.nodes.keys(),
          ...topology.links.map(({ name }) => name),
        ]),
      );
    }
  }
}
