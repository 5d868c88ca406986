import type { JudgedEntry } from '../history/entry.js';
import { byTime } from '../history/filter.js';

/** What drills cost in processors, as far as a history knows. */
export class Costs {
  readonly #ofScenario = new Map<string, number>();
  readonly #ofLab = new Map<string, number>();

  constructor(history: readonly JudgedEntry[]) {
    // The latest drill counts.
    for (const { drill } of [...history].sort(byTime).reverse())
      this.note({ ...drill, scenario: drill.name });
  }

  /** Notes what a drill has cost. */
  note({ scenario, lab, processors }: { scenario: string; lab?: string; processors?: number }): void {
    if (lab === undefined || processors === undefined) return;
    this.#ofScenario.set(scenario, processors);
    this.#ofLab.set(lab, Math.max(processors, this.#ofLab.get(lab) ?? 0));
  }

  /** What a drill costs: as much as the last time; before that, as much as the dearest in the same lab. */
  of({ scenario, lab }: { scenario: string; lab: string }): number | undefined {
    return this.#ofScenario.get(scenario) ?? this.#ofLab.get(lab);
  }
}
