import type { EngineKind, Wish } from './engine.js';
import { tcEngine } from './tc/engine.js';
import { userspace } from './userspace.js';

/** The engines, the one to prefer first. */
export const engines = { tc: tcEngine, userspace } as const satisfies Record<string, EngineKind>;

/** Name of an engine. */
export type EngineName = keyof typeof engines;

/**
 * Chooses the first engine that this machine has and that can do all that is wished.
 * @param wanted the only one to consider
 * @throws Error that says why none can
 */
export async function chooseEngine(wishes: readonly Wish[], wanted?: EngineName): Promise<EngineKind> {
  const reasons: string[] = [];
  for (const kind of wanted === undefined ? Object.values(engines) : [engines[wanted]]) {
    const refused = wishes.map((wish) => kind.refuses(wish)).find((reason) => reason !== undefined);
    if (refused === undefined && (await kind.isHere())) return kind;
    reasons.push(`${kind.name}: ${refused ?? 'this kernel does not have it'}`);
  }
  throw new Error(reasons.join('; '));
}
