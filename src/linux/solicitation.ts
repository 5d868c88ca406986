import { checksum } from './icmp.js';
import { call, close, raw } from './libc.js';
import { addressBytes, listLinks } from './links.js';
import { Netlink } from './netlink.js';

// linux/if_packet.h, linux/if_ether.h
const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;
const ETHERNET = 14;

/** Bytes of a frame that are looked at. */
const KEPT = 256;

/**
 * Asks the stations of a segment which of them has an address, as one does that is going to take it: by an ARP probe (RFC 5227), or by a
 * neighbour solicitation for duplicate address detection (RFC 4862). Such questions leave no trace in anybody's tables. Works in the calling
 * thread's network namespace.
 */
export class Solicitation implements Disposable {
  readonly #address: Buffer;
  readonly #mac: Buffer;
  readonly #descriptor: number;
  readonly #answers: string[] = [];
  readonly #announced = new Set<string>();

  /**
   * @param device name of the interface to ask through
   * @throws Error where there is no such interface; SystemError
   */
  constructor(device: string, address: string) {
    this.#address = addressBytes(address);
    using netlink = new Netlink();
    const link = listLinks(netlink).find(({ name }) => name === device);
    if (!link) throw new Error(`there is no interface ${device}`);
    this.#mac = Buffer.from(link.mac.replaceAll(':', ''), 'hex');
    this.#descriptor = call('socket', AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0);
    const place = Buffer.alloc(20);
    place.writeUInt16LE(AF_PACKET, 0);
    place.writeUInt16BE(this.#address.length === 4 ? ETH_P_ARP : ETH_P_IPV6, 2);
    place.writeInt32LE(link.index, 4);
    call('bind', this.#descriptor, place, place.length);
    const question = questionFor(this.#address, this.#mac);
    call('send', this.#descriptor, question, question.length, 0);
  }

  /**
   * Hardware addresses of those that have said so far that they have it: one for each answer to this question, since two routers
   * may share one (RFC 5798 7.3), and one for whoever said so to others, or to this node's own kernel.
   */
  answers(): string[] {
    const frame = Buffer.alloc(KEPT);
    for (;;) {
      const length = raw.recv(this.#descriptor, frame, frame.length, 0);
      if (length < 0) {
        return [...this.#answers, ...[...this.#announced].filter((mac) => !this.#answers.includes(mac))];
      }
      const answer = frame.subarray(0, length);
      const holder = holderIn(answer, this.#address);
      // An answer to a question of one without an address of IPv6 goes to all, as an announcement does.
      if (holder && isAnswerToProbe(answer, this.#mac)) this.#answers.push(holder);
      else if (holder) this.#announced.add(holder);
    }
  }

  [Symbol.dispose](): void {
    close(this.#descriptor);
  }
}

const questionFor = (address: Buffer, mac: Buffer): Buffer =>
  address.length === 4 ? arpProbe(address, mac) : neighbourSolicitation(address, mac);

/** RFC 826, RFC 5227 2.1.1: a request whose sender has no address yet. */
function arpProbe(address: Buffer, mac: Buffer): Buffer {
  const header = Buffer.from([0, 1, 8, 0, 6, 4, 0, 1]);
  return Buffer.concat([ethernet('ffffffffffff', mac, ETH_P_ARP), header, mac, Buffer.alloc(10), address]);
}

/** RFC 4861 4.3, from the unspecified address to the group of those whose address ends so. */
function neighbourSolicitation(address: Buffer, mac: Buffer): Buffer {
  const tail = address.subarray(13);
  const group = Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), tail]);
  const source = Buffer.alloc(16);
  const message = Buffer.concat([Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]), address]);
  const pseudo = Buffer.concat([source, group, Buffer.from([0, 0, 0, message.length, 0, 0, 0, 58])]);
  const checked = Buffer.concat([pseudo, message]);
  const view = new DataView(checked.buffer, checked.byteOffset, checked.length);
  message.writeUInt16BE(checksum(view, checked.length), 2);
  const header = Buffer.from([0x60, 0, 0, 0, 0, message.length, 58, 255]);
  const target = `3333ff${tail.toString('hex')}`;
  return Buffer.concat([ethernet(target, mac, ETH_P_IPV6), header, source, group, message]);
}

function ethernet(target: string, mac: Buffer, type: number): Buffer {
  return Buffer.concat([Buffer.from(target, 'hex'), mac, Buffer.from([type >> 8, type & 0xff])]);
}

const macText = (bytes: Buffer): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

/** Whether a frame answers an ARP probe from here: such an answer goes to a station without an address. The kernel's own questions have one. */
function isAnswerToProbe(frame: Buffer, mac: Buffer): boolean {
  const body = frame.subarray(ETHERNET);
  const isReply = frame.length >= ETHERNET + 28 && frame.readUInt16BE(12) === ETH_P_ARP && body[7] === 2;
  return isReply && frame.subarray(0, 6).equals(mac) && body.readUInt32BE(24) === 0;
}

/** Who says in a frame that it has an address; nothing where nobody does. */
function holderIn(frame: Buffer, address: Uint8Array): string | undefined {
  const body = frame.subarray(ETHERNET);
  const type = frame.length < ETHERNET ? 0 : frame.readUInt16BE(12);
  const names = (at: number) => body.subarray(at, at + address.length).equals(address);
  // Whatever an ARP packet asks or answers, its sender says that it has its sender's address.
  if (type === ETH_P_ARP && body.length >= 28) return names(14) ? macText(body.subarray(8, 14)) : undefined;
  const isAdvertisement = type === ETH_P_IPV6 && body.length >= 64 && body[6] === 58 && body[40] === 136;
  if (!isAdvertisement || !names(48)) return undefined;
  // The sender's hardware address is an option where it is asked for by multicast, and the frame's sender without.
  const hasOption = body.length >= 72 && body[64] === 2;
  return macText(hasOption ? body.subarray(66, 72) : frame.subarray(6, 12));
}
