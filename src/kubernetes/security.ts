import type { V1SecurityContext } from '@kubernetes/client-node';

/** What a container needs to build labs: see "Rights the pod needs" in docs/kubernetes.md, where each item has its reason. */
export const drilling: V1SecurityContext = {
  runAsUser: 0,
  allowPrivilegeEscalation: true,
  seccompProfile: { type: 'Unconfined' },
  appArmorProfile: { type: 'Unconfined' },
  capabilities: {
    drop: ['ALL'],
    add: [
      'CHOWN',
      'DAC_OVERRIDE',
      'KILL',
      'MKNOD',
      'NET_ADMIN',
      'NET_BIND_SERVICE',
      'NET_RAW',
      'SETGID',
      'SETUID',
      'SYS_ADMIN',
      'SYS_CHROOT',
      'SYS_NICE',
      'SYS_PTRACE',
    ],
  },
};

/** What a container needs that only waits. */
export const waiting: V1SecurityContext = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
