import * as z from 'zod';
import { STAGES } from './topology.js';

/**
 * The topology file as containerlab's users write it. Everything that containerlab knows is accepted here; what a
 * runtime cannot do is refused by the runtime. Unknown keys are errors.
 */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const stringMap = z.record(
  z.string(),
  scalar.nullable().transform((value) => value ?? ''),
);
const strings = z.array(z.string());

const waitFor = z.array(z.strictObject({ node: z.string(), stage: z.enum(STAGES) }));
const stage = z.strictObject({
  'wait-for': waitFor.optional(),
  exec: z
    .array(
      z.strictObject({
        command: z.string(),
        target: z.enum(['container', 'host']).default('container'),
        phase: z.enum(['on-enter', 'on-exit']).default('on-enter'),
      }),
    )
    .optional(),
});

// Docker's defaults, in seconds.
const healthCheck = z.strictObject({
  test: strings,
  interval: z.number().int().default(30),
  timeout: z.number().int().default(30),
  retries: z.number().int().default(3),
  'start-period': z.number().int().default(0),
});

/** Keys whose meaning needs a container or a vendor's image. */
export const containerOnly = {
  type: z.string().optional(),
  'startup-config': z.string().optional(),
  'enforce-startup-config': z.boolean().optional(),
  'suppress-startup-config': z.boolean().optional(),
  config: z.unknown().optional(),
  license: z.string().optional(),
  volumes: strings.optional(),
  devices: strings.optional(),
  'cgroupns-mode': z.string().optional(),
  'cgroup-parent': z.string().optional(),
  'pid-mode': z.string().optional(),
  tmpfs: z.record(z.string(), z.string()).optional(),
  'shm-size': z.string().optional(),
  runtime: z.string().optional(),
  cpu: z.number().optional(),
  'cpu-set': z.string().optional(),
  memory: z.string().optional(),
  extras: z.unknown().optional(),
  certificate: z.unknown().optional(),
  components: z.array(z.unknown()).optional(),
};

/** Keys that change nothing in how a node behaves, or give it what every node has here. */
const ignored = {
  'auto-remove': z.boolean().optional(),
  'cap-add': strings.optional(),
  privileged: z.boolean().optional(),
  'security-opts': strings.optional(),
  ports: strings.optional(),
  'image-pull-policy': z.string().optional(),
  'restart-policy': z.string().optional(),
  position: z.string().optional(),
  'mgmt-ipv4': z.string().optional(),
  'mgmt-ipv6': z.string().optional(),
  credentials: z.unknown().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  aliases: strings.optional(),
  'link-apply-mode': z.string().optional(),
};

export const nodeSchema = z.strictObject({
  kind: z.string().optional(),
  group: z.string().optional(),
  image: z.string().optional(),
  hostname: z.string().optional(),
  entrypoint: z.string().optional(),
  cmd: z.string().optional(),
  user: z.string().optional(),
  exec: strings.optional(),
  binds: strings.optional(),
  env: stringMap.optional(),
  'env-files': strings.optional(),
  labels: stringMap.optional(),
  sysctls: stringMap.optional(),
  'startup-delay': z.number().nonnegative().optional(),
  'network-mode': z.string().optional(),
  stages: z.strictObject(Object.fromEntries(STAGES.map((name) => [name, stage.optional()]))).optional(),
  healthcheck: healthCheck.optional(),
  dns: z
    .strictObject({ servers: strings.optional(), search: strings.optional(), options: strings.optional() })
    .optional(),
  ...containerOnly,
  ...ignored,
});

/** A node as written, on any level. */
export type RawNode = z.output<typeof nodeSchema>;

const END = /^[^\s:]+:\S+$/;
const endpoint = z.strictObject({
  node: z.string(),
  interface: z.string(),
  mac: z.string().optional(),
  ipv4: z.string().optional(),
  ipv6: z.string().optional(),
  vars: z.unknown().optional(),
});
const linkCommon = {
  mtu: z.number().int().min(68).max(65535).optional(),
  labels: stringMap.optional(),
  vars: z.unknown().optional(),
};
const addresses = { ipv4: strings.max(2).optional(), ipv6: strings.max(2).optional() };

const briefLink = z.strictObject({
  type: z.undefined().optional(),
  endpoints: z.tuple([
    z.string().regex(END, 'expected an endpoint as node:interface'),
    z.string().regex(END, 'expected an endpoint as node:interface'),
  ]),
  ...linkCommon,
  ...addresses,
});
const vethLink = z.strictObject({
  type: z.literal('veth'),
  endpoints: z.tuple([endpoint, endpoint]),
  ...linkCommon,
  ...addresses,
});
const hostLink = z.strictObject({
  type: z.literal('host'),
  endpoint,
  'host-interface': z.string(),
  ...linkCommon,
});
const otherLink = z.looseObject({
  type: z.enum(['veth-stitch', 'mgmt-net', 'macvlan', 'vxlan', 'vxlan-stitch', 'dummy']),
  endpoint: endpoint.optional(),
  ...linkCommon,
});

export const linkSchema = z.discriminatedUnion('type', [briefLink, vethLink, hostLink, otherLink], {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? 'unknown link type; expected veth, host, mgmt-net, macvlan, vxlan, vxlan-stitch, veth-stitch or dummy, or none with brief endpoints'
      : undefined,
});

/** A link as written. */
export type RawLink = z.output<typeof linkSchema>;

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9-._]*$/;
const level = z.record(z.string(), nodeSchema.nullable()).optional();

export const topologySchema = z.strictObject({
  name: z.string().regex(NAME, 'a lab name has letters, digits, "-", "." and "_"'),
  prefix: z.string().optional(),
  mgmt: z.looseObject({}).optional(),
  settings: z.looseObject({}).optional(),
  debug: z.unknown().optional(),
  topology: z.strictObject({
    defaults: nodeSchema.optional(),
    kinds: level,
    groups: level,
    nodes: z.record(
      z.string().regex(NAME, 'a node name has letters, digits, "-", "." and "_"'),
      nodeSchema.nullable(),
    ),
    links: z.array(linkSchema).nullish(),
  }),
});

/** The topology file as written. */
export type RawTopology = z.output<typeof topologySchema>;
