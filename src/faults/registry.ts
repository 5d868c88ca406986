import type * as z from 'zod';
import { oneOfKinds } from '../scenario/kinds.js';
import { identifier } from '../scenario/units.js';
import { block } from './block.js';
import { brownout } from './brownout.js';
import { exec } from './exec.js';
import type { FaultKind } from './fault.js';
import { impair } from './impair.js';
import { linkCut } from './link-cut.js';
import { linkFlap } from './link-flap.js';
import { mtu } from './mtu.js';
import { nodePause } from './node-pause.js';
import { nodeStop } from './node-stop.js';
import { processKill } from './process-kill.js';
import { processPause } from './process-pause.js';
import { queueBloat } from './queue-bloat.js';
import { rateLimit } from './rate-limit.js';
import { ssh } from './ssh.js';

/** The kinds of fault; a new one is its file and a line here. */
export const faults = {
  'link-cut': linkCut,
  'link-flap': linkFlap,
  impair,
  brownout,
  'rate-limit': rateLimit,
  'queue-bloat': queueBloat,
  mtu,
  block,
  'process-kill': processKill,
  'process-pause': processPause,
  'node-stop': nodeStop,
  'node-pause': nodePause,
  exec,
  ssh,
} as const;

const common = {
  as: identifier
    .optional()
    .meta({ description: 'name to clear it by and to speak of it in targets; else that of its kind' }),
};

/** An `inject` step as a scenario has it. */
export const injectSchema = oneOfKinds({ what: 'fault kind', key: 'inject', kinds: faults, common });
export type Inject = z.output<typeof injectSchema>;

/** The kind of a fault, whatever its parameters are. */
export const faultKind = ({ inject }: Pick<Inject, 'inject'>): FaultKind =>
  faults[inject] as unknown as FaultKind;

/** Name of a fault in its drill. */
export const faultName = ({ as, inject }: Pick<Inject, 'as' | 'inject'>): string => as ?? inject;
