import {
  attribute,
  type Netlink,
  NLM_F_CREATE,
  NLM_F_EXCL,
  nested,
  type Request,
  text,
  u32,
} from './netlink.js';

// linux/rtnetlink.h, linux/pkt_sched.h, linux/pkt_cls.h, linux/tc_act/tc_mirred.h
const RTM_NEWQDISC = 36;
const RTM_DELQDISC = 37;
const RTM_NEWTFILTER = 44;
const RTM_DELTFILTER = 45;
const RTM_GETTFILTER = 46;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TC_H_CLSACT = 0xfffffff1;
const TC_H_INGRESS_FILTERS = 0xfffffff2;
const TC_H_EGRESS_FILTERS = 0xfffffff3;
const CLSACT_HANDLE = 0xffff0000;
const TCA_BPF_FD = 6;
const TCA_BPF_NAME = 7;
const TCA_BPF_FLAGS = 8;
const TCA_BPF_FLAG_ACT_DIRECT = 1;
const TCA_U32_SEL = 5;
const TCA_U32_ACT = 7;
const TC_U32_TERMINAL = 1;
const TCA_ACT_KIND = 1;
const TCA_ACT_OPTIONS = 2;
const TCA_MIRRED_PARMS = 2;
const TC_ACT_STOLEN = 4;
const TCA_EGRESS_REDIR = 1;
const PRIORITY = 1;
const ETH_P_ALL_NETWORK_ORDER = 0x0300;

function tcHeader({
  index,
  parent,
  handle = 0,
  info = 0,
}: {
  index: number;
  parent: number;
  handle?: number;
  info?: number;
}) {
  const header = Buffer.alloc(20);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(handle, 8);
  header.writeUInt32LE(parent, 12);
  header.writeUInt32LE(info, 16);
  return header;
}

/** Gives an interface the clsact qdisc, which holds ingress and egress filters and queues nothing. */
export const addClsact = (index: number): Request => ({
  type: RTM_NEWQDISC,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  body: Buffer.concat([
    tcHeader({ index, parent: TC_H_CLSACT, handle: CLSACT_HANDLE }),
    text(TCA_KIND, 'clsact'),
  ]),
});

/** Takes clsact away, with the filters that it holds. */
export const deleteClsact = (index: number): Request => ({
  type: RTM_DELQDISC,
  body: tcHeader({ index, parent: TC_H_CLSACT, handle: CLSACT_HANDLE }),
});

interface ProgramFilter {
  index: number;
  /** Its priority: programs see a packet in this order. */
  place: number;
}

const programFilter = ({ index, place }: ProgramFilter): Buffer[] => [
  tcHeader({ index, parent: TC_H_EGRESS_FILTERS, handle: 1, info: (place << 16) | ETH_P_ALL_NETWORK_ORDER }),
  text(TCA_KIND, 'bpf'),
];

/** Has a loaded program judge what an interface with clsact sends (cls_bpf, direct action). */
export const addProgram = ({ program, ...filter }: ProgramFilter & { program: number }): Request => ({
  type: RTM_NEWTFILTER,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  body: Buffer.concat([
    ...programFilter(filter),
    nested(
      TCA_OPTIONS,
      u32(TCA_BPF_FD, program),
      text(TCA_BPF_NAME, 'faildrill'),
      u32(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT),
    ),
  ]),
});

/** Takes such a program away. */
export const deleteProgram = (filter: ProgramFilter): Request => ({
  type: RTM_DELTFILTER,
  body: Buffer.concat(programFilter(filter)),
});

const info = (PRIORITY << 16) | ETH_P_ALL_NETWORK_ORDER;

/** First hash table of a u32 filter, which holds its entries; their numbers within it. */
const TABLE = 0x80000000;
const REDIRECT = 1;
const NOTHING = 2;

/** An entry of an interface's ingress filter that matches every packet. */
function addEntry(
  index: number,
  number: number,
  { flags, action }: { flags: number; action: Buffer[] },
): Request {
  // struct tc_u32_sel with one key of mask 0.
  const selector = Buffer.alloc(16 + 16);
  selector.writeUInt8(flags, 0);
  selector.writeUInt8(1, 2);
  return {
    type: RTM_NEWTFILTER,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: Buffer.concat([
      tcHeader({ index, parent: TC_H_INGRESS_FILTERS, handle: number, info }),
      text(TCA_KIND, 'u32'),
      nested(TCA_OPTIONS, attribute(TCA_U32_SEL, selector), ...action),
    ]),
  };
}

/**
 * Gives an interface with clsact an ingress filter that does nothing yet. The kernel makes whoever adds the first filter wait for a grace
 * period (mini_qdisc_pair_swap), which takes up to seconds on a busy machine; the entries that come and go later take none.
 */
export const addFilter = (index: number): Request => addEntry(index, NOTHING, { flags: 0, action: [] });

/** Sends everything that comes in at an interface with such a filter out of another of the same namespace (mirred redirect). */
export function addRedirect(from: number, to: number): Request {
  // struct tc_mirred: index, capab, action, refcnt, bindcnt, eaction, ifindex
  const mirred = Buffer.alloc(28);
  mirred.writeInt32LE(TC_ACT_STOLEN, 8);
  mirred.writeInt32LE(TCA_EGRESS_REDIR, 20);
  mirred.writeUInt32LE(to, 24);
  const action = nested(
    1,
    text(TCA_ACT_KIND, 'mirred'),
    nested(TCA_ACT_OPTIONS, attribute(TCA_MIRRED_PARMS, mirred)),
  );
  return addEntry(from, REDIRECT, { flags: TC_U32_TERMINAL, action: [nested(TCA_U32_ACT, action)] });
}

/** Takes away what `addRedirect` added: what comes in at the interface then goes nowhere. */
export const deleteRedirect = (from: number): Request => ({
  type: RTM_DELTFILTER,
  body: Buffer.concat([
    tcHeader({ index: from, parent: TC_H_INGRESS_FILTERS, handle: TABLE + REDIRECT, info }),
    text(TCA_KIND, 'u32'),
  ]),
});

/** Whether what comes in at an interface is sent on now. */
export const isRedirected = (netlink: Netlink, index: number): boolean =>
  netlink
    .dump({ type: RTM_GETTFILTER, body: tcHeader({ index, parent: TC_H_INGRESS_FILTERS }) })
    .some(({ body }) => body.readUInt32LE(8) === TABLE + REDIRECT);

/** Places of the filters that an interface has for what it sends, in the order in which they see packets. */
export const egressFilters = (netlink: Netlink, index: number): number[] =>
  netlink
    .dump({ type: RTM_GETTFILTER, body: tcHeader({ index, parent: TC_H_EGRESS_FILTERS }) })
    .map(({ body }) => body.readUInt32LE(16) >>> 16);
