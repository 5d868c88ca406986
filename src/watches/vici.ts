/**
 * The protocol of charon's control socket, by libcharon/plugins/vici/README.md of strongSwan: packets behind their length, messages of keys,
 * sections and lists.
 */

/** A message: values are text, lists of text, or sections. */
export interface ViciMessage {
  [key: string]: string | string[] | ViciMessage;
}

/** Types of packets. */
export const VICI = {
  request: 0,
  response: 1,
  unknownRequest: 2,
  register: 3,
  confirmed: 5,
  unknownEvent: 6,
  event: 7,
} as const;

/** What charon sent; only an event has a name. */
export interface ViciPacket {
  type: number;
  name: string;
  message: ViciMessage;
}

/** Longest packet, as strongSwan has it. */
const LONGEST = 512 * 1024;

/** Encodes a request, or the order to be told of an event, without a message. */
export function encodeVici(type: number, name: string): Buffer {
  const packet = Buffer.alloc(6 + name.length);
  packet.writeUInt32BE(2 + name.length, 0);
  packet.writeUInt8(type, 4);
  packet.writeUInt8(name.length, 5);
  packet.write(name, 6, 'latin1');
  return packet;
}

/** Cuts what charon sends into its packets. */
export class ViciPackets {
  #rest = Buffer.alloc(0);

  /** @throws Error where the bytes are no packets of vici */
  *add(bytes: Buffer): Generator<ViciPacket> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUInt32BE(0);
      if (length < 1 || length > LONGEST) throw new Error('it speaks another language than vici');
      if (this.#rest.length < 4 + length) return;
      const packet = this.#rest.subarray(4, 4 + length);
      this.#rest = this.#rest.subarray(4 + length);
      yield decode(packet);
    }
  }
}

function decode(packet: Buffer): ViciPacket {
  const reader = new Reader(packet);
  const type = reader.byte();
  const name = type === VICI.event ? reader.text(reader.byte()) : '';
  return { type, name, message: reader.isAtEnd ? {} : reader.section(0) };
}

// Elements of a message.
const SECTION_START = 1;
const SECTION_END = 2;
const KEY_VALUE = 3;
const LIST_START = 4;
const LIST_ITEM = 5;
const LIST_END = 6;

/** Sections within sections; charon's messages have four at most. */
const DEEPEST = 32;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    if (this.isAtEnd) throw new Error('a message of vici is cut short');
    return this.#bytes[this.#at++]!;
  }

  text(length: number): string {
    if (this.#at + length > this.#bytes.length) throw new Error('a message of vici is cut short');
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  #value(): string {
    const high = this.byte();
    return this.text((high << 8) | this.byte());
  }

  /** Reads up to the end of a section; that of the whole message is where its bytes end. */
  section(depth: number): ViciMessage {
    if (depth > DEEPEST) throw new Error('a message of vici has too many sections in sections');
    // A key may be called anything.
    const section: ViciMessage = Object.create(null);
    while (depth > 0 || !this.isAtEnd) {
      const element = this.byte();
      if (element === SECTION_END && depth > 0) return section;
      const key = this.text(this.byte());
      if (element === SECTION_START) section[key] = this.section(depth + 1);
      else if (element === KEY_VALUE) section[key] = this.#value();
      else if (element === LIST_START) section[key] = this.#list();
      else throw new Error(`a message of vici has an element ${element} where none may be`);
    }
    return section;
  }

  #list(): string[] {
    const items: string[] = [];
    for (;;) {
      const element = this.byte();
      if (element === LIST_END) return items;
      if (element !== LIST_ITEM) throw new Error(`a list of vici has an element ${element}`);
      items.push(this.#value());
    }
  }
}

/** The sections of a message, by key. */
export const sectionsOf = (message: ViciMessage | undefined): [string, ViciMessage][] =>
  Object.entries(message ?? {}).filter(
    (entry): entry is [string, ViciMessage] => typeof entry[1] === 'object' && !Array.isArray(entry[1]),
  );
