/** From one figure to another, both included; either may be infinite. */
export interface Interval {
  lower: number;
  upper: number;
}

/** Confidence that reports state, where nothing else is said. */
export const CONFIDENCE = 0.95;
