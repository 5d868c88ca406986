import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Calibration, Environment } from '../recording/events.js';

/** Where a machine's calibration is kept. */
const file = () =>
  join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'faildrill', 'calibration.json');

type Machine = Pick<Environment, 'faildrill' | 'kernel' | 'cpu' | 'cpus'>;

/** Keeps a calibration for the reports of drills on this machine. */
export function keepCalibration(calibration: Calibration, { faildrill, kernel, cpu, cpus }: Machine): void {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), `${JSON.stringify({ faildrill, kernel, cpu, cpus, calibration }, null, 2)}\n`);
}

/** The calibration that was made with this version on this kernel and processor; nothing where none was, or it cannot be read. */
export function keptCalibration(machine: Machine): Calibration | undefined {
  if (!existsSync(file())) return undefined;
  try {
    const kept = JSON.parse(readFileSync(file(), 'utf8')) as Machine & { calibration: Calibration };
    const keys = ['faildrill', 'kernel', 'cpu', 'cpus'] as const;
    return keys.every((key) => kept[key] === machine[key]) ? kept.calibration : undefined;
  } catch {
    return undefined;
  }
}
