import { setTimeout as sleep } from 'node:timers/promises';
import { clientArguments, serverArguments } from '../iperf3/arguments.js';
import { type Iperf3Interval, type Iperf3Result, NoIperf3Result, parseIperf3 } from '../iperf3/result.js';
import type { Bracket, Clock, Instant } from '../linux/clock.js';
import type { CommandOutcome, Node } from '../runtime/runtime.js';
import type { Iperf3Parameters } from './iperf3-parameters.js';
import { portsOf } from './ports.js';
import type { HostedProbe, ProbeData, ProbeSetup, SessionEvent, Stream, TransferData, Way } from './probe.js';

/** Bytes of data in a packet: a full segment on Ethernet, and what is asked of UDP. */
export const PACKET = 1448;

/** Time between two reports, seconds: the least that iperf3 has. */
const INTERVAL = 0.1;

/** Time for the server to listen, and the pause after a test that did not come about, milliseconds. */
const SETTLE = 200;

/** How long an end may take to see that the other one is gone, milliseconds; then it is told to end. */
const LEAVE = 1000;

/** What an end reports of an interval, and what of it is kept, bytes at most. iperf3 reports at the end of a test. */
const REPORT = 1000;
const MOST_REPORT = 12e6;

/** Tests of iperf3 one after the other, each as long as it goes. */
export class Iperf3Runs implements HostedProbe {
  readonly streams: readonly Stream[];
  readonly #options: Readonly<{
    setup: ProbeSetup<Iperf3Parameters>;
    nodes: { from: Node; to: Node };
    clock: Clock;
    ways: readonly Way[];
  }>;
  readonly #running: Promise<void>;
  #transfers: TransferData[] = [];
  #events: SessionEvent[] = [];
  #ended = false;
  /** When the client was told to end. */
  #told: Instant | undefined;

  constructor(options: {
    setup: ProbeSetup<Iperf3Parameters>;
    nodes: { from: Node; to: Node };
    clock: Clock;
    ways: readonly Way[];
  }) {
    this.#options = options;
    this.streams = options.ways.map((way) => ({ flow: 0, way, start: options.setup.start }));
    this.#running = this.#keepRunning();
  }

  async #keepRunning(): Promise<void> {
    while (!this.#ended) {
      try {
        if (await this.#test()) continue;
      } catch (error) {
        this.#tell('refused', (error as Error).message);
      }
      if (!this.#ended) await sleep(SETTLE);
    }
  }

  /** Makes one test; whether there was one. */
  async #test(): Promise<boolean> {
    const { setup, nodes, ways } = this.#options;
    const { protocol, direction, flows, rate, timeout } = setup.parameters;
    const port = portsOf(setup.index).server;
    const serving = nodes.to.run({ argv: serverArguments({ port, interval: INTERVAL }) });
    await sleep(SETTLE);
    if (this.#ended) {
      await this.#interrupt('to', 'server');
      await serving;
      return false;
    }
    // A client that asks another program, which has the port, may wait for ever.
    let deserted: NodeJS.Timeout | undefined;
    void serving.then(
      () => {
        deserted = setTimeout(() => void this.#interrupt('from', 'client'), LEAVE);
      },
      () => {},
    );
    const client = await nodes.from.run({
      argv: clientArguments({
        ...{ server: setup.to.address, port, protocol, streams: flows, rate, interval: INTERVAL },
        direction: direction === 'there' ? 'forth' : direction,
        seconds: Math.floor((MOST_REPORT / (REPORT * (flows * ways.length + 2))) * INTERVAL),
        timeout: timeout / 1e9,
        ...(protocol === 'udp' && { length: PACKET }),
      }),
    });
    const leaving = setTimeout(() => void this.#interrupt('to', 'server'), LEAVE);
    const server = await serving.finally(() => clearTimeout(leaving));
    clearTimeout(deserted);
    const [asked, served] = [resultOf(client), resultOf(server)];
    const [told, began] = [this.#told, client.before];
    // The last interval of a client that is interrupted ends when it is.
    const end = asked?.received.at(-1)?.end;
    const since = told !== undefined && asked?.isInterrupted && end !== undefined ? told - end * 1e9 : began;
    this.#note('there', served?.received ?? [], { before: began, after: server.after });
    this.#note('back', asked?.received ?? [], { before: Math.max(began, since), after: client.after });
    const unserved = served?.protocol === undefined && !served?.isInterrupted ? served?.error : undefined;
    const error = unserved ?? (asked ? asked.error : client.stderr.trim() || 'it printed nothing');
    const isThere = (asked?.sent.length ?? 0) + (asked?.received.length ?? 0) > 0;
    if (error !== undefined && !this.#ended) this.#tell(isThere ? 'broken' : 'refused', error);
    return isThere;
  }

  /**
   * Notes what an end received.
   * @param when the earliest that its test may have begun, and the end of its process: all of the test lies before that
   */
  #note(way: Way, intervals: readonly Iperf3Interval[], { before, after }: Bracket): void {
    const stream = this.#options.ways.indexOf(way);
    const [first, last] = [intervals[0], intervals.at(-1)];
    if (stream < 0 || !first || !last) return;
    const latest = after - last.end * 1e9;
    const instant = (seconds: number) => Math.round(latest + seconds * 1e9);
    this.#transfers.push({
      stream,
      from: instant(first.start),
      at: intervals.map(({ end }) => instant(end)),
      early: Math.max(0, Math.round(latest - before)),
      received: intervals.map(({ bytes }) => bytes),
    });
  }

  #tell(what: SessionEvent['what'], detail: string): void {
    this.#events.push({ session: 0, connection: 0, what, at: this.#options.clock.now(), detail });
  }

  async #interrupt(end: 'from' | 'to', role: 'client' | 'server'): Promise<Instant | undefined> {
    const { setup, nodes } = this.#options;
    const cmdline = `iperf3 --${role} .*--port ${portsOf(setup.index).server} `;
    return nodes[end].signal({ cmdline }, 'SIGINT').then(
      ({ before }) => before,
      () => undefined,
    );
  }

  take(): ProbeData {
    const data = { streams: [], transfers: this.#transfers, sessions: this.#events, foreign: 0, dropped: 0 };
    this.#transfers = [];
    this.#events = [];
    return data;
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#told = await this.#interrupt('from', 'client');
    // One that was only just being started was not there yet.
    const again = setInterval(() => void this.#interrupt('from', 'client'), LEAVE);
    await this.#running.finally(() => clearInterval(again));
  }
}

/** What a command printed, or nothing where it is no result. */
function resultOf({ stdout }: CommandOutcome): Iperf3Result | undefined {
  try {
    return parseIperf3(stdout);
  } catch (error) {
    if (error instanceof NoIperf3Result) return undefined;
    throw error;
  }
}
