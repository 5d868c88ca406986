import { errno, raw, SystemError } from './libc.js';
import { addressBytes, addressText } from './links.js';

// linux/in.h, linux/in6.h
const AF_INET = 2;
const AF_INET6 = 10;

/** Bytes that hold a socket address of either family. */
export const ADDRESS_SIZE = 28;

/** Address family of an IP address, for socket(2). */
export const familyOf = (address: string): number => (address.includes(':') ? AF_INET6 : AF_INET);

/** Encodes an address and port as the kernel's sockaddr of its family. */
export function encodeAddress(address: string, port: number): Buffer {
  const bytes = addressBytes(address);
  const buffer = Buffer.alloc(bytes.length === 4 ? 16 : ADDRESS_SIZE);
  buffer.writeUInt16LE(familyOf(address), 0);
  buffer.writeUInt16BE(port, 2);
  buffer.set(bytes, bytes.length === 4 ? 4 : 8);
  return buffer;
}

/** Reads a sockaddr. */
export function decodeAddress(buffer: Uint8Array): { address: string; port: number } {
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  const start = view.getUint16(0, true) === AF_INET ? 4 : 8;
  return {
    address: addressText(buffer.slice(start, start + (start === 4 ? 4 : 16))),
    port: view.getUint16(2),
  };
}

/** An address and port as it is usually written. */
export const addressName = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Gives a socket its address and port. */
export function bindTo(descriptor: number, address: string, port: number): void {
  const name = encodeAddress(address, port);
  if (raw.bind(descriptor, name, name.length) < 0)
    throw new SystemError('bind', errno(), `${address} port ${port}`);
}
