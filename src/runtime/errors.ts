/**
 * This machine, or this runtime on it, cannot do what was asked. Nothing is wrong with the scenario.
 * `hint` says what to do about it.
 */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly hint: string | undefined;
  constructor(message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** A topology has something that only a container can be: the containerlab runtime can run it. */
export class NeedsContainers extends CannotRun {}

/** The lab ended while it was needed. */
export class LabLost extends Error {
  override readonly name = 'LabLost';
}
