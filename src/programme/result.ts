import { type Verdict, worstVerdict } from '../analysis/judge.js';
import { coverageOf, type LabCoverage, type LabVariant } from '../coverage/coverage.js';
import type { JudgedEntry } from '../history/entry.js';
import { byTime } from '../history/filter.js';
import type { Comparison } from '../scenario/target.js';
import { type Day, isIn, type Period, periodBefore, periodOf } from './calendar.js';
import { type Due, dueOf, evidenceOf, type Planned, plannedIn, startedOn } from './due.js';
import type { LoadedDrill, LoadedProgramme } from './load.js';
import type { Finding, Programme, Review } from './schema.js';
import { type ServiceResult, serviceResult, worstOf } from './service-target.js';

/** Quarters that a trend goes back, the present one included. */
const QUARTERS = 8;

/** Where a programme stands: what its report shows. */
export interface ProgrammeResult
  extends Pick<Programme, 'name' | 'title' | 'objective' | 'scope' | 'starts'> {
  /** The day that it is of. */
  today: Day;
  quarter: Period;
  /** Participants by their short names. */
  people: Programme['participants'];
  drills: DrillStanding[];
  services: ServiceStanding[];
  coverage: LabStanding[];
  /** The open ones first, those with an overdue action before the others. */
  findings: FindingStanding[];
  reviews: Review[];
  /** The last day until which the next drill is to be done; nothing where all follow merges. */
  next?: Day;
}

/** A drill of the programme. */
export interface DrillStanding {
  name: string;
  title: string;
  frequency: LoadedDrill['frequency'];
  owner: string;
  participants: string[];
  due: Due;
  planned: Planned;
}

/** A service of the programme. */
export interface ServiceStanding {
  name: string;
  title: string;
  owner?: string;
  /** Worst of what the latest drills of the service came to; nothing where none was done. */
  verdict?: Verdict;
  targets: ServiceTargetStanding[];
}

/** A target of a service. */
export interface ServiceTargetStanding {
  text: string;
  comparison: Comparison;
  limit: number;
  /** What the latest drill of each scenario came to. */
  latest: (ServiceResult & { entry: JudgedEntry })[];
  /** What each drill of these quarters came to, the oldest first. */
  results: (ServiceResult & { entry: JudgedEntry })[];
  /** The worst of each quarter, the oldest first; nothing where it was not drilled. */
  quarters: { quarter: string; drills: number; worst?: ServiceResult }[];
}

/** What of a lab can fail by itself, and when that was last drilled. */
export interface LabStanding extends LabCoverage {
  /** The latest drill that broke it by itself, a failure each. */
  last: (JudgedEntry | undefined)[];
}

/** A finding, and what of it is late. */
export interface FindingStanding extends Finding {
  isOpen: boolean;
  /** Actions that should have been done. */
  overdue: Finding['actions'];
}

/**
 * Where a programme stands at the end of a day.
 * @param history all drills of the store, in any order
 * @param variants the labs of its drills
 */
export function standingOf(
  { programme, drills, findings }: Pick<LoadedProgramme, 'programme' | 'drills' | 'findings'>,
  {
    history,
    variants,
    today,
  }: { history: readonly JudgedEntry[]; variants: readonly LabVariant[]; today: Day },
): ProgrammeResult {
  const { name, title, objective, scope, starts, participants: people } = programme;
  const past = history.filter((entry) => startedOn(entry) <= today);
  const evidence = new Map(
    drills.map(({ loaded }) => [loaded.scenario.name, evidenceOf(loaded.scenario.name, past)]),
  );
  const quarter = periodOf('quarterly', today);
  const standings = drills.map((drill) => drillStanding(drill, { evidence, starts, today, quarter }));
  const next = standings.flatMap(({ due }) => due.next?.last ?? []).sort()[0];
  return {
    ...{ name, title, objective, scope, starts, today, quarter, people },
    drills: standings,
    services: servicesOf(programme, drills, { evidence, quarter }),
    coverage: coverageOf(variants).map((lab) => labStanding(lab, evidence)),
    findings: findings.findings
      .map((finding) => findingStanding(finding, today))
      .sort((a, b) => Number(b.isOpen) - Number(a.isOpen) || b.overdue.length - a.overdue.length),
    reviews: [...findings.reviews].sort((a, b) => (a.on < b.on ? 1 : -1)),
    ...(next !== undefined && { next }),
  };
}

