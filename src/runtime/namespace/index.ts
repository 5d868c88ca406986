import type { Runtime } from '../runtime.js';
import { checkLaunch, launchSupervisor } from './launch.js';
import { NamespaceLab } from './namespace-lab.js';
import { planLab } from './plan-lab.js';

/** Labs of Linux namespaces over the machine's own root: no daemon, no image, no registry. */
export const namespaceRuntime: Runtime = {
  name: 'namespace',
  check(topology) {
    planLab(topology);
    checkLaunch(topology.name);
  },
  async deploy({ topology, clock }) {
    const plan = planLab(topology);
    await launchSupervisor(plan.name, 'attached');
    return NamespaceLab.deploy({ topology, plan, clock });
  },
};
