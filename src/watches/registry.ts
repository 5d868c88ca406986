import * as z from 'zod';
import { WATCHED_PHASES, type WatchedPhase } from '../analysis/phase.js';
import { oneOfKinds } from '../scenario/kinds.js';
import { address } from './address.js';
import { bfd } from './bfd.js';
import { bgp } from './bgp.js';
import { carrier } from './carrier.js';
import { command } from './command.js';
import { conntrack } from './conntrack.js';
import { duplicateAddress } from './duplicate-address.js';
import { ike } from './ike.js';
import { log } from './log.js';
import { openvpn } from './openvpn.js';
import { ospf } from './ospf.js';
import { prometheus } from './prometheus.js';
import { route } from './route.js';
import { smtp } from './smtp.js';
import { snmpTrap } from './snmp-trap.js';
import { ssh } from './ssh.js';
import { syslog } from './syslog.js';
import { vrrp } from './vrrp.js';
import type { WatchKind } from './watch.js';
import { webhook } from './webhook.js';
import { wireguard } from './wireguard.js';

/** The kinds of watch; a new one is its file and a line here. */
export const watches = {
  address,
  bfd,
  bgp,
  carrier,
  command,
  'duplicate-address': duplicateAddress,
  conntrack,
  ike,
  log,
  openvpn,
  ospf,
  prometheus,
  route,
  smtp,
  'snmp-trap': snmpTrap,
  ssh,
  syslog,
  vrrp,
  webhook,
  wireguard,
} as const;

/** A watch as a scenario has it. */
export const watchSchema = oneOfKinds({
  what: 'watch kind',
  key: 'kind',
  kinds: watches,
  common: {
    phase: z.enum(WATCHED_PHASES).optional().meta({
      description:
        'phase of a failover that it shows in the report, where its kind does not know that, or another',
    }),
  },
});
export type Watch = z.output<typeof watchSchema>;

/** The kind of a watch, whatever its parameters are. */
export const watchKind = ({ kind }: Pick<Watch, 'kind'>): WatchKind => watches[kind] as unknown as WatchKind;

/** The phase of a failover that a watch shows, where that is known. */
export const phaseOf = (watch: Watch): WatchedPhase | undefined => watch.phase ?? watchKind(watch).phase;
