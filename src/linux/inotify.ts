import { call, close, errno, raw, SystemError } from './libc.js';

// sys/inotify.h
const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_MODIFY = 0x2;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const EAGAIN = 11;

/** Tells when anything in a folder is written or made. */
export class FolderWatch {
  readonly descriptor: number;
  readonly #buffer = Buffer.alloc(65536);

  constructor(folder: string) {
    this.descriptor = call('inotify_init1', IN_NONBLOCK | IN_CLOEXEC);
    call('inotify_add_watch', this.descriptor, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
  }

  /** Takes what was told; false where nothing was. */
  clear(): boolean {
    const length = raw.read(this.descriptor, this.#buffer, this.#buffer.length);
    if (length >= 0) return true;
    if (errno() === EAGAIN) return false;
    throw new SystemError('read', errno());
  }

  close(): void {
    close(this.descriptor);
  }
}
