import * as z from 'zod';
import { close } from '../linux/libc.js';
import { insideNetwork } from '../linux/namespaces.js';
import { listenTcp } from '../linux/tcp.js';
import { positiveDuration, rate } from '../scenario/units.js';
import { endsShape } from './ends.js';
import { Iperf3Runs } from './iperf3-runs.js';
import { portsOf } from './ports.js';
import type { ProbeKind, Way } from './probe.js';

const parameters = {
  ...endsShape({ from: 'that the client runs in', to: 'that the server runs in', address: 'connect to' }),
  protocol: z.enum(['tcp', 'udp']).default('tcp').meta({ description: 'what carries the data' }),
  flows: z.int().min(1).max(32).default(1).meta({ description: 'number of parallel streams, each way' }),
  rate: rate.prefault('10mbit').meta({ description: 'most that each stream sends, bits of data a second' }),
  direction: z
    .enum(['there', 'back', 'both'])
    .default('there')
    .meta({ description: 'which way the data go; `back` and `both` are --reverse and --bidir' }),
  timeout: positiveDuration.prefault('10s').meta({
    description:
      'how long data of TCP may wait for an acknowledgement; then the test is over, and another one begins',
  }),
};

/** Parameters of an iperf3 probe as read. */
export type Iperf3Parameters = z.output<z.ZodObject<typeof parameters>>;

/** Bytes of data in a packet: a full segment on Ethernet, and what is asked of UDP. */
export const PACKET = 1448;

const WAYS: Record<Iperf3Parameters['direction'], readonly Way[]> = {
  there: ['there'],
  back: ['back'],
  both: ['there', 'back'],
};

/** The goodput that iperf3 itself sees, for comparison with what it saw elsewhere. */
export const iperf3: ProbeKind<typeof parameters> = {
  name: 'iperf3',
  description:
    'iperf3 (3.10 or later) for the whole drill, by TCP or UDP: its own word on what was delivered, in tenths of a second',
  parameters,
  families: ['goodput'],
  // All streams of a direction are reported together.
  interval: ({ rate, flows }) => Math.max(1, Math.round((PACKET * 8e9) / (rate * flows))),
  streams: ({ direction }) => ({ flows: 1, ways: WAYS[direction] }),
  async host(setup, nodes, clock) {
    for (const node of [nodes.from, nodes.to]) {
      const { code } = await node.run({ argv: ['/bin/sh', '-c', 'command -v iperf3'] });
      if (code !== 0) throw new Error(`there is no iperf3 in "${node.name}"; apt-get install iperf3`);
    }
    // Another program would be asked for the tests instead.
    const { network, address } = setup.to;
    const any = address.includes(':') ? '::' : '0.0.0.0';
    close(insideNetwork(network, () => listenTcp(any, portsOf(setup.index).server)));
    return new Iperf3Runs({ setup, nodes, clock, ways: WAYS[setup.parameters.direction] });
  },
};
