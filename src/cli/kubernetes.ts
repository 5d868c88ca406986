import type { Command } from 'commander';
import { stringify } from 'yaml';
import { openCluster } from '../kubernetes/client.js';
import { runInPod } from '../kubernetes/pod.js';
import { checkRights, rights, role } from '../kubernetes/rights.js';
import { CannotRun } from '../runtime/errors.js';
import { type AccessOptions, addAccess } from './kubernetes-options.js';
import { addAttach, addKubernetesRun, whereNoRun } from './kubernetes-run.js';
import { addSchedule } from './kubernetes-schedule.js';
import { version } from './version.js';

/** `faildrill kubernetes`: many drills as one Job of a cluster. */
export function addKubernetes(program: Command): void {
  const kubernetes = program.command('kubernetes').description('run drills as an Indexed Job of a cluster');
  addKubernetesRun(kubernetes);
  addAttach(kubernetes);
  addDelete(kubernetes);
  addSchedule(kubernetes);
  kubernetes
    .command('role')
    .option('--name <name>', 'its name', 'faildrill')
    .description('print a Role with the rights that these commands take, and no more')
    .action(({ name }: { name: string }) => {
      process.stdout.write(stringify(role(Object.keys(rights) as (keyof typeof rights)[], name)));
    });
  kubernetes
    .command('pod', { hidden: true })
    .description('what a pod of a run does')
    .action(async () => {
      if (process.env.KUBERNETES_SERVICE_HOST === undefined && process.env.JOB_COMPLETION_INDEX === undefined)
        throw new CannotRun('this is for the pods of a run', { hint: 'faildrill kubernetes run makes them' });
      process.exitCode = await runInPod({ version });
    });
}

function addDelete(kubernetes: Command): void {
  const command = kubernetes
    .command('delete')
    .argument('<run>', 'name of a run')
    .description('end a run, and take away all that it has in the cluster');
  addAccess(command).action(async (name: string, options: AccessOptions) => {
    const cluster = await openCluster(options);
    await checkRights(cluster, 'delete');
    await cluster.deleteJob(name).catch(whereNoRun(cluster, name));
    console.log(`the run ${name} is being deleted`);
  });
}
