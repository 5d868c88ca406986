import { DROP, GET_PRANDOM_U32, loadProgram, NEXT, REDIRECT, SharedValue } from '../linux/bpf.js';
import { BpfProgram, type Register } from '../linux/bpf-program.js';
import { attachEgress, type Hook } from '../linux/egress.js';
import { close } from '../linux/libc.js';
import type { LossModel } from './loss.js';
import type { Match } from './match.js';
import { matchOneOrGo } from './match-program.js';

/** Marks of packets that were through gates: in the lower half the place of the last one. */
const MARK = 0x4e450000;
/** Where a packet's context has its mark (struct __sk_buff). */
const CONTEXT_MARK = 8;

/** What a gate does with the packets that it matches. */
export interface GateOrder {
  /** Loss that the kernel does by itself. */
  loss: LossModel;
  /** Interface that the others go to; 0 lets them pass. */
  redirect: number;
}

// The shared value: which bank is in force, the state of the loss model, counters of 64 bits, then two banks of parameters.
const BANK = 0;
const STATE = 4;
const LAST = 8;
const SEEN = 16;
const LOST = 24;
const BANKS = 32;
const BANK_SIZE = 32;
const [MODEL, FIRST, SECOND, THIRD, FOURTH, FIFTH, TARGET] = [0, 4, 8, 12, 16, 20, 24];

const models = { none: 0, random: 1, gemodel: 2, state: 3 } as const;

/** States of the four-state model, as sch_netem.c has them; of the other the good state is 0 and the bad one 1. */
const [GAP, BURST, LOST_IN_GAP, LOST_IN_BURST] = [0, 1, 2, 3];

const RESULT: Register = 0;
const CONTEXT: Register = 6;
const SHARED: Register = 7;
const ORDER: Register = 8;

/**
 * A program in the kernel that sees what an interface sends: packets that match are lost by a model, or go to another interface, the rest
 * pass untouched. It costs no process anything, changes by one store to memory, and the kernel removes it with its descriptors.
 */
export class Gate implements Disposable {
  readonly #value = new SharedValue(BANKS + 2 * BANK_SIZE);
  readonly #program: number;
  readonly #attached: Disposable;
  #bank = 0;

  /** Put on a packet that comes from where this gate sent it, so that this gate and those before it let it pass. */
  readonly mark: number;

  /**
   * Attaches it to an interface of the calling thread's network namespace, after those that are there; until it gets an order all passes.
   * @param matches what it is about, one of them at least; everything where there is none
   * @param place its number among the gates of the interface, from 1
   * @param hook where to put it; without it wherever this kernel takes it
   * @throws SystemError where this kernel has no such programs
   */
  constructor(options: { index: number; place: number; matches: readonly Match[]; hook?: Hook | undefined }) {
    const { place } = options;
    this.mark = MARK + place;
    this.#program = loadProgram(programOf({ ...options, map: this.#value.descriptor }));
    this.#attached = attachEgress({ ...options, program: this.#program });
  }

