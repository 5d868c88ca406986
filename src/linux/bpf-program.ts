/** Registers of eBPF: results in 0, arguments in 1 to 5, kept over calls 6 to 9, the stack's end in 10. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** A second operand: a register, or a signed 32-bit number. */
export type Operand = { register: Register } | number;

// Instruction classes and modes, as the kernel's Documentation/bpf/standardization/instruction-set.rst has them.
const LD_IMMEDIATE_64 = 0x18;
const LD_INDIRECT = 0x40;
const LOAD = 0x61;
const STORE = 0x63;
const STORE_IMMEDIATE = 0x62;
const ATOMIC_ADD_64 = 0xdb;
const ALU_64 = 0x07;
const JUMP = 0x05;
const JUMP_32 = 0x06;
const FROM_REGISTER = 0x08;
const CALL = 0x85;
const EXIT = 0x95;
const MAP_VALUE = 2;

const operations = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  mov: 0xb0,
} as const;
const comparisons = { eq: 0x10, gt: 0x20, ne: 0x50, lt: 0xa0, le: 0xb0 } as const;
const sizes = { 1: 0x10, 2: 0x08, 4: 0x00 } as const;

/** Writes an eBPF program, with labels to jump to. */
export class BpfProgram {
  readonly #instructions: { code: number; registers: number; offset: number; immediate: number }[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { at: number; label: string }[] = [];

  #add(code: number, { to = 0, from = 0, offset = 0, immediate = 0 } = {}): this {
    this.#instructions.push({ code, registers: to | (from << 4), offset, immediate });
    return this;
  }

  /** Arithmetic on 64 bits. */
  alu(operation: keyof typeof operations, to: Register, by: Operand): this {
    const code = ALU_64 | operations[operation];
    return typeof by === 'number'
      ? this.#add(code, { to, immediate: by })
      : this.#add(code | FROM_REGISTER, { to, from: by.register });
  }

  /** Loads 32 bits from memory. */
  load(to: Register, from: Register, offset: number): this {
    return this.#add(LOAD, { to, from, offset });
  }

  /** Stores 32 bits. */
  store(to: Register, offset: number, value: Operand): this {
    return typeof value === 'number'
      ? this.#add(STORE_IMMEDIATE, { to, offset, immediate: value })
      : this.#add(STORE, { to, from: value.register, offset });
  }

  /** Adds a register to 64 bits of memory that other processors may add to as well. */
  count(to: Register, offset: number, by: Register): this {
    return this.#add(ATOMIC_ADD_64, { to, from: by, offset });
  }

  /** The address of a map's value. */
  mapValue(to: Register, map: number): this {
    this.#add(LD_IMMEDIATE_64, { to, from: MAP_VALUE, immediate: map });
    return this.#add(0);
  }

  /** Loads 1, 2 or 4 bytes of the packet, at a register's value plus an offset, into register 0; needs the context in register 6. */
  packet(size: keyof typeof sizes, at: Register, offset: number): this {
    return this.#add(LD_INDIRECT | sizes[size], { from: at, immediate: offset });
  }

  /** Jumps to a label where an unsigned comparison holds. */
  jump(comparison: keyof typeof comparisons, left: Register, right: Operand, label: string): this {
    this.#jumps.push({ at: this.#instructions.length, label });
    const code = comparisons[comparison];
    return typeof right === 'number'
      ? this.#add(JUMP_32 | code, { to: left, immediate: right })
      : this.#add(JUMP | code | FROM_REGISTER, { to: left, from: right.register });
  }

  go(label: string): this {
    this.#jumps.push({ at: this.#instructions.length, label });
    return this.#add(JUMP);
  }

  label(name: string): this {
    this.#labels.set(name, this.#instructions.length);
    return this;
  }

  call(helper: number): this {
    return this.#add(CALL, { immediate: helper });
  }

  /** Ends the program with a result. */
  exit(result?: number): this {
    if (result !== undefined) this.alu('mov', 0, result);
    return this.#add(EXIT);
  }

  get length(): number {
    return this.#instructions.length;
  }

  /** The program as the kernel takes it. */
  assemble(): Buffer {
    for (const { at, label } of this.#jumps) {
      const target = this.#labels.get(label);
      if (target === undefined) throw new Error(`there is no label ${label}`);
      this.#instructions[at]!.offset = target - at - 1;
    }
    const code = Buffer.alloc(8 * this.#instructions.length);
    for (const [index, { code: operation, registers, offset, immediate }] of this.#instructions.entries()) {
      code.writeUInt8(operation, 8 * index);
      code.writeUInt8(registers, 8 * index + 1);
      code.writeInt16LE(offset, 8 * index + 2);
      code.writeInt32LE(immediate | 0, 8 * index + 4);
    }
    return code;
  }
}
