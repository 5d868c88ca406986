/** Things to dispose of together, last first: what `AsyncDisposableStack` is, which Node 20 lacks. */
export class CleanUp implements AsyncDisposable {
  #acts: (() => unknown)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(act: () => unknown): void {
    this.#acts.push(act);
  }

  /** Hands all of it over to a new owner. */
  move(): CleanUp {
    const moved = new CleanUp();
    moved.#acts = this.#acts;
    this.#acts = [];
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let act = this.#acts.pop(); act; act = this.#acts.pop()) {
      try {
        await act();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
