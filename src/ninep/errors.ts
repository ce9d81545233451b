/** Errors as Rlerror has them: Linux's numbers (include/uapi/asm-generic/errno-base.h and errno.h), which a guest's programs are told. */
import { type HostError, Refusal } from '../base/index.ts';

export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EMLINK: 31,
  ENAMETOOLONG: 36,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EPROTO: 71,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  ESTALE: 116,
  EDQUOT: 122,
} as const;

export type ErrnoName = keyof typeof ERRNO;

/** What a question can't be answered with but an error; caught by the server. */
export class NinepError extends Refusal {
  override readonly name = 'NinepError';
  readonly code: ErrnoName;

  constructor(code: ErrnoName) {
    super(code);
    this.code = code;
  }
}

/** Linux's number for what went wrong; what it has none for is an input/output error. */
export function errnoOf({ code }: NinepError | HostError): number {
  return isErrnoName(code) ? ERRNO[code] : ERRNO.EIO;
}

function isErrnoName(code: string): code is ErrnoName {
  return Object.hasOwn(ERRNO, code);
}
