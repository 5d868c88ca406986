/** A version of containerlab: major, minor, patch. */
export type ContainerlabVersion = readonly [number, number, number];

/** What versions differ in, and the first release that has it. */
const SINCE = {
  /** `tools netem show --format json` */
  netemJson: [0, 65, 0],
  /** `tools netem reset` */
  netemReset: [0, 66, 0],
  /** `events` */
  events: [0, 72, 0],
  /** `start`, `stop` and `restart` of nodes, which keep their links */
  nodeLifecycle: [0, 75, 0],
  /** no management network where no node uses it: `mgmt.skip-when-unused` */
  skipManagementNetwork: [0, 76, 0],
} as const satisfies Record<string, ContainerlabVersion>;

/** Something that only some versions of containerlab can do. */
export type ContainerlabFeature = keyof typeof SINCE;

/** The first version that everything else here works with. */
export const OLDEST: ContainerlabVersion = [0, 60, 0];

/** Reads a version as `0.79.0`, or as in the lines that `containerlab version` prints; nothing where there is none. */
export function parseVersion(text: string): ContainerlabVersion | undefined {
  const [, ...parts] =
    /^\s*(?:version:\s*)?v?(\d+)\.(\d+)\.(\d+)/m.exec(text) ??
    /^\s*(?:version:\s*)?v?(\d+)\.(\d+)/m.exec(text) ??
    [];
  if (parts.length === 0) return undefined;
  const [major = 0, minor = 0, patch = 0] = parts.map(Number);
  return [major, minor, patch];
}

/** Whether a version is another or a later one. */
export function isAtLeast(version: ContainerlabVersion, wanted: ContainerlabVersion): boolean {
  for (const [index, part] of wanted.entries()) {
    if (version[index] !== part) return version[index]! > part;
  }
  return true;
}

/** The first version with a feature. */
export const since = (feature: ContainerlabFeature): ContainerlabVersion => SINCE[feature];

/** What a version can do of what only some can. */
export const featuresOf = (version: ContainerlabVersion): Record<ContainerlabFeature, boolean> =>
  Object.fromEntries(
    Object.entries(SINCE).map(([feature, first]) => [feature, isAtLeast(version, first)]),
  ) as Record<ContainerlabFeature, boolean>;
