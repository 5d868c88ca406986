import type * as z from 'zod';
import { oneOfKinds } from '../scenario/kinds.js';
import { bulk } from './bulk.js';
import { dns } from './dns.js';
import { exec } from './exec.js';
import { httpProbe } from './http.js';
import { icmp } from './icmp.js';
import { iperf3 } from './iperf3.js';
import type { ProbeKind } from './probe.js';
import { tcp } from './tcp.js';
import { tcpConnect } from './tcp-connect.js';
import { tls } from './tls.js';
import { udp } from './udp.js';
import { voip } from './voip.js';

/** The kinds of probe; a new one is its file and a line here. */
export const probes = {
  bulk,
  exec,
  dns,
  http: httpProbe,
  icmp,
  iperf3,
  tcp,
  'tcp-connect': tcpConnect,
  tls,
  udp,
  voip,
} as const;

/** A probe as a scenario has it. */
export const probeSchema = oneOfKinds({ what: 'probe kind', key: 'kind', kinds: probes });
export type Probe = z.output<typeof probeSchema>;

/** The kind of a probe, whatever its parameters are. */
export const probeKind = ({ kind }: Pick<Probe, 'kind'>): ProbeKind => probes[kind] as unknown as ProbeKind;
