import { formatDuration } from '../units.js';
import type { Configuration, Timer } from './timer.js';

/** When OpenVPN gives a silent peer up: `keepalive`, doubled on a server, or `ping-restart`; less the time since the last ping (openvpn(8)). */
export function openvpnTimers({ target, text }: Configuration): Timer[] {
  if (!/openvpn/.test(target)) return [];
  const value = (key: string) => new RegExp(`^\\s*${key}\\s+(\\d+)(?:\\s+(\\d+))?`, 'm').exec(text);
  const keepalive = value('keepalive');
  const isServer = /^\s*(?:server|mode\s+server)\b/m.test(text);
  const ping = Number(keepalive?.[1] ?? value('ping')?.[1] ?? 0);
  const restart = keepalive
    ? Number(keepalive[2]) * (isServer ? 2 : 1)
    : Number(value('ping-restart')?.[1] ?? value('ping-exit')?.[1] ?? 0);
  if (restart === 0) return [];
  const least = Math.max(0, restart - ping) * 1e9;
  return [
    {
      protocol: 'OpenVPN',
      least,
      text: `OpenVPN restarts after ${formatDuration(restart * 1e9)} of silence`,
    },
  ];
}
