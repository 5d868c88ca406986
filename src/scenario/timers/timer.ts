/** A protocol that notices by a timer that its neighbour is silent. */
export type Protocol = 'BFD' | 'OSPF' | 'BGP' | 'VRRP' | 'IKE' | 'OpenVPN';

/** A timer that a daemon of a node is set to. */
export interface Timer {
  protocol: Protocol;
  /** The least time after which silence is noticed, nanoseconds: the last sign of life came just before it; infinite where it never is. */
  least: number;
  /** How it is set, for people: `BFD 3 × 100 ms`. */
  text: string;
  /** Of VRRP: the addresses that move. */
  addresses?: string[];
}

/** The text of a configuration, and where in the node it lies. */
export interface Configuration {
  target: string;
  text: string;
}
