import * as z from 'zod';

/** iperf3 printed no result: it was killed, or is not iperf3. */
export class NoIperf3Result extends Error {
  override readonly name = 'NoIperf3Result';
}

/** What one end saw in an interval. */
export interface Iperf3Figures {
  /** Seconds since the test began at that end. */
  start: number;
  end: number;
  bytes: number;
  /** Whether this end sent the data; else it received them. */
  isSender: boolean;
  /** Segments that TCP transmitted again; of the sending end. */
  retransmissions?: number;
  /** Smoothed round-trip time of TCP at the end of the interval, seconds; of streams, at the sending end. */
  rtt?: number;
  /** UDP packets; at the receiving end those that are missing as well. */
  packets?: number;
  lost?: number;
  /** Jitter of UDP as of RFC 1889, seconds; of the receiving end. */
  jitter?: number;
}

/** An interval: all streams of a direction together, and each. */
export interface Iperf3Interval extends Iperf3Figures {
  streams: Iperf3Figures[];
}

/** What one end of a test reported. */
export interface Iperf3Result {
  /** As `iperf 3.12`. */
  version: string;
  role: 'client' | 'server';
  /** Nothing where the test did not begin. */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /** Parallel streams, each direction. */
  streams: number;
  /** When the test began by this end's wall clock, whole seconds since 1970; iperf3 tells no more. */
  started?: number;
  /** What this end sent, and what it received, interval by interval. The times left out at the beginning (`--omit`) are not in it. */
  sent: Iperf3Interval[];
  received: Iperf3Interval[];
  /** Why the test did not come to its end, in the words of iperf3. The intervals up to then are there. */
  error?: string;
  /** Whether one of the ends was told to stop. */
  isInterrupted: boolean;
  /** What the other end reported, where it was asked to (`--get-server-output`). */
  server?: Iperf3Result;
}

const figures = z
  .object({
    start: z.number(),
    end: z.number(),
    bytes: z.number(),
    sender: z.boolean(),
    omitted: z.boolean().default(false),
    retransmits: z.number().optional(),
    rtt: z.number().optional(),
    packets: z.number().optional(),
    lost_packets: z.number().optional(),
    jitter_ms: z.number().optional(),
  })
  .transform(
    ({ start, end, bytes, sender, omitted, retransmits, rtt, packets, lost_packets, jitter_ms }) => ({
      omitted,
      figures: {
        start,
        end,
        bytes,
        isSender: sender,
        ...(retransmits !== undefined && { retransmissions: retransmits }),
        ...(rtt !== undefined && { rtt: rtt / 1e6 }),
        ...(packets !== undefined && { packets }),
        ...(lost_packets !== undefined && { lost: lost_packets }),
        ...(jitter_ms !== undefined && { jitter: jitter_ms / 1e3 }),
      } satisfies Iperf3Figures,
    }),
  );

const output = z.object({
  start: z.object({
    version: z.string(),
    connecting_to: z.unknown().optional(),
    timestamp: z.object({ timesecs: z.number() }).optional(),
    test_start: z.object({ protocol: z.enum(['TCP', 'UDP', 'SCTP']), num_streams: z.number() }).optional(),
  }),
  intervals: z
    .array(z.object({ streams: z.array(figures), sum: figures, sum_bidir_reverse: figures.optional() }))
    .default([]),
  error: z.string().optional(),
  server_output_json: z.unknown().optional(),
});
type Output = z.output<typeof output>;

/**
 * Reads what `iperf3 --json` printed, at either end.
 * @throws NoIperf3Result where it is no whole result
 */
export function parseIperf3(text: string): Iperf3Result {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const what = text.trim() === '' ? 'it printed nothing' : `it printed "${text.trim().slice(0, 80)}"`;
    throw new NoIperf3Result(`no result of iperf3 --json: ${what}`);
  }
  return resultOf(value);
}

function resultOf(value: unknown): Iperf3Result {
  const parsed = output.safeParse(value);
  if (!parsed.success)
    throw new NoIperf3Result(`no result of iperf3 --json: ${z.prettifyError(parsed.error)}`);
  const { start, error, server_output_json: server } = parsed.data;
  const intervals = intervalsOf(parsed.data);
  return {
    version: start.version,
    // Only a client that came to connect says where to; a server says who came.
    role: start.connecting_to === undefined ? 'server' : 'client',
    ...(start.test_start && { protocol: start.test_start.protocol }),
    streams: start.test_start?.num_streams ?? 0,
    ...(start.timestamp && { started: start.timestamp.timesecs }),
    sent: intervals.filter(({ isSender }) => isSender),
    received: intervals.filter(({ isSender }) => !isSender),
    ...(error !== undefined && { error: error.trim() }),
    isInterrupted: error !== undefined && /terminated|interrupt/.test(error),
    ...(server !== undefined && { server: resultOf(server) }),
  };
}

/** The intervals of both directions. An end that is interrupted prints its last interval a second time, which is left out. */
function intervalsOf({ intervals }: Output): Iperf3Interval[] {
  const latest = new Map<boolean, number>();
  return intervals.flatMap(({ streams, sum, sum_bidir_reverse: back }) =>
    [sum, back].flatMap((entry): Iperf3Interval[] => {
      if (!entry || entry.omitted) return [];
      const { isSender, start } = entry.figures;
      if (start <= (latest.get(isSender) ?? -1)) return [];
      latest.set(isSender, start);
      const own = streams.map(({ figures }) => figures).filter((stream) => stream.isSender === isSender);
      return [{ ...entry.figures, streams: own }];
    }),
  );
}
