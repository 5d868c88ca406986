import type * as z from 'zod';
import { oneOfKinds } from '../scenario/kinds.js';
import type { ProbeKind } from './probe.js';
import { tcp } from './tcp.js';
import { udp } from './udp.js';

/** The kinds of probe; a new one is its file and a line here. */
export const probes = { tcp, udp } as const;

/** A probe as a scenario has it. */
export const probeSchema = oneOfKinds({ what: 'probe kind', key: 'kind', kinds: probes });
export type Probe = z.output<typeof probeSchema>;

/** The kind of a probe, whatever its parameters are. */
export const probeKind = ({ kind }: Pick<Probe, 'kind'>): ProbeKind => probes[kind] as unknown as ProbeKind;
