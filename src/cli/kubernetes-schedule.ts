import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, posix, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { openCluster } from '../kubernetes/client.js';
import { ClusterError } from '../kubernetes/cluster.js';
import { configMaps, cronJob } from '../kubernetes/manifests.js';
import { isRunName } from '../kubernetes/names.js';
import { luggage } from '../kubernetes/prepare.js';
import { checkRights } from '../kubernetes/rights.js';
import { ownerReference } from '../kubernetes/run.js';
import { travelling } from '../kubernetes/travel.js';
import { loadProgramme } from '../programme/load.js';
import { CannotRun } from '../runtime/errors.js';
import {
  type AccessOptions,
  addAccess,
  addPods,
  historyClaim,
  type PodOptions,
} from './kubernetes-options.js';
import { version } from './version.js';

interface ScheduleOptions extends AccessOptions, PodOptions {
  /** Name of a claim. */
  results: string;
  print?: boolean;
}

/** `faildrill kubernetes schedule`: a programme as a CronJob. */
export function addSchedule(kubernetes: Command): void {
  const schedule = kubernetes
    .command('schedule')
    .argument('[programme]', 'programme file', 'programme.yml')
    .requiredOption(
      '--results <where>',
      "persistent volume claim for the programme's history: pvc:<claim>",
      historyClaim,
    )
    .option('--print', 'print the manifests, and do nothing')
    .description('make a CronJob that runs every day what of a programme is due');
  addPods(addAccess(schedule)).action(async (path: string, options: ScheduleOptions) => {
    const { file, programme, drills, history } = loadProgramme(path);
    const name = `faildrill-${programme.name.toLowerCase().replaceAll('_', '-')}`;
    if (!isRunName(name)) throw new CannotRun(`${programme.name} is too long for the name of a CronJob`);
    const [hour, minute] = programme.at.split(':').map(Number);
    const cwd = dirname(file);
    const findings = resolve(cwd, programme.findings);
    const { contents, folder } = await luggage({
      order: {
        faildrill: version,
        argv: ['programme', 'run', '--operators', 'skip', basename(file)],
        plan: [],
      },
      files: [
        ...new Set([
          file,
          ...(existsSync(findings) ? [findings] : []),
          ...travelling(drills.map(({ loaded }) => loaded)),
        ]),
      ],
      cwd,
      beside: [history],
    });
    const files = `${name}-${digestOf(contents)}`;
    const manifest = cronJob({
      ...{ name, version, files, claim: options.results },
      schedule: `${minute} ${hour} * * *`,
      parts: contents.size - 1,
      history: posix.join(folder, relative(cwd, history).split(sep).join('/')),
      ...{ image: options.image, nodeSelector: options.nodeSelector },
      resources: { cpu: options.cpu ?? '1', memory: options.memory },
    });
    if (options.print) {
      const documents = [...configMaps(files, { files: contents, label: name }), manifest];
      process.stdout.write(documents.map((one) => `---\n${stringify(one)}`).join(''));
      return;
    }
    const cluster = await openCluster(options);
    await checkRights(cluster, 'schedule');
    const { metadata } = await cluster.applyCronJob(manifest);
    const owner = ownerReference({ name, uid: metadata!.uid! }, 'CronJob');
    // The same files have the same name, and are there already.
    for (const map of configMaps(files, { files: contents, owner, label: name }))
      await cluster.createConfigMap(map).catch((error: unknown) => {
        if (!(error instanceof ClusterError) || error.status !== 409) throw error;
      });
    console.log(`CronJob ${name} in the namespace ${cluster.namespace}: every day at ${programme.at} UTC`);
  });
}

/** Changes with the files: ConfigMaps do not. */
const digestOf = (contents: ReadonlyMap<string, Buffer>): string => {
  const hash = createHash('sha256');
  for (const content of contents.values()) hash.update(content);
  return hash.digest('hex').slice(0, 8);
};
