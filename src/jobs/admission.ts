/** A drill that waits for its turn. */
export interface Job {
  /** Its lab: two of one name cannot be up at once. */
  lab: string;
  /** Processors that lab and instruments use; nothing where nobody knows. */
  cost?: number | undefined;
  /** What it is expected to take, in any unit; 0 where nobody knows. */
  duration: number;
  /** Whether it was disturbed beside others, and is to have the machine for itself. */
  again: boolean;
}

/** What the machine has for drills. */
export interface Limits {
  /** Processors. */
  budget: number;
  /** Most drills at once. */
  most: number;
}

/**
 * Share of the machine's processors that drills may use in their steady states: at a fault daemons compute routes and open tunnels, and the instruments
 * must not wait.
 */
export const BUDGET = 0.5;

/**
 * The drill that may start now beside those that run; nothing where none may. A drill whose cost nobody knows runs alone, before all others, so that it becomes
 * known; one that was disturbed runs alone, after them. A drill that costs more than the budget runs alone too, whenever nothing else runs.
 */
export function nextJob<J extends Job>(
  waiting: readonly J[],
  running: readonly J[],
  { budget, most }: Limits,
): J | undefined {
  const ordered = inOrder(waiting, running);
  if (running.length === 0) return ordered[0];
  if (running.length >= most || running.some(needsAll)) return undefined;
  const used = running.reduce((sum, { cost = 0 }) => sum + cost, 0);
  return ordered.find(
    (job) =>
      !needsAll(job) && running.every(({ lab }) => lab !== job.lab) && used + (job.cost ?? 0) <= budget,
  );
}

const needsAll = ({ cost, again }: Job): boolean => cost === undefined || again;

/** Unknown ones first, disturbed ones last; between them by what is still to be done in the same lab, the most first, since that is done one after the other. */
function inOrder<J extends Job>(waiting: readonly J[], running: readonly J[]): J[] {
  const left = new Map<string, number>();
  for (const { lab, duration } of [...waiting, ...running]) left.set(lab, (left.get(lab) ?? 0) + duration);
  const rank = ({ cost, again }: Job) => (again ? 2 : cost === undefined ? 0 : 1);
  return [...waiting].sort(
    (a, b) => rank(a) - rank(b) || left.get(b.lab)! - left.get(a.lab)! || b.duration - a.duration,
  );
}
