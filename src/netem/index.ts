/**
 * faildrill's impairments for use on their own: tc-netem's words, on kernels with netem and without.
 *
 *     const kind = await chooseEngine([{ impairment: impairment({ delay: '100ms' }), matches: [] }]);
 *     await using engine = await kind.start({ clock: new Clock(), seed: 1, late: () => {}, fail: console.error });
 *     const way = await engine.attach({ egress: { network: '/proc/self/ns/net', index: 2 } });
 *     await way.set('slow', impairment({ delay: '100ms' }));
 */
export { Clock } from '../linux/clock.js';
export type { Attachment, Egress, EngineKind, EngineOptions, Lateness, NetemEngine, Wish } from './engine.js';
export { contradiction, type Impairment, impairment } from './impairment.js';
export type { Match } from './match.js';
export { type Profile, profiles } from './profiles.js';
export { chooseEngine, type EngineName, engines } from './registry.js';
export type { Counters } from './stage.js';
export { type Qdisc, showQdiscs } from './tc/qdisc.js';
