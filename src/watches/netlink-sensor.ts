import { insideNetwork } from '../linux/namespaces.js';
import { Netlink } from '../linux/netlink.js';
import type { Sensor, Sight } from './watch.js';

/**
 * A sensor that looks again whenever the kernel tells of a change. The event's own content is not used: the kernel sends none for routes
 * that go with their interface, and a missed one must not leave a wrong state behind.
 */
export class NetlinkSensor implements Sensor {
  readonly #events: Netlink;
  readonly #asking: Netlink;
  readonly #look: (netlink: Netlink) => Sight;
  readonly initial: Sight;
  #active: boolean;

  /**
   * @param network path of the network namespace to listen in
   * @param groups mask of rtnetlink multicast groups
   */
  constructor(options: { network: string; groups: number; look: (netlink: Netlink) => Sight }) {
    const open = () => [new Netlink({ groups: options.groups }), new Netlink()] as const;
    [this.#events, this.#asking] = insideNetwork(options.network, open);
    this.#look = options.look;
    this.initial = this.#look(this.#asking);
    this.#active = this.initial.active;
  }

  get descriptor(): number {
    return this.#events.descriptor;
  }

  read(): Sight[] {
    this.#events.receiveAll();
    const seen = this.#look(this.#asking);
    if (seen.active === this.#active) return [];
    this.#active = seen.active;
    return [seen];
  }

  close(): void {
    this.#events[Symbol.dispose]();
    this.#asking[Symbol.dispose]();
  }
}
