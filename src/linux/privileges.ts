import { readFileSync } from 'node:fs';

/** Capabilities that making a lab takes, by their bits (capability.h). */
const NEEDED = {
  CAP_DAC_OVERRIDE: 1n,
  CAP_NET_ADMIN: 12n,
  CAP_SYS_CHROOT: 18n,
  CAP_SYS_ADMIN: 21n,
  CAP_MKNOD: 27n,
} as const;

/** What this process lacks to make a lab, as a sentence; nothing where it may. */
export function lackingPrivileges(): string | undefined {
  if (process.getuid?.() !== 0) return 'labs are made of namespaces, which takes root';
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const lacking = Object.entries(NEEDED).filter(([, bit]) => ((BigInt(`0x${effective}`) >> bit) & 1n) === 0n);
  if (lacking.length === 0) return undefined;
  const names = lacking.map(([name]) => name).join(' and ');
  return `labs are made of namespaces, which takes ${names}; a container has that when it is privileged`;
}
