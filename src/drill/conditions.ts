import type { DrillData, ProbeTrack } from '../analysis/drill-data.js';
import { binsFor } from '../analysis/path.js';
import { rateOf } from '../analysis/reversion.js';
import { delaysOf } from '../analysis/runs.js';
import { connectionsOf, countsPackets } from '../analysis/series.js';
import type { Fate, StreamTrack } from '../analysis/track.js';
import type { Instant } from '../linux/clock.js';
import type { Lab } from '../runtime/runtime.js';
import type { Condition, Scenario } from '../scenario/schema.js';
import { findLink } from '../topology/topology.js';

/** How long a packet may be on its way before a running drill takes it for lost, nanoseconds: the longest it looks back. */
export const GRACE = 500e6;

/** Whether a condition holds now, and if not, why; `since` is when it began to hold as far as it was looked. */
export type Holding = { holds: true; since: Instant } | { holds: false; why: string };

/** Remembers, for each stream, how far it was judged and when it was last impaired. */
class Judged {
  #next = 0;
  lastBad: Instant;
  /** Packets sent and impaired, by tenths of a second. */
  readonly tenths: { at: Instant; sent: number; bad: number }[] = [];
  readonly #sent: StreamTrack;
  readonly #fate: (number: number) => Fate | undefined;

  constructor(sent: StreamTrack, fate: (number: number) => Fate | undefined) {
    this.#sent = sent;
    this.#fate = fate;
    this.lastBad = sent.start;
  }

  judge(upTo: Instant): void {
    const end = this.#sent.firstFrom(upTo);
    for (; this.#next < end; this.#next++) {
      const due = this.#sent.dueAt(this.#next);
      const isBad = this.#fate(this.#next) !== undefined;
      if (isBad) this.lastBad = due;
      let tenth = this.tenths.at(-1);
      if (!tenth || due - tenth.at > 100e6) {
        tenth = { at: due, sent: 0, bad: 0 };
        this.tenths.push(tenth);
      }
      tenth.sent++;
      if (isBad) tenth.bad++;
    }
  }
}

/** Judges the running drill by what was seen so far. */
export class Observer {
  readonly #data: DrillData;
  readonly #lab: Lab;
  readonly #scenario: Scenario;
  readonly #judged = new Map<string, Judged[]>();

  constructor(options: { data: DrillData; lab: Lab; scenario: Scenario }) {
    this.#data = options.data;
    this.#lab = options.lab;
    this.#scenario = options.scenario;
  }

  get data(): DrillData {
    return this.#data;
  }

