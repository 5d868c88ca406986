import { call, close, raw } from './libc.js';

// sys/epoll.h
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/** Descriptors that make up one: it is readable while one of them is, or while one has ended. */
export class DescriptorSet {
  readonly descriptor = call('epoll_create1', EPOLL_CLOEXEC);

  /** Takes one in; it leaves when it is closed. */
  add(descriptor: number): void {
    // struct epoll_event is packed on x86-64 only: events, then 64 bits of the caller's own.
    const event = Buffer.alloc(16);
    event.writeUInt32LE(EPOLLIN);
    call('epoll_ctl', this.descriptor, EPOLL_CTL_ADD, descriptor, event);
  }

  /** Waits until one is readable, at most so many milliseconds; false where none was. */
  wait(milliseconds: number): boolean {
    return raw.epoll_wait(this.descriptor, Buffer.alloc(16), 1, Math.max(0, Math.ceil(milliseconds))) > 0;
  }

  close(): void {
    close(this.descriptor);
  }
}
