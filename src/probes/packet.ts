/**
 * A numbered packet or record of a probe, big-endian: 0 magic, 4 drill tag, 8 probe (16 bits), 10 stream (16 bits), 12 number,
 * 16 connection, 20 check word (all before it, xored), 24 filling that depends on the number.
 */
export const MAGIC = 0x4644524c;

/** Bytes before the filling. */
export const HEADER = 24;

/** Who a packet is from. */
export interface PacketIdentity {
  tag: number;
  probe: number;
  stream: number;
  connection: number;
}

const checkWord = (view: DataView, at: number) =>
  view.getUint32(at) ^
  view.getUint32(at + 4) ^
  view.getUint32(at + 8) ^
  view.getUint32(at + 12) ^
  view.getUint32(at + 16);

/** Writes a packet of `size` bytes. */
export function writePacket(
  view: DataView,
  at: number,
  size: number,
  identity: PacketIdentity,
  number: number,
): void {
  view.setUint32(at, MAGIC);
  view.setUint32(at + 4, identity.tag);
  view.setUint16(at + 8, identity.probe);
  view.setUint16(at + 10, identity.stream);
  view.setUint32(at + 12, number);
  view.setUint32(at + 16, identity.connection);
  view.setUint32(at + 20, checkWord(view, at));
  for (let position = HEADER; position < size; position++)
    view.setUint8(at + position, (number + position) & 0xff);
}

/** Whether a packet is this drill's and this probe's; a damaged header makes it nobody's. */
export const isOurs = (view: DataView, at: number, length: number, tag: number, probe: number): boolean =>
  length >= HEADER &&
  view.getUint32(at) === MAGIC &&
  view.getUint32(at + 4) === tag &&
  view.getUint16(at + 8) === probe &&
  view.getInt32(at + 20) === checkWord(view, at);

/** The bytes that every packet of a drill begins with, wherever they lie in what carries it. */
export function markOf(tag: number): Buffer {
  const mark = Buffer.alloc(8);
  mark.writeUInt32BE(MAGIC);
  mark.writeUInt32BE(tag, 4);
  return mark;
}

export const probeOf = (view: DataView, at: number): number => view.getUint16(at + 8);
export const streamOf = (view: DataView, at: number): number => view.getUint16(at + 10);
export const numberOf = (view: DataView, at: number): number => view.getUint32(at + 12);
export const connectionOf = (view: DataView, at: number): number => view.getUint32(at + 16);

/** Whether the filling is as it was sent. */
export function isIntact(view: DataView, at: number, length: number): boolean {
  const number = numberOf(view, at);
  for (let position = HEADER; position < length; position++) {
    if (view.getUint8(at + position) !== ((number + position) & 0xff)) return false;
  }
  return true;
}
