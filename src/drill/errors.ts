/** The drill ends early because a condition of `abort-if` holds. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Somebody stopped the drill. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
