import { errorFunction } from 'simple-statistics';

/** The chance that a standard normal variable is at most this, to seven digits. */
export const normalUpTo = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2;
