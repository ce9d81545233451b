/** What the run loop tells its slow path about an access, in one number. */

export interface AccessDescription {
  readonly sizeBytes: number;
  readonly aligned: boolean;
  readonly unprivileged: boolean;
  readonly write: boolean;
}

const ALIGNED = 0x100;
const UNPRIVILEGED = 0x200;
const WRITE = 0x400;
const SIZE_MASK = 0xff;

export function accessDescriptor(access: AccessDescription): number {
  return (
    access.sizeBytes |
    (access.aligned ? ALIGNED : 0) |
    (access.unprivileged ? UNPRIVILEGED : 0) |
    (access.write ? WRITE : 0)
  );
}

const ALL = SIZE_MASK | ALIGNED | UNPRIVILEGED | WRITE;

/** All there can be, made once: a miss of the TLB must not allocate. */
const DESCRIPTIONS: readonly AccessDescription[] = Array.from({ length: ALL + 1 }, (_, descriptor) => ({
  sizeBytes: descriptor & SIZE_MASK,
  aligned: (descriptor & ALIGNED) !== 0,
  unprivileged: (descriptor & UNPRIVILEGED) !== 0,
  write: (descriptor & WRITE) !== 0,
}));

export function describeAccess(descriptor: number): AccessDescription {
  const description = DESCRIPTIONS[descriptor];
  if (description === undefined) throw new Error(`no access is described by ${descriptor}`);
  return description;
}
