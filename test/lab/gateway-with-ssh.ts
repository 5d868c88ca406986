import type { Lab } from '../../src/runtime/runtime.js';
import { sh } from './labs.js';

/**
 * A router as a vendor's, with OpenSSH's server: its administrator gets the router's command line (vtysh) and no shell. A host manages it, a
 * neighbor speaks OSPF with it.
 */
export const WITH_SSH = `name: ssh
topology:
  kinds: { linux: { image: faildrill/gateway } }
  nodes:
    manager: { image: faildrill/host }
    gateway:
      binds: [daemons:/etc/frr/daemons:ro, gateway.conf:/etc/frr/frr.conf:ro, ssh.conf:/run/ssh.conf:ro, start-ssh:/run/start-ssh:ro]
      exec: [sh /run/start-ssh]
    neighbor: { binds: [daemons:/etc/frr/daemons:ro, neighbor.conf:/etc/frr/frr.conf:ro] }
  links:
    - { endpoints: [manager:eth1, gateway:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }
    - { endpoints: [gateway:eth2, neighbor:eth1], ipv4: [10.0.2.1/24, 10.0.2.2/24] }
`;

export const PASSWORD = 'not-in-the-recording-7d1f';

const router = (own: number) => `router ospf
 ospf router-id 10.0.0.${own}
 network 10.0.2.0/24 area 0
${[1, 2].map((n) => `interface eth${n}\n ip ospf network point-to-point\n ip ospf hello-interval 1\n ip ospf dead-interval 2`).join('\n')}
`;

/** Shells of the gateway's users: the router's command line, a shell of Linux, and one that never shows a prompt. */
const SHELLS = { admin: '/usr/bin/vtysh', tester: '/bin/bash', mute: '/usr/bin/cat' };

const START = `set -e
mkdir -p /run/sshd /run/keys
for key in host user; do ssh-keygen -q -t ed25519 -N '' -f /run/keys/$key; done
${Object.entries(SHELLS)
  .map(
    ([name, shell]) =>
      `useradd --no-create-home --home-dir / --groups frrvty --shell ${shell} --password "$(openssl passwd -6 ${PASSWORD})" ${name}`,
  )
  .join('\n')}
/usr/sbin/sshd -f /run/ssh.conf
`;

const SSHD = `HostKey /run/keys/host
AuthorizedKeysFile /run/keys/user.pub
PidFile /run/sshd/pid
UsePAM no
StrictModes no
PrintMotd no
`;

/** The files that the topology binds. */
export const WITH_SSH_FILES = {
  daemons: `zebra_options="-A 127.0.0.1"\nospfd=yes\nvtysh_enable=yes\n`,
  'gateway.conf': router(1),
  'neighbor.conf': router(2),
  'ssh.conf': SSHD,
  'start-ssh': START,
};

/** Waits until the neighbor is there. Returns the fingerprint of the server's key, and a private key that may log in. */
export async function readySsh(lab: Lab): Promise<{ fingerprint: string; key: string }> {
  await sh(lab, 'gateway', "until vtysh -c 'show ip ospf neighbor' | grep -q Full; do sleep 0.1; done");
  const [, fingerprint = ''] = (await sh(lab, 'gateway', 'ssh-keygen -l -f /run/keys/host.pub')).split(' ');
  return { fingerprint, key: await sh(lab, 'gateway', 'cat /run/keys/user') };
}
