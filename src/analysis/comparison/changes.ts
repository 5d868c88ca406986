import { structuredPatch } from 'diff';
import type { DrillResult } from '../result.js';
import type { Change } from './result.js';

/** What is different between two drills besides what they measured. */
export function changesBetween(baseline: DrillResult, change: DrillResult): Change[] {
  const [before, after] = [factsOf(baseline), factsOf(change)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what): Change[] => {
    const [one, other] = [before.get(what), after.get(what)];
    if (one === other) return [];
    return [
      { what, ...(one !== undefined && { baseline: one }), ...(other !== undefined && { change: other }) },
    ];
  });
}

/** Everything that a figure may depend on, by name. */
function factsOf(result: DrillResult): Map<string, string> {
  const { files, seed, scenario, lab, method, environment } = result;
  const facts = new Map<string, string>();
  // The scenario is shown line by line.
  for (const { path, sha256 } of files.slice(1)) facts.set(`file ${path}`, sha256.slice(0, 12));
  for (const [name, value] of Object.entries(scenario.variables)) facts.set(`variable ${name}`, value);
  facts.set('seed', String(seed));
  facts.set('runtime', lab.runtime);
  for (const { name, image } of lab.nodes) facts.set(`node ${name}`, image);
  for (const { name } of lab.links) facts.set(`link ${name}`, 'there');
  facts.set('engine of the impairments', method.netem?.engine ?? 'none');
  facts.set('scheduling of the probes', method.scheduling);
  if (!environment) return facts;
  const { faildrill, node, kernel, distribution, cpu, cpus, memoryBytes, virtualization } = environment;
  facts.set('faildrill', faildrill);
  facts.set('Node.js', node);
  facts.set('kernel', kernel);
  facts.set('system', distribution);
  facts.set('processor', `${cpus} × ${cpu}`);
  facts.set('memory', `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`);
  facts.set('virtualization', virtualization);
  facts.set('calibration', environment.calibration?.at ?? 'none');
  for (const [name, version] of Object.entries(environment.programs)) facts.set(`program ${name}`, version);
  return facts;
}

/** The lines of a scenario that are not the same, with a line around them. */
export const scenarioDiff = (baseline: DrillResult, change: DrillResult): string[] =>
  structuredPatch('baseline', 'change', baseline.scenario.text, change.scenario.text, '', '', {
    context: 1,
  }).hunks.flatMap(({ lines }) => lines);
