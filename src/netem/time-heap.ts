/** Packets by the time they are due, those of the same time in the order they came. Grows; allocates nothing else. */
export class TimeHeap {
  #times = new Float64Array(1024);
  #orders = new Float64Array(1024);
  #packets = new Int32Array(1024);
  #size = 0;
  #pushed = 0;

  get size(): number {
    return this.#size;
  }

  /** When the first is due; infinity where there is none. */
  get first(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!;
  }

  push(time: number, packet: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const order = this.#pushed++;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#times[parent]! <= time) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#set(hole, time, order, packet);
  }

  /** Takes out the first; there must be one. */
  pop(): number {
    const packet = this.#packets[0]!;
    const last = --this.#size;
    const time = this.#times[last]!;
    const order = this.#orders[last]!;
    const moved = this.#packets[last]!;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(child + 1, this.#times[child]!, this.#orders[child]!)) child++;
      if (!this.#isBefore(child, time, order)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#set(hole, time, order, moved);
    return packet;
  }

  #isBefore(index: number, time: number, order: number): boolean {
    const own = this.#times[index]!;
    return own < time || (own === time && this.#orders[index]! < order);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from]!, this.#orders[from]!, this.#packets[from]!);
  }

  #set(index: number, time: number, order: number, packet: number): void {
    this.#times[index] = time;
    this.#orders[index] = order;
    this.#packets[index] = packet;
  }

  #grow(): void {
    const grown = <T extends Float64Array | Int32Array>(old: T, bigger: T): T => {
      bigger.set(old);
      return bigger;
    };
    const size = 2 * this.#times.length;
    this.#times = grown(this.#times, new Float64Array(size));
    this.#orders = grown(this.#orders, new Float64Array(size));
    this.#packets = grown(this.#packets, new Int32Array(size));
  }
}
