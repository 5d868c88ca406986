import { isIPv4 } from 'node:net';
import * as z from 'zod';
import { nodeName } from '../scenario/units.js';
import { DaemonSensor } from './daemon-sensor.js';
import { FrrLog, frrSocket } from './frr.js';
import { EVENT_RESOLUTION, type Seen, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  neighbor: z
    .string()
    .refine((text) => isIPv4(text), 'expected a router ID, as 10.0.0.1')
    .meta({ description: 'router ID of the neighbor, as `show ip ospf neighbor` has it' }),
  interface: z.string().min(1).optional().meta({
    description:
      'only the adjacency on this interface; without it, the neighbor is Full while one adjacency is',
  }),
  state: z.enum(['down', 'full']).default('down').meta({
    description: 'state that counts as the signal; `down` is any but Full, or no such neighbor',
  }),
};

/** A change of state, in a line that ospfd logs; before FRR 8.4 without the neighbor's address. */
const CHANGE =
  /AdjChg: Nbr ([\d.]+)(?:, NbrIP [\d.]+ )?\((\S+)\) on ([^\s:]+):\S+: (\S+) -> (\S+)(?: \((\S+)\))?/;

/** Reads a change of state from a line of ospfd's log. */
export function parseOspfChange(line: string) {
  const [, router = '', vrf = '', device = '', , state, why = ''] = CHANGE.exec(line) ?? [];
  return state ? { router, vrf, device, state, why } : undefined;
}

/** What `show ip ospf neighbor json` says of an adjacency: the state with the neighbor's role, the interface with its address. */
interface Shown {
  nbrState?: string;
  state?: string;
  ifaceName?: string;
}

/** An OSPF adjacency of FRR becomes Full or is lost, by the lines that ospfd logs. */
export const ospf: WatchKind<typeof parameters> = {
  name: 'ospf',
  description:
    'an OSPFv2 adjacency of FRR is lost, or becomes Full; ospfd needs `log-adjacency-changes`; default VRF',
  parameters,
  phase: 'detect',
  isTimedBy: ({ state }, { protocol }) => state === 'down' && protocol === 'OSPF',
  resolution: () => EVENT_RESOLUTION,
  sense: ({ neighbor, interface: wanted, state }, site) =>
    new DaemonSensor({
      daemon: 'ospfd at /run/frr/ospfd.vty',
      converse: ({ tell, listen }) => {
        /** State of each adjacency with the neighbor, by interface. */
        const states = new Map<string, string>();
        const say = (why = '', at?: Seen['at']) => {
          const known = [...states].filter(([device]) => wanted === undefined || device === wanted);
          const isFull = known.some(([, state]) => state === 'Full');
          const list = known.map(([device, state]) => `${state} on ${device}`).join(', ');
          const detail = `${neighbor} is ${list || 'no neighbor'}${why && ` (${why})`}`;
          tell({ active: isFull === (state === 'full'), detail, ...(at && { at }) });
        };
        return new FrrLog(
          {
            path: frrSocket(site, 'ospfd.vty'),
            neighbours: {
              lacks: (configuration) =>
                /^ log-adjacency-changes( detail)?$/m.test(configuration)
                  ? undefined
                  : 'it does not log the changes of its neighbors: add "log-adjacency-changes" to its "router ospf"',
              show: 'show ip ospf neighbor json',
              take(answer) {
                states.clear();
                const { neighbors = {} } = answer as { neighbors?: Record<string, Shown[]> };
                for (const { nbrState, state = nbrState, ifaceName = '' } of neighbors[neighbor] ?? [])
                  states.set(ifaceName.split(':')[0]!, state?.split('/')[0] ?? '');
                say();
              },
              hear({ text, at }) {
                const change = parseOspfChange(text);
                if (change?.router !== neighbor || change.vrf !== 'default') return;
                if (change.state === 'Deleted') states.delete(change.device);
                else states.set(change.device, change.state);
                say(change.why, at);
              },
            },
          },
          listen,
        );
      },
    }),
};