  /** Up to when all packets that were sent have been seen or are taken for lost: an instant before the last word of the probes. */
  get judgedUpTo(): Instant {
    const words = [...this.#data.clients.values()].map((word) => word.at(-1)!);
    return Math.min(this.#data.prober.at(-1)?.t ?? 0, ...words) - GRACE;
  }

  #streams(id: string): Judged[] {
    let judged = this.#judged.get(id);
    if (!judged) {
      const longest = Math.min(GRACE, this.#scenario['forwarding-delay-threshold']);
      judged = judgedOf(this.#data.probes.get(id)!, longest);
      this.#judged.set(id, judged);
    }
    for (const stream of judged) stream.judge(this.judgedUpTo);
    return judged;
  }

  /** When a probe was last impaired, or started. */
  lastImpaired(probe: string): Instant {
    return Math.max(...this.#streams(probe).map(({ lastBad }) => lastBad));
  }

  /** Share of a probe's packets that were impaired in the last while. */
  loss(probe: string, period: number): { share: number; watched: boolean } {
    const from = this.judgedUpTo - period;
    let [sent, bad, watched] = [0, 0, true];
    for (const { tenths } of this.#streams(probe)) {
      if (!tenths[0] || tenths[0].at > from) watched = false;
      for (let index = tenths.length - 1; index >= 0 && tenths[index]!.at >= from; index--) {
        sent += tenths[index]!.sent;
        bad += tenths[index]!.bad;
      }
    }
    return { share: sent === 0 ? 1 : bad / sent, watched };
  }

  /** Median delay of a probe's packets of the last while, nanoseconds; nothing where none arrived. */
  delay(probe: string, period: number): number | undefined {
    const window = { from: this.judgedUpTo - period, to: this.judgedUpTo };
    const delays = this.#data.probes.get(probe)!.streams.flatMap((stream) => delaysOf(stream, window));
    return delays.sort((a, b) => a - b)[delays.length >> 1];
  }

  /** The links that carry a probe now; none before there are enough bins after an instant. */
  path(probe: string, after: Instant = 0): Set<string> {
    const { paths } = this.#data;
    const track = this.#data.probes.get(probe)!;
    const last = paths.ends.length - 1;
    const width = Math.max(10, binsFor(rateOf(track)));
    const isEarly = last < width || paths.startOf(last - width + 1) < after;
    return isEarly ? new Set() : paths.carrying(last - width + 1, last, rateOf(track));
  }

  /** Probes that count packets. */
  get packetProbes(): string[] {
    return [...this.#data.probes.values()].filter(countsPackets).map(({ id }) => id);
  }

  /** Whether a watch's last signal since an instant says that it is active. */
  isActive(watch: string, since: Instant): boolean {
    return this.#data.signals.get(watch)?.findLast(({ after }) => after >= since)?.active ?? false;
  }

  /** @param after what was before this instant does not count */
  holding(condition: Condition, after: Instant = 0): Holding {
    return holders[condition.kind](this, condition as never, { lab: this.#lab, after });
  }

  /** The steady state of a scenario that does not say what its is. */
  #allWell(): Condition[] {
    return [...this.#data.probes.values()].flatMap((probe): Condition[] => {
      const { id } = probe;
      if (countsPackets(probe))
        return [{ text: `${id} loses nothing for 2s`, kind: 'loss', probe: id, most: 0, period: 2e9 }];
      return connectionsOf(probe) > 0 ? [{ text: `${id} is connected`, kind: 'connected', probe: id }] : [];
    });
  }

  /**
   * Whether the steady state holds, since when, and what of it does not.
   * @param after what was before this instant does not count
   */
  steady(after: Instant): Holding {
    const conditions = this.#scenario['steady-state'];
    const all = conditions.length > 0 ? conditions : this.#allWell();
    const holdings = all.map((condition) => ({ condition, holding: this.holding(condition, after) }));
    const missing = holdings.flatMap(({ condition, holding }) =>
      holding.holds ? [] : [`${condition.text} (${holding.why})`],
    );
    if (missing.length > 0) return { holds: false, why: missing.join('; ') };
    const since = holdings.map(({ holding }) => (holding.holds ? holding.since : 0));
    return { holds: true, since: Math.max(0, ...since) };
  }
}

function judgedOf({ streams, families }: ProbeTrack, longest: number): Judged[] {
  if (families.includes('packets')) {
    return streams.map((stream) => new Judged(stream, (number) => stream.fate(number, longest)));
  }
  // A record of a session is fine when its echo came back in time.
  return streams
    .filter((_, index) => index % 2 === 0)
    .map((there, session) => {
      const back = streams[2 * session + 1]!;
      return new Judged(there, (number) =>
        back.receivedAt(number) - there.dueAt(number) <= GRACE ? undefined : 'late',
      );
    });
}

const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;

type Of<K extends Condition['kind']> = Extract<Condition, { kind: K }>;

/** Where and from when on a condition is judged. */
interface Where {
  lab: Lab;
  after: Instant;
}

/** How each kind of condition is judged. */
const holders: { [K in Condition['kind']]: (observer: Observer, condition: Of<K>, where: Where) => Holding } =
  {
    loss(observer, { probe, most, period }, { after }) {
      const { judgedUpTo } = observer;
      if (most === 0) {
        const last = Math.max(after, observer.lastImpaired(probe));
        if (judgedUpTo - last >= period) return { holds: true, since: last + 1 };
        const { share } = observer.loss(probe, 1e9);
        return { holds: false, why: share > 0 ? `loses ${percent(share)}` : 'not yet long enough' };
      }
      const { share, watched } = observer.loss(probe, period);
      if (watched && share < most) return { holds: true, since: judgedUpTo - period };
      return { holds: false, why: watched ? `loses ${percent(share)}` : 'not yet watched long enough' };
    },
    'loss-above'(observer, { probe, least, period }) {
      const { share, watched } = observer.loss(probe, period);
      if (watched && share > least) return { holds: true, since: observer.judgedUpTo - period };
      return { holds: false, why: `loses ${percent(share)}` };
    },
    path(observer, { probe, over }, { lab, after }) {
      const path = observer.path(probe, after);
      const wanted = findLink(lab.topology.links, over)?.link.name;
      const isThere = [...path].some((link) =>
        wanted === undefined ? lab.links.get(link)!.ends.some(({ node }) => node === over) : link === wanted,
      );
      if (isThere) return { holds: true, since: 0 };
      return {
        holds: false,
        why: path.size === 0 ? 'no link carries it' : `it goes over ${[...path].join(', ')}`,
      };
    },
    connected(observer, { probe }) {
      const track = observer.data.probes.get(probe)!;
      const { sessions } = track;
      const latest = new Map(sessions.map(({ session, what }) => [session, what]));
      const missing =
        connectionsOf(track) - [...latest.values()].filter((what) => what === 'connected').length;
      if (missing > 0) return { holds: false, why: `${missing} connections are missing` };
      return { holds: true, since: Math.max(...sessions.map(({ at }) => at)) };
    },
    watch(observer, { watch, active }) {
      const last = observer.data.signals.get(watch)?.at(-1);
      if (last?.unknown) return { holds: false, why: last.detail };
      const is = last?.active ?? false;
      return is === active
        ? { holds: true, since: 0 }
        : { holds: false, why: `it is ${is ? '' : 'not '}active` };
    },
  };
