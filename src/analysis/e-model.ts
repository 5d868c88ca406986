/** What the E-model needs to know of a codec. */
export interface Codec {
  /** Equipment impairment factor, and robustness against lost packets (ITU-T G.113, appendix I). */
  ie: number;
  bpl: number;
  /** Time from a sound to the packet that carries it, nanoseconds: frames and look-ahead. */
  coding: number;
}

/** A codec that there are figures for. None are known of Opus in G.113, nor on the scales of G.107.1 and G.107.2. */
export type CodecName = 'g711' | 'g729';

/** Codecs with packets of 20 ms, and with their concealment of lost packets. */
export const codecs: Record<CodecName, Codec> = {
  g711: { ie: 0, bpl: 25.1, coding: 20e6 },
  g729: { ie: 11, bpl: 19, coding: 25e6 },
};

/** What a listener got. */
export interface Heard extends Pick<Codec, 'ie' | 'bpl'> {
  /** From mouth to ear, nanoseconds. */
  delay: number;
  /** Share of packets that were lost or came too late to be played. */
  loss: number;
  /** How much longer runs of lost packets are than if they were lost at random; 1 where they are as long. */
  burst: number;
}

/** Transmission rating factor (ITU-T G.107, everything but delay and loss at its default). */
export function rating({ ie, bpl, delay, loss, burst }: Heard): number {
  const d = delay / 1e6;
  const delayed = 0.024 * d + (d > 177.3 ? 0.11 * (d - 177.3) : 0);
  const percent = loss * 100;
  const equipment = ie + ((95 - ie) * percent) / (percent / burst + bpl);
  return 93.2 - delayed - equipment;
}

/** Mean opinion score of a rating, from 1 to 4.5 (ITU-T G.107, annex B). */
export function opinionScore(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating);
}
