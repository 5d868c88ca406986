import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { metricNamed, metrics } from '../analysis/metrics/registry.js';
import { type Document, type Path, readDocument } from '../document/document.js';
import { unknownName } from '../document/nearest.js';
import { InvalidInput, type Problem } from '../document/problem.js';
import { type LoadedScenario, loadScenario } from '../scenario/load.js';
import {
  type Findings,
  findingsSchema,
  type Programme,
  type ProgrammeDrill,
  programmeSchema,
} from './schema.js';
import { measures } from './service-target.js';

/** A drill of a programme, with its scenario. */
export interface LoadedDrill extends ProgrammeDrill {
  loaded: LoadedScenario;
}

/** A programme whose scenarios and findings fit it. */
export interface LoadedProgramme {
  /** Absolute path. */
  file: string;
  programme: Programme;
  drills: LoadedDrill[];
  /** Absolute path of the store of drills. */
  history: string;
  findings: Findings;
}

/** Tells of something wrong at a place. */
type Report = (path: Path, message: string, options?: { atKey?: boolean }) => void;

/**
 * Reads a programme, its scenarios and its findings, and checks them against each other.
 * @throws InvalidInput with everything that is wrong, by line and column
 */
export function loadProgramme(file: string): LoadedProgramme {
  const document = readDocument(resolve(file));
  const programme = document.check(programmeSchema);
  const folder = dirname(document.file);
  const problems: Problem[] = [];
  const drills = loadDrills(document, programme, problems);
  const report = reporter(document, problems);
  checkPeople(programme, report);
  checkServices(programme, report);
  for (const [index, drill] of drills.entries()) if (drill) checkDrill(programme, drill, index, report);
  const loaded = drills.filter((drill) => drill !== undefined);
  const findings = loadFindings(join(folder, programme.findings), {
    document,
    programme,
    drills: loaded,
    problems,
  });
  if (problems.length > 0) throw new InvalidInput(problems);
  return {
    file: document.file,
    programme,
    drills: loaded,
    history: resolve(folder, programme.history),
    findings,
  };
}

const reporter =
  (document: Document, problems: Problem[]): Report =>
  (path, message, options) =>
    void problems.push(document.problem(path, message, options));

/** The scenarios that a programme names; what is wrong in one of them is told as the scenario's own. */
function loadDrills(
  document: Document,
  { drills }: Programme,
  problems: Problem[],
): (LoadedDrill | undefined)[] {
  const report = reporter(document, problems);
  const names = new Set<string>();
  return drills.map((drill, index) => {
    const path = ['drills', index, 'scenario'];
    const file = resolve(dirname(document.file), drill.scenario);
    if (!existsSync(file)) return report(path, `there is no ${file}`) as undefined;
    try {
      const loaded = loadScenario(file);
      const { name } = loaded.scenario;
      // The history knows drills by their scenarios' names.
      if (names.has(name)) report(path, `another drill's scenario is called "${name}" already`);
      names.add(name);
      return { ...drill, loaded };
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  });
}

function checkPeople({ participants, services, drills }: Programme, report: Report): void {
  const check = (name: string, path: Path) =>
    checkName('participant', name, Object.keys(participants), { path, report });
  for (const [name, { owner }] of Object.entries(services))
    if (owner !== undefined) check(owner, ['services', name, 'owner']);
  for (const [index, { owner, participants: others }] of drills.entries()) {
    check(owner, ['drills', index, 'owner']);
    for (const [place, name] of others.entries()) check(name, ['drills', index, 'participants', place]);
  }
}

function checkName(
  what: string,
  name: string,
  known: readonly string[],
  { path, report, atKey = false }: { path: Path; report: Report; atKey?: boolean },
): boolean {
  if (known.includes(name)) return true;
  report(path, unknownName(what, name, known), { atKey });
  return false;
}

function checkServices({ services }: Programme, report: Report): void {
  for (const [name, { targets }] of Object.entries(services))
    for (const [index, { metric: named, unit }] of targets.entries()) {
      const path = ['services', name, 'targets', index];
      const metric = metricNamed(named);
      if (!metric) report(path, unknownName('metric', named, Object.keys(metrics)));
      else if (metric.unit !== unit) report(path, `${named} is a ${metric.unit}, not a ${unit}`);
    }
}

/** A drill has to measure what it is said to show of a service. */
function checkDrill(
  { services }: Programme,
  { services: shown, loaded }: LoadedDrill,
  index: number,
  report: Report,
): void {
  const { name: scenario, probes, targets } = loaded.scenario;
  for (const [name, stand] of Object.entries(shown)) {
    const path = ['drills', index, 'services', name];
    if (!checkName('service', name, Object.keys(services), { path, report, atKey: true })) continue;
    for (const [place, probe] of stand.entries()) {
      const at = [...path, place];
      if (!checkName(`probe of ${scenario}`, probe, Object.keys(probes), { path: at, report })) continue;
      const wanted = services[name]!.targets;
      if (wanted.some((one) => targets.some((own) => measures(own, { wanted: one, probe })))) continue;
      const what = wanted.map(({ text }) => text).join(', ');
      report(at, `no target of ${scenario} measures with "${probe}" what ${name} is limited by: ${what}`);
    }
  }
}

function loadFindings(
  file: string,
  context: { document: Document; programme: Programme; drills: readonly LoadedDrill[]; problems: Problem[] },
): Findings {
  const { document: programmeFile, programme, drills, problems } = context;
  if (!existsSync(file)) {
    // Somebody who names a file means one that is there.
    if (basename(file) !== 'findings.yml' || programme.findings !== 'findings.yml')
      problems.push(programmeFile.problem(['findings'], `there is no ${file}`));
    return findingsSchema.parse({});
  }
  try {
    const document = readDocument(file);
    const findings = document.value === null ? findingsSchema.parse({}) : document.check(findingsSchema);
    checkFindings(findings, { programme, drills, report: reporter(document, problems) });
    return findings;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    problems.push(...error.problems);
    return findingsSchema.parse({});
  }
}

function checkFindings(
  { findings, reviews }: Findings,
  { programme, drills, report }: { programme: Programme; drills: readonly LoadedDrill[]; report: Report },
): void {
  const known = {
    participant: Object.keys(programme.participants),
    service: Object.keys(programme.services),
    drill: drills.map(({ loaded }) => loaded.scenario.name),
  };
  const check = (what: keyof typeof known, name: string, path: Path) =>
    checkName(what, name, known[what], { path, report });
  const ids = new Set<string>();
  for (const [index, { id, found, closed, drill, services, actions }] of findings.entries()) {
    const path = ['findings', index];
    if (ids.has(id)) report([...path, 'id'], `another finding is called "${id}" already`);
    ids.add(id);
    if (drill !== undefined) check('drill', drill, [...path, 'drill']);
    for (const [place, name] of services.entries()) check('service', name, [...path, 'services', place]);
    for (const [place, { owner, done }] of actions.entries()) {
      check('participant', owner, [...path, 'actions', place, 'owner']);
      if (done !== undefined && done < found)
        report([...path, 'actions', place, 'done'], 'this is before it was found');
      if (closed !== undefined && done === undefined)
        report([...path, 'closed'], `an action of it is not done: ${actions[place]!.what}`);
    }
    if (closed !== undefined && closed < found) report([...path, 'closed'], 'this is before it was found');
  }
  for (const [index, { by, participants }] of reviews.entries()) {
    check('participant', by, ['reviews', index, 'by']);
    for (const [place, name] of participants.entries())
      check('participant', name, ['reviews', index, 'participants', place]);
  }
}
