import * as z from 'zod';
import { nodeName } from '../scenario/units.js';
import { DaemonSensor } from './daemon-sensor.js';
import { FrrLog, frrSocket } from './frr.js';
import { EVENT_RESOLUTION, type Seen, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  peer: z.string().min(1).meta({
    description: 'neighbor as `show bgp neighbors` has it: an address, or an interface of an unnumbered one',
  }),
  state: z.enum(['down', 'established']).default('down').meta({
    description: 'state that counts as the signal; `down` is any but Established, or no such neighbor',
  }),
};

/** A change of state, in a line that bgpd logs: the neighbor, with its host name, and why. */
const CHANGE = /%ADJCHANGE: neighbor (\S+?)(?:\(.*\))? in vrf (\S+) (Up|Down)(?: (.*))?$/;

/** Reads a change of state from a line of bgpd's log. */
export function parseBgpChange(line: string) {
  const [, peer = '', vrf = '', state, why = ''] = CHANGE.exec(line) ?? [];
  return state ? { peer, vrf, isUp: state === 'Up', why } : undefined;
}

/** Whether bgpd logs changes: a setting of each instance, on unless said otherwise with the defaults for data centres. */
export function logsBgpChanges(configuration: string): boolean {
  const isDefault = /^frr defaults datacenter$/m.test(configuration);
  return isDefault
    ? !/^ no bgp log-neighbor-changes$/m.test(configuration)
    : /^ bgp log-neighbor-changes$/m.test(configuration);
}

/** A BGP session of FRR is established or goes down, by the lines that bgpd logs. */
export const bgp: WatchKind<typeof parameters> = {
  name: 'bgp',
  description:
    'a BGP session of FRR goes down, or is established; bgpd needs `bgp log-neighbor-changes`; default VRF',
  parameters,
  phase: 'detect',
  isTimedBy: ({ state }, { protocol }) => state === 'down' && protocol === 'BGP',
  resolution: () => EVENT_RESOLUTION,
  sense: ({ peer, state }, site) =>
    new DaemonSensor({
      daemon: 'bgpd at /run/frr/bgpd.vty',
      converse: ({ tell, listen }) => {
        const say = (isUp: boolean, detail: string, at?: Seen['at']) =>
          tell({
            active: isUp === (state === 'established'),
            detail: `${peer} ${detail}`,
            ...(at && { at }),
          });
        return new FrrLog(
          {
            path: frrSocket(site, 'bgpd.vty'),
            neighbours: {
              lacks: (configuration) =>
                logsBgpChanges(configuration)
                  ? undefined
                  : 'it does not log the changes of its neighbors: add "bgp log-neighbor-changes" to its "router bgp"',
              show: 'show bgp neighbors json',
              take(answer) {
                const { bgpState } = (answer as Record<string, { bgpState?: string }>)[peer] ?? {};
                say(bgpState === 'Established', bgpState ? `is ${bgpState}` : 'is no neighbor');
              },
              hear({ text, at }) {
                const change = parseBgpChange(text);
                if (!change || change.peer !== peer || change.vrf !== 'default') return;
                say(change.isUp, change.isUp ? 'is Established' : `is down: ${change.why}`, at);
              },
            },
          },
          listen,
        );
      },
    }),
};
