import type { Loss } from '../faults/fault.js';
import { faultKind, faultName, type Inject } from '../faults/registry.js';
import type { LoadedScenario } from '../scenario/load.js';
import type { Step } from '../scenario/schema.js';

/** How a scenario breaks a part: by itself, while another fault is in effect, or not wholly (one way only, more slowly, some packets). */
export type Manner = 'alone' | 'with others' | 'in part';

/** What a step of a scenario takes away. */
export interface Taking {
  loss: Loss;
  /** Kind of the fault. */
  fault: string;
  manner: Manner;
}

/** Everything that the faults of a scenario take away, in order. What a command breaks nobody can tell, so it only keeps others company. */
export function takingsOf({ scenario, topology }: Pick<LoadedScenario, 'scenario' | 'topology'>): Taking[] {
  const takings: Taking[] = [];
  let active: string[] = [];
  for (const step of scenario.steps) {
    const acts = 'parallel' in step ? step.parallel : [step as Step];
    const injects = acts.filter((act): act is Inject => 'inject' in act);
    active = active.filter((name) => !acts.some((act) => 'clear' in act && act.clear === name));
    for (const inject of injects) {
      const loss = faultKind(inject).takes?.(inject as never, topology);
      const isAlone = active.length === 0 && injects.length === 1;
      if (loss)
        takings.push({
          loss,
          fault: inject.inject,
          manner: !loss.wholly ? 'in part' : isAlone ? 'alone' : 'with others',
        });
    }
    active.push(...injects.map(faultName));
  }
  return takings;
}
