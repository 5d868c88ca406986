import { formatDuration } from '../units.js';
import type { Configuration, Timer } from './timer.js';

/** Defaults of keepalived.conf(5). */
const ADVERT = 1;
const PRIORITY = 100;

/**
 * When a backup takes over from a silent master: three advertisements and a skew by its own priority (RFC 5798 6.1; version 2: RFC 3768 6.1), less
 * the time since the last one.
 */
export function keepalivedTimers({ text }: Configuration): Timer[] {
  const clean = text.replace(/[#!].*/g, '');
  const isThird = /\bvrrp_version\s+3\b/.test(clean);
  return clean
    .split(/\bvrrp_instance\s+/)
    .slice(1)
    .map((instance) => {
      const [name = ''] = instance.split(/[\s{]/);
      const value = (key: string, usual: number) =>
        Number(new RegExp(`\\b${key}\\s+([\\d.]+)`).exec(instance)?.[1] ?? usual);
      const advert = value('advert_int', ADVERT) * 1e9;
      const skew = ((256 - value('priority', PRIORITY)) / 256) * (isThird ? advert : 1e9);
      const addresses = [
        ...instance.matchAll(/^\s*(?:virtual_ipaddress\w*\s*\{\s*)?([\da-f.:]+)\/\d+/gm),
      ].map(([, address]) => address!);
      return {
        protocol: 'VRRP' as const,
        least: 2 * advert + skew,
        text: `VRRP ${name}: 3 × ${formatDuration(advert)} and a skew of ${formatDuration(skew)}`,
        addresses,
      };
    });
}
