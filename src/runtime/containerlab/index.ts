import type { Runtime } from '../runtime.js';
import { attachLab } from './attached-lab.js';
import { deployLab } from './containerlab-lab.js';

/** Labs of containers, made by containerlab: any kind that it knows, vendors' gateways included. */
export const containerlabRuntime: Runtime = {
  name: 'containerlab',
  // Whether containerlab and Docker answer is only known when they are asked.
  check() {},
  deploy: deployLab,
};

/** A lab that containerlab has up already; it is left as it was. */
export const attachedRuntime: Runtime = { ...containerlabRuntime, deploy: attachLab };
