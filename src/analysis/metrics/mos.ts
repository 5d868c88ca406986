import { type CodecName, codecs, opinionScore, rating } from '../e-model.js';
import { best, exact, type Measurement, worst } from '../measurement.js';
import { type Played, played, windowsOf } from '../playout.js';
import { type Metric, probeOf, type Question, windowOf } from './metric.js';

/** What a voip probe says of itself in its scenario. */
interface Call {
  codec: string;
  'jitter-buffer': number;
}

/** A figure for each window of each call and direction. */
function eachWindow(question: Question, figure: (heard: Played, call: Call) => number): Measurement[] {
  const whole = windowOf(question);
  if (!whole) return [];
  const { id, streams } = probeOf(question);
  const call = question.data.scenario.probes[id] as unknown as Call;
  return streams.flatMap((stream) =>
    windowsOf(whole).flatMap((window) => {
      const heard = played(stream, window, call['jitter-buffer']);
      return heard ? [exact(figure(heard, call), stream.name)] : [];
    }),
  );
}

const isRated = (codec: string): codec is CodecName => Object.hasOwn(codecs, codec);

export const mos: Metric = {
  name: 'mos',
  description:
    'mean opinion score of the worst five seconds of the worst call and direction, from 1 to 4.4; of codecs that ITU-T G.113 has figures for, so not of Opus',
  source: 'ITU-T G.107, E-model',
  subject: 'voice',
  unit: 'number',
  from: 'trial',
  bySampling: false,
  prefers: 'more',
  refuses(probe) {
    const { codec } = probe as unknown as Call;
    return isRated(codec)
      ? undefined
      : `there is no mos of ${codec}: ITU-T G.113 has no figures of it for the E-model, and a score without them would be made up; limit voice_loss and one_way_delay, or call with codec: ${Object.keys(codecs).join(' or ')}`;
  },
  measure(question): Measurement[] {
    const { codec } = question.data.scenario.probes[question.subjects[0]!] as unknown as Call;
    if (!isRated(codec)) return [];
    const { coding, ...figures } = codecs[codec];
    const scores = eachWindow(question, ({ delay, ...heard }) =>
      opinionScore(rating({ ...figures, ...heard, delay: delay + coding })),
    );
    return scores.length === 0 ? [] : [best(scores)];
  },
};

export const voiceLoss: Metric = {
  name: 'voice_loss',
  description:
    'share of a call that was not played in the worst five seconds of the worst call and direction: packets that were lost, or came too late for the jitter buffer',
  source: 'RFC 3611 4.7.1, loss rate and discard rate',
  subject: 'voice',
  unit: 'share',
  from: 'trial',
  bySampling: false,
  measure(question): Measurement[] {
    const shares = eachWindow(question, ({ loss }) => loss);
    return shares.length === 0 ? [] : [worst(shares)];
  },
};
