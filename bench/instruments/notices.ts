import { writePairScenario } from '../pair.js';
import { observedDrill } from './observed.js';

/** How often each thing happens. */
const TIMES = 200;

/** What a kind of watch made of what happened. */
export interface Noticed {
  watch: string;
  /** Instants of the signals less those of what they tell of, nanoseconds. */
  errors: number[];
  /** Signals whose bracket does not hold the instant. */
  outside: number;
}

const LOG = '/tmp/lines.log';
const TRUTH = '/tmp/truth.log';
const ADDRESS = '10.0.9.9';

/**
 * A process of a node that writes lines, takes an address and gives it up, and writes down between which instants of the drill's own clock
 * it did so. Its system calls return when the kernel has told those who listen.
 */
const ACTOR = `
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);
open(my $log, ">>", "${LOG}"); open(my $truth, ">>", "${TRUTH}"); $log->autoflush; $truth->autoflush;
socket(my $kernel, AF_INET, SOCK_DGRAM, 0);
sub bracket { my ($what, $act) = @_; my $from = clock_gettime(CLOCK_MONOTONIC); $act->();
  printf $truth "%s %.9f %.9f\\n", $what, $from, clock_gettime(CLOCK_MONOTONIC); sleep 0.02 + rand 0.03; }
for (1 .. ${TIMES}) {
  bracket("line", sub { print $log "line\\n" });
  my $held = pack("a16 S n a4 x8", "eth1:9", AF_INET, 0, inet_aton("${ADDRESS}"));
  bracket("held", sub { ioctl($kernel, 0x8916, $held) or die "address: $!" });
  my $gone = pack("a16 S x14", "eth1:9", 0);
  bracket("gone", sub { ioctl($kernel, 0x8914, $gone) or die "flags: $!" });
}`;

/** Has a process do what a `log` and an `address` watch look for, and compares their signals with when it did. */
export async function noticeChanges(folder: string): Promise<Noticed[]> {
  const file = writePairScenario(
    folder,
    'notices',
    `probes:
  app: { kind: udp, from: a, to: b, interval: 20ms }
watches:
  log: { kind: log, node: b, file: ${LOG}, match: line }
  address: { kind: address, node: b, address: ${ADDRESS} }
steps:
  - { inject: exec, node: b, command: "perl /tmp/actor.pl", undo: "true", as: acts }
  - hold: 500ms
targets:
  - packets_corrupted(app) = 0
`,
  );
  const { events, seen } = await observedDrill({
    file,
    folder,
    async look(lab) {
      const b = lab.nodes.get('b')!;
      await b.run({ argv: ['sh', '-c', `: > ${LOG}; cat > /tmp/actor.pl`], input: ACTOR });
      return async () => (await b.run({ argv: ['cat', TRUTH] })).stdout;
    },
  });
  const header = events.find((event) => event.k === 'recording');
  const anchor = header?.k === 'recording' ? BigInt(header.anchor.monotonic) : 0n;
  const instant = (seconds = '', fraction = '') =>
    Number(BigInt(seconds) * 1_000_000_000n + BigInt(fraction) - anchor);
  const truths = [...seen.matchAll(/^(\w+) (\d+)\.(\d+) (\d+)\.(\d+)$/gm)].map(([, what, ...times]) => ({
    what: what!,
    before: instant(times[0], times[1]),
    after: instant(times[2], times[3]),
  }));
  return (['log', 'address'] as const).map((watch) => {
    const signals = events.flatMap((event) => (event.k === 'signal' && event.watch === watch ? [event] : []));
    const own = truths.filter(({ what }) => (what === 'line') === (watch === 'log'));
    if (own.length === 0 || signals.length !== own.length)
      throw new Error(`${signals.length} signals of ${watch} for ${own.length} things that happened`);
    return {
      watch,
      errors: own.map((truth, index) => middle(signals[index]!) - middle(truth)),
      outside: own.filter(
        (truth, index) => signals[index]!.after < truth.before || signals[index]!.before > truth.after,
      ).length,
    };
  });
}

interface Bracket {
  before: number;
  after: number;
}

const middle = ({ before, after }: Bracket) => (before + after) / 2;
