import type { Effect, Fault } from '../faults/fault.js';

/** A fault that is in effect, or may be. */
export interface ActiveFault {
  id: string;
  kind: string;
  target: string;
  fault: Fault;
}

/** The faults to undo, in the order they were injected. */
export class UndoStack {
  readonly #active: ActiveFault[] = [];

  /** To be called before the fault is injected. */
  register(fault: ActiveFault): void {
    this.#active.push(fault);
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  find(id: string): ActiveFault | undefined {
    return this.#active.find((active) => active.id === id);
  }

  /** Takes a fault off that was undone. */
  remove(id: string): void {
    const index = this.#active.findIndex((active) => active.id === id);
    if (index >= 0) this.#active.splice(index, 1);
  }

  /**
   * Undoes everything, last injected first.
   * @returns what could not be undone
   */
  async heal(done: (active: ActiveFault, effect: Effect) => void): Promise<string[]> {
    const failures: string[] = [];
    for (let active = this.#active.pop(); active; active = this.#active.pop()) {
      try {
        done(active, await active.fault.clear());
      } catch (error) {
        failures.push(`${active.id}: ${(error as Error).message}`);
      }
    }
    return failures;
  }
}
