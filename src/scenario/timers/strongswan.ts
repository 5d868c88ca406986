import { formatDuration } from '../units.js';
import type { Configuration, Timer } from './timer.js';

/** Defaults of strongswan.conf(5). */
const RETRANSMIT = { tries: 5, timeout: 4, base: 1.8 };

const SECONDS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** When charon gives a silent peer up: one request of dead peer detection, and all its retransmissions (strongswan.conf(5)). */
export function strongswanTimers(all: readonly Configuration[]): Timer[] {
  const text = all
    .filter(({ target }) => /swanctl|strongswan/.test(target))
    .map((one) => one.text.replace(/#.*/g, ''))
    .join('\n');
  if (!/\bconnections\s*\{/.test(text)) return [];
  const value = (key: keyof typeof RETRANSMIT) =>
    Number(new RegExp(`\\bretransmit_${key}\\s*=\\s*([\\d.]+)`).exec(text)?.[1] ?? RETRANSMIT[key]);
  const delays = [...text.matchAll(/\bdpd_delay\s*=\s*(\d+)\s*([smhd]?)/g)].map(
    ([, number, unit = '']) => Number(number) * SECONDS[unit]!,
  );
  if (!delays.some((delay) => delay > 0))
    return [
      { protocol: 'IKE', least: Number.POSITIVE_INFINITY, text: 'IKE without dpd_delay, which never asks' },
    ];
  const [timeout, base] = [value('timeout'), value('base')];
  let least = 0;
  for (let attempt = 0; attempt <= value('tries'); attempt++) least += timeout * base ** attempt * 1e9;
  return [{ protocol: 'IKE', least, text: `IKE retransmissions of ${formatDuration(least)} together` }];
}
