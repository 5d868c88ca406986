import { readFileSync, statSync } from 'node:fs';
import type { Topology, TopologyNode } from '../../topology/topology.js';
import { frrTimers } from './frr.js';
import { keepalivedTimers } from './keepalived.js';
import { openvpnTimers } from './openvpn.js';
import { strongswanTimers } from './strongswan.js';
import type { Configuration, Timer } from './timer.js';

/** A larger file is no configuration of a daemon, bytes. */
const LARGEST = 1e6;

/** The files that a node gets from the lab; a folder's are left out. */
function configurationsOf({ binds }: TopologyNode): Configuration[] {
  return binds.flatMap(({ source, target }) => {
    const file = statSync(source, { throwIfNoEntry: false });
    return file?.isFile() && file.size <= LARGEST ? [{ target, text: readFileSync(source, 'utf8') }] : [];
  });
}

/** The timers that the daemons of a lab are set to, by node, as far as the files that it binds into its nodes say. */
export function labTimers({ nodes }: Topology): Map<string, Timer[]> {
  const files = new Map([...nodes].map(([name, node]) => [name, configurationsOf(node)]));
  return new Map(
    [...files].map(([name, own]) => {
      const others = [...files].filter(([other]) => other !== name).flatMap(([, list]) => list);
      const each = own.flatMap((one) => [
        ...frrTimers(one, others),
        ...keepalivedTimers(one),
        ...openvpnTimers(one),
      ]);
      return [name, [...each, ...strongswanTimers(own)]];
    }),
  );
}
