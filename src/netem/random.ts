import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const WORD = 2 ** 32;

/** Draws of 32 bits, the same ones for the same seed. */
export class Random {
  readonly #generator;
  /** @param seed whole number */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from 0 to 2^32 - 1. */
  draw(): number {
    return this.#generator.next() >>> 0;
  }
}

/** A chance as netem keeps it: what a draw must not exceed. */
export const threshold = (share: number): number => Math.min(WORD - 1, Math.round(share * (WORD - 1)));

/** Draws that depend on the one before (sch_netem.c, get_crandom). */
export class Correlated {
  readonly #random: Random;
  readonly #weight: number;
  #last = 0;

  /** @param correlation from 0 to 1 */
  constructor(random: Random, correlation: number) {
    this.#random = random;
    this.#weight = correlation;
  }

  draw(): number {
    const value = this.#random.draw();
    if (this.#weight === 0) return value;
    this.#last = Math.floor(value * (1 - this.#weight) + this.#last * this.#weight);
    return this.#last;
  }
}
