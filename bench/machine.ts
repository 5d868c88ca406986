import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Share of its processors' time that this machine may be busy with other things before its figures are doubted. */
const QUIET = 0.05;

/** How long to wait for a quiet machine, milliseconds. */
const PATIENCE_MS = 60_000;

/** What this machine is, in one line. */
export function machine(): string {
  const [first] = cpus();
  return [
    `${first?.model ?? 'unknown CPU'}, ${cpus().length} cores`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    `load ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}`,
  ].join('; ');
}

/** Time that all processors together were idle since the machine started, seconds. Counted by the idle loop, not by sampling. */
export function idleSeconds(): number {
  const [, , , , idle = 0, waiting = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .map(Number);
  return (idle + waiting) / 100;
}

/** Share of the processors' time that is used, over a while. */
async function busyShare(milliseconds: number): Promise<number> {
  const [idle, start] = [idleSeconds(), performance.now()];
  await sleep(milliseconds);
  const seconds = (performance.now() - start) / 1000;
  return Math.max(0, 1 - (idleSeconds() - idle) / seconds / cpus().length);
}

/**
 * Waits until nothing else uses the machine.
 * @returns how busy it is with other things all the same, in words; nothing where it is not
 */
export async function quietMachine(): Promise<string | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const busy = await busyShare(1000);
    if (busy <= QUIET) return undefined;
    if (performance.now() > deadline) return `${(busy * 100).toFixed(0)} % busy with other things`;
  }
}
