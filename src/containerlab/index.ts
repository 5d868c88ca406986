/**
 * containerlab with types: https://containerlab.dev.
 *
 *     const containerlab = await Containerlab.open();
 *     const { failedExecs } = await containerlab.deploy({ topology: 'pair.clab.yml', signal });
 *     const answers = await containerlab.exec({ name: 'pair' }, { commands: ['ip -br address'] });
 *     for await (const { time, container, action } of containerlab.events({ signal })) console.log(time, container, action);
 *     await containerlab.destroy({ name: 'pair' }, { cleanUp: true });
 *
 * What fails is a `ContainerlabError` with containerlab's own words. Only JSON is read, nothing that is printed for people.
 */
export type {
  ContainerlabEvent,
  ExecAnswer,
  FailedExec,
  LabContainer,
  NetemShown,
} from './answers.js';
export {
  type CallOptions,
  Containerlab,
  type ContainerlabOptions,
  type Deployment,
  type LabReference,
} from './client.js';
export { ContainerlabError, type ContainerlabReason } from './errors.js';
export type { ContainerlabFeature, ContainerlabVersion } from './version.js';
