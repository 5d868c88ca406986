import type { Impairment } from './impairment.js';
import { Correlated, type Random, threshold } from './random.js';

/** Says for one packet after the other whether it is lost. */
export type Loss = () => boolean;

/** The numbers of a loss model as netem's kernel part has them, and the eBPF program here: thresholds of 32-bit draws. */
export type LossModel =
  | { model: 'none' }
  | { model: 'random'; most: number; correlation: number }
  | { model: 'gemodel'; toBad: number; toGood: number; keptInBad: number; lostInGood: number }
  | { model: 'state'; p13: number; p31: number; p32: number; p14: number; p23: number };

/** The loss model of an impairment. */
export function lossModel({ loss }: Pick<Impairment, 'loss'>): LossModel {
  if (!loss) return { model: 'none' };
  if ('gemodel' in loss) {
    const { p, r, '1-h': inBad, '1-k': inGood } = loss.gemodel;
    return {
      model: 'gemodel',
      toBad: threshold(p),
      toGood: threshold(r ?? 1 - p),
      keptInBad: threshold(1 - inBad),
      lostInGood: threshold(inGood),
    };
  }
  if ('state' in loss) {
    const { p13, p31, p32, p23, p14 } = loss.state;
    return {
      model: 'state',
      p13: threshold(p13),
      p31: threshold(p31 ?? 1 - p13),
      p32: threshold(p32),
      p14: threshold(p14),
      p23: threshold(p23),
    };
  }
  return loss.percent === 0
    ? { model: 'none' }
    : { model: 'random', most: threshold(loss.percent), correlation: loss.correlation };
}

/** Starts a loss model in its first state (sch_netem.c, loss_event). */
export function startLoss(model: LossModel, random: Random): Loss {
  if (model.model === 'none') return () => false;
  if (model.model === 'random') {
    const draws = new Correlated(random, model.correlation);
    return () => draws.draw() <= model.most;
  }
  return model.model === 'gemodel' ? gilbertElliott(model, random) : fourStates(model, random);
}

function gilbertElliott(
  { toBad, toGood, keptInBad, lostInGood }: Extract<LossModel, { model: 'gemodel' }>,
  random: Random,
): Loss {
  let isBad = false;
  return () => {
    // What the packet meets is the state before its own draw.
    if (isBad) {
      if (random.draw() < toGood) isBad = false;
      return random.draw() > keptInBad;
    }
    if (random.draw() < toBad) isBad = true;
    return random.draw() < lostInGood;
  };
}

function fourStates(
  { p13, p31, p32, p14, p23 }: Extract<LossModel, { model: 'state' }>,
  random: Random,
): Loss {
  let state: 'gap' | 'burst' | 'lost in burst' | 'lost in gap' = 'gap';
  return () => {
    const draw = random.draw();
    switch (state) {
      case 'gap':
        if (draw < p14) state = 'lost in gap';
        else if (draw < p13 + p14) state = 'lost in burst';
        break;
      case 'burst':
        if (draw < p23) state = 'lost in burst';
        break;
      case 'lost in burst':
        if (draw < p32) state = 'burst';
        else if (draw < p31 + p32) state = 'gap';
        break;
      case 'lost in gap':
        state = 'gap';
        break;
    }
    return state === 'lost in gap' || state === 'lost in burst';
  };
}
