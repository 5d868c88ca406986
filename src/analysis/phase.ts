/** Phases of a failover that watches show, in their order (RFC 6412, RFC 6894). */
export const WATCHED_PHASES = ['detect', 'decide', 'reroute'] as const;
export type WatchedPhase = (typeof WATCHED_PHASES)[number];

/** All phases of a failover, in their order; the last three are seen by probes. */
export const PHASES = [...WATCHED_PHASES, 'first flow', 'all flows', 'sessions'] as const;
export type Phase = (typeof PHASES)[number];
