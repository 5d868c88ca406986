import { close } from '../linux/libc.js';
import { insideNetwork } from '../linux/namespaces.js';
import { listenTcp } from '../linux/tcp.js';
import { type Iperf3Parameters, iperf3Parameters as parameters } from './iperf3-parameters.js';
import { Iperf3Runs, PACKET } from './iperf3-runs.js';
import { portsOf } from './ports.js';
import type { ProbeKind, Way } from './probe.js';

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