/** Drills that say something by their scenario, the latest first. */
type Evidence = ReadonlyMap<string, JudgedEntry[]>;

function drillStanding(
  drill: LoadedDrill,
  { evidence, starts, today, quarter }: { evidence: Evidence; starts: Day; today: Day; quarter: Period },
): DrillStanding {
  const { name, title } = drill.loaded.scenario;
  const { frequency, owner, participants } = drill;
  const known = { evidence: evidence.get(name)!, starts, today };
  return {
    ...{ name, title, frequency, owner, participants },
    due: dueOf(drill, known),
    planned: plannedIn(quarter, drill, known),
  };
}

function servicesOf(
  { services }: Programme,
  drills: readonly LoadedDrill[],
  { evidence, quarter }: { evidence: Evidence; quarter: Period },
): ServiceStanding[] {
  const quarters = [quarter];
  while (quarters.length < QUARTERS) quarters.unshift(periodBefore('quarterly', quarters[0]!));
  return Object.entries(services).map(([name, { title, owner, targets }]) => {
    const shown = drills.flatMap(({ loaded, services: stand }) =>
      (stand[name] ?? []).map((probe) => ({ probe, entries: evidence.get(loaded.scenario.name)! })),
    );
    const standings = targets.map((wanted): ServiceTargetStanding => {
      const { text, comparison, value: limit } = wanted;
      const results = shown.map(({ probe, entries }) =>
        entries.flatMap((entry) => {
          const result = serviceResult(entry, { wanted, probe });
          return result ? [{ ...result, entry }] : [];
        }),
      );
      return {
        ...{ text, comparison, limit },
        latest: results.flatMap(([latest]) => latest ?? []),
        results: results
          .flat()
          .filter(({ entry }) => startedOn(entry) >= quarters[0]!.first)
          .sort((a, b) => byTime(b.entry, a.entry)),
        quarters: quarters.map((period) => {
          const inIt = results.flat().filter(({ entry }) => isIn(period, startedOn(entry)));
          const worst = worstOf(inIt, comparison);
          const { entry: _, ...bare } = worst ?? {};
          return {
            quarter: period.name,
            drills: inIt.length,
            ...(worst && { worst: bare as ServiceResult }),
          };
        }),
      };
    });
    const verdict = worstVerdict(standings.flatMap(({ latest }) => latest.map((result) => result.verdict)));
    return {
      ...{ name, title },
      ...(owner !== undefined && { owner }),
      ...(verdict && { verdict }),
      targets: standings,
    };
  });
}

/** Drills of scenarios that break a part by itself. */
function labStanding(lab: LabCoverage, evidence: Evidence): LabStanding {
  const last = lab.failures.map(({ drillings }) => {
    const alone = drillings.filter(({ manner }) => manner === 'alone').map(({ scenario }) => scenario);
    return alone
      .flatMap((scenario) => evidence.get(scenario)?.[0] ?? [])
      .sort((a, b) => (a.drill.started < b.drill.started ? 1 : -1))[0];
  });
  return { ...lab, last };
}

const findingStanding = (finding: Finding, today: Day): FindingStanding => {
  const isOpen = finding.closed === undefined || finding.closed > today;
  const isLate = ({ done, due }: Finding['actions'][number]) =>
    (done === undefined || done > today) && due < today;
  return { ...finding, isOpen, overdue: isOpen ? finding.actions.filter(isLate) : [] };
};
