import * as z from 'zod';

/** A container of a lab, as `inspect` describes it. */
export interface LabContainer {
  lab: string;
  /** As Docker calls it: `clab-pair-a`. */
  name: string;
  id: string;
  image: string;
  kind: string;
  /** `running`, `exited`, `paused`. */
  state: string;
  /** Absolute path of the topology file that it was made from; that of its folder before 0.68. */
  topology: string;
  ipv4: string | undefined;
  ipv6: string | undefined;
}

const container = z.looseObject({
  lab_name: z.string(),
  labPath: z.string().default(''),
  absLabPath: z.string().optional(),
  name: z.string(),
  container_id: z.string(),
  image: z.string().default(''),
  kind: z.string().default(''),
  state: z.string().default(''),
  ipv4_address: z.string().optional(),
  ipv6_address: z.string().optional(),
});

// Before 0.68 there was one list; since then there is one for each lab.
const inspected = z.union([
  z.strictObject({ containers: z.array(container) }).transform(({ containers }) => containers),
  z.record(z.string(), z.array(container)).transform((labs) => Object.values(labs).flat()),
]);

const addressOf = (text: string | undefined) => (text === undefined || text === 'N/A' ? undefined : text);

/** Reads what `inspect --format json` prints, in each of its shapes. @throws Error where it is neither */
export const parseInspect = (text: string): LabContainer[] =>
  inspected.parse(JSON.parse(text)).map((one) => ({
    lab: one.lab_name,
    name: one.name,
    id: one.container_id,
    image: one.image,
    kind: one.kind,
    state: one.state,
    topology: one.absLabPath ?? one.labPath,
    ipv4: addressOf(one.ipv4_address),
    ipv6: addressOf(one.ipv6_address),
  }));

/** What came of a command in a container. */
export interface ExecAnswer {
  container: string;
  argv: string[];
  code: number;
  /** As text, also where containerlab shows JSON as such. */
  stdout: string;
  stderr: string;
}

const executed = z.record(
  z.string(),
  z.array(
    z.object({
      cmd: z.array(z.string()),
      'return-code': z.number(),
      stdout: z.unknown(),
      stderr: z.string(),
    }),
  ),
);

/** Reads what `exec --format json` prints. */
export const parseExec = (text: string): ExecAnswer[] =>
  Object.entries(executed.parse(JSON.parse(text))).flatMap(([name, answers]) =>
    answers.map(({ cmd, 'return-code': code, stdout, stderr }) => ({
      container: name,
      argv: cmd,
      code,
      stdout: typeof stdout === 'string' ? stdout : JSON.stringify(stdout),
      stderr,
    })),
  );

/** Something that happened to a container or an interface of a lab. */
export interface ContainerlabEvent {
  /** Nanoseconds since 1970. */
  time: bigint;
  /** `container`, `interface`. */
  type: string;
  /** `start`, `die`, `create`, `snapshot`. */
  action: string;
  /** Name of the container. */
  container: string;
  attributes: Record<string, string>;
}

const event = z.object({
  timestamp: z.string(),
  type: z.string(),
  action: z.string(),
  actor_name: z.string().default(''),
  attributes: z.record(z.string(), z.string()).default({}),
});

/** Reads one line of `events --format json`. */
export function parseEvent(line: string): ContainerlabEvent {
  const { timestamp, type, action, actor_name: name, attributes } = event.parse(JSON.parse(line));
  return { time: nanosecondsOf(timestamp), type, action, container: name, attributes };
}

/** Nanoseconds since 1970 of an instant as RFC 3339 writes it, to the last digit. */
export function nanosecondsOf(timestamp: string): bigint {
  const [, seconds = '', fraction = '', zone = ''] =
    /^([^.]*?\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-].*)$/.exec(timestamp) ?? [];
  const milliseconds = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(milliseconds)) throw new Error(`not an instant: ${timestamp}`);
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

/** What is in force on an interface, as `tools netem show` says; nothing of it is 0. */
export interface NetemShown {
  interface: string;
  /** Go durations: `10ms`. */
  delay: string;
  jitter: string;
  /** Percent. */
  loss: number;
  /** kbit/s. */
  rate: number;
  /** Percent. */
  corruption: number;
}

const shown = z.record(
  z.string(),
  z
    .array(
      z.object({
        interface: z.string(),
        delay: z.string(),
        jitter: z.string(),
        packet_loss: z.number(),
        rate: z.number(),
        corruption: z.number().default(0),
      }),
    )
    .nullable(),
);

/** Reads what `tools netem show --format json` prints. */
export const parseNetem = (text: string): NetemShown[] =>
  Object.values(shown.parse(JSON.parse(text))).flatMap((interfaces) =>
    (interfaces ?? []).map(({ packet_loss: loss, ...rest }) => ({ ...rest, loss })),
  );

/** A command of a topology's `exec` that failed: containerlab logs it and goes on. */
export interface FailedExec {
  node: string;
  command: string;
  /** Exit code, where it is said. */
  code: number | undefined;
  /** The line that said so. */
  line: string;
}

/** The commands that failed, out of what a deployment logged, in the words of 0.4x as of today. */
export const failedExecs = (log: string): FailedExec[] =>
  log
    .split('\n')
    .filter((line) => /failed to execute command/i.test(line))
    .map((line) => {
      const field = (name: string) => {
        const [, quoted, bare] = new RegExp(`\\b${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|(\\S+))`).exec(line) ?? [];
        return quoted?.replaceAll('\\"', '"') ?? bare;
      };
      const [, command = '', node = ''] =
        /execute command \\?"(.*?)\\?" on (?:the )?node \\?"([^"\\]+)/i.exec(line) ?? [];
      const [, code] = /\brc=(\d+)/.exec(line) ?? [];
      return {
        node: field('node') ?? node,
        command: field('command') ?? command,
        code: code === undefined ? undefined : Number(code),
        line: line.trim(),
      };
    });
