/**
 * iperf3 with types: its command lines, and what it reports as JSON.
 *
 *     const { received, error } = await iperf3({ server: '192.0.2.1', direction: 'back', seconds: 5, interval: 0.1 });
 *     const goodput = received.map(({ bytes, start, end }) => (bytes * 8) / (end - start));
 *
 * A test that ends with an error, or that is interrupted, still has its intervals up to then.
 */
import { runInterruptibly } from '../linux/iperf3-command.js';
import { clientArguments, type Iperf3Options, serverArguments } from './arguments.js';
import { type Iperf3Result, parseIperf3 } from './result.js';

export { clientArguments, type Iperf3Options, serverArguments } from './arguments.js';
export {
  type Iperf3Figures,
  type Iperf3Interval,
  type Iperf3Result,
  NoIperf3Result,
  parseIperf3,
} from './result.js';

/**
 * Runs a test against a server.
 * @param signal ends it early; what was seen up to then is reported
 * @throws NoIperf3Result where iperf3 was killed; Error where it is not installed
 */
export const iperf3 = async (options: Iperf3Options, signal?: AbortSignal): Promise<Iperf3Result> =>
  parseIperf3(await runInterruptibly(clientArguments(options), signal));

/** Serves one test, and reports what this end saw of it; errors as of `iperf3`. */
export const serveIperf3 = async (
  options: Pick<Iperf3Options, 'port' | 'interval'> = {},
  signal?: AbortSignal,
): Promise<Iperf3Result> => parseIperf3(await runInterruptibly(serverArguments(options), signal));