  /** Puts an order in force, at the instant of one store. */
  set({ loss, redirect }: GateOrder): void {
    this.#bank = 1 - this.#bank;
    const { words } = this.#value.memory;
    const start = (BANKS + this.#bank * BANK_SIZE) / 4;
    words.fill(0, start, start + BANK_SIZE / 4);
    words.set([models[loss.model], ...numbersOf(loss)], start);
    words[start + TARGET / 4] = redirect;
    words[STATE / 4] = GAP;
    words[LAST / 4] = 0;
    Atomics.store(words, BANK / 4, this.#bank);
  }

  /** Packets that it matched, and that it lost. */
  get counters(): { packets: number; lost: number } {
    const read = (offset: number) => Number(this.#value.memory.view.getBigUint64(offset, true));
    return { packets: read(SEEN), lost: read(LOST) };
  }

  [Symbol.dispose](): void {
    this.#attached[Symbol.dispose]();
    close(this.#program);
    this.#value[Symbol.dispose]();
  }
}

/** A model's numbers in the order in which the program reads them; sums stay within 32 bits. */
function numbersOf(loss: LossModel): number[] {
  const sum = (a: number, b: number) => Math.min(0xffffffff, a + b);
  switch (loss.model) {
    case 'none':
      return [];
    case 'random':
      return [loss.most, Math.round(loss.correlation * 0xffffffff)];
    case 'gemodel':
      return [loss.toBad, loss.toGood, loss.keptInBad, loss.lostInGood];
    case 'state':
      return [loss.p14, sum(loss.p13, loss.p14), loss.p23, loss.p32, sum(loss.p31, loss.p32)];
  }
}

/** The program of a gate; the models are those of `startLoss`. */
function programOf(options: { map: number; place: number; matches: readonly Match[] }): Buffer {
  const { map, place, matches } = options;
  const program = new BpfProgram();
  const draw = () => program.call(GET_PRANDOM_U32);
  const below = (offset: number, label: string) =>
    program.load(1, ORDER, offset).jump('lt', RESULT, { register: 1 }, label);
  program.alu('mov', CONTEXT, { register: 1 }).mapValue(SHARED, map);
  program.load(1, CONTEXT, CONTEXT_MARK).alu('mov', 2, { register: 1 }).alu('and', 2, -0x10000);
  program
    .jump('ne', 2, MARK, 'new')
    .alu('and', 1, 0xffff)
    .jump('gt', 1, place - 1, 'pass')
    .label('new');
  if (matches.length > 0) matchOneOrGo(program, matches, 'pass');
  program.load(1, SHARED, BANK).alu('and', 1, 1).alu('lsh', 1, 5);
  program.alu('mov', ORDER, { register: SHARED }).alu('add', ORDER, { register: 1 }).alu('add', ORDER, BANKS);
  program.alu('mov', 1, 1).count(SHARED, SEEN, 1);
  program.load(1, ORDER, MODEL);
  for (const name of ['random', 'gemodel', 'state'] as const) program.jump('eq', 1, models[name], name);

  program
    .label('forward')
    .load(1, ORDER, TARGET)
    .jump('eq', 1, 0, 'pass')
    .alu('mov', 2, 0)
    .call(REDIRECT)
    .exit();
  program.label('pass').exit(NEXT);
  program.label('lose').alu('mov', 1, 1).count(SHARED, LOST, 1).exit(DROP);

  program.label('random');
  draw().load(1, ORDER, SECOND).jump('eq', 1, 0, 'judge');
  // (draw * (2^32 - correlation) + last * correlation) / 2^32
  program
    .alu('mov', 2, 1)
    .alu('lsh', 2, 32)
    .alu('sub', 2, { register: 1 })
    .alu('mul', RESULT, { register: 2 });
  program.load(2, SHARED, LAST).alu('mul', 2, { register: 1 }).alu('add', RESULT, { register: 2 });
  program.alu('rsh', RESULT, 32).store(SHARED, LAST, { register: RESULT });
  program.label('judge').load(1, ORDER, FIRST).jump('le', RESULT, { register: 1 }, 'lose').go('forward');

  program.label('gemodel').load(1, SHARED, STATE).jump('ne', 1, 0, 'bad');
  draw().load(1, ORDER, FIRST).jump('le', 1, { register: RESULT }, 'good').store(SHARED, STATE, 1);
  program.label('good');
  draw();
  below(FOURTH, 'lose').go('forward');
  program.label('bad');
  draw().load(1, ORDER, SECOND).jump('le', 1, { register: RESULT }, 'still bad').store(SHARED, STATE, 0);
  program.label('still bad');
  draw().load(1, ORDER, THIRD).jump('gt', RESULT, { register: 1 }, 'lose').go('forward');

  program.label('state');
  draw().load(2, SHARED, STATE);
  program
    .jump('eq', 2, BURST, 'burst')
    .jump('eq', 2, LOST_IN_BURST, 'lost in burst')
    .jump('eq', 2, LOST_IN_GAP, 'to gap');
  below(FIRST, 'single');
  below(SECOND, 'to lost in burst').go('forward');
  program.label('burst');
  below(THIRD, 'to lost in burst').go('forward');
  program.label('lost in burst');
  below(FOURTH, 'to burst');
  below(FIFTH, 'to gap').go('lose');
  program.label('single').store(SHARED, STATE, LOST_IN_GAP).go('lose');
  program.label('to lost in burst').store(SHARED, STATE, LOST_IN_BURST).go('lose');
  program.label('to burst').store(SHARED, STATE, BURST).go('forward');
  program.label('to gap').store(SHARED, STATE, GAP).go('forward');
  return program.assemble();
}
