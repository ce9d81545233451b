/** What the run loop tells its slow path about an access, in one number. */

export interface AccessDescription {
  readonly sizeBytes: number;
  readonly aligned: boolean;
  readonly unprivileged: boolean;
  readonly write: boolean;
}

/** The size in the low bits, then what it must be and as whom. */
export const ACCESS_FLAG = { aligned: 0x100, unprivileged: 0x200, write: 0x400 } as const;
export const SIZE_MASK = 0xff;

export function accessDescriptor(access: AccessDescription): number {
  return (
    access.sizeBytes |
    (access.aligned ? ACCESS_FLAG.aligned : 0) |
    (access.unprivileged ? ACCESS_FLAG.unprivileged : 0) |
    (access.write ? ACCESS_FLAG.write : 0)
  );
}

const ALL = SIZE_MASK | ACCESS_FLAG.aligned | ACCESS_FLAG.unprivileged | ACCESS_FLAG.write;

/** All there can be, made once: a miss of the TLB must not allocate. */
const DESCRIPTIONS: readonly AccessDescription[] = Array.from({ length: ALL + 1 }, (_, descriptor) => ({
  sizeBytes: descriptor & SIZE_MASK,
  aligned: (descriptor & ACCESS_FLAG.aligned) !== 0,
  unprivileged: (descriptor & ACCESS_FLAG.unprivileged) !== 0,
  write: (descriptor & ACCESS_FLAG.write) !== 0,
}));

export function describeAccess(descriptor: number): AccessDescription {
  const description = DESCRIPTIONS[descriptor];
  if (description === undefined) throw new Error(`no access is described by ${descriptor}`);
  return description;
}
