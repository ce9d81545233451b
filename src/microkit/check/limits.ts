/** The limits of Microkit 2.3's tool, its monitor and its build of seL4. */

/** One bit of a 64-bit badge each, less the two that mark calls and faults. */
export const HIGHEST_ID = 61;
/** How many channels and interrupts a protection domain can have. */
export const CHANNEL_LIMIT = HIGHEST_ID + 1;
export const HIGHEST_PRIORITY = 254;
export const PROTECTION_DOMAIN_LIMIT = 63;
/** The monitor keeps names in arrays of 64 bytes, the last one NUL. */
export const NAME_LIMIT_BYTES = 63;
export const STACK_MIN_BYTES = 0x1000;
export const STACK_MAX_BYTES = 0x100_0000;
export const CAP_SLOT_LIMIT = 128;
export const X86_HIGHEST_VECTOR = 107;
/** `KernelNumDomains` and `KernelNumDomainSchedules` of the SDK's builds. */
export const SCHEDULING_DOMAIN_LIMIT = 16;
export const SCHEDULE_LIMIT = 100;
/** Where the linker script puts a protection domain's program. */
export const PROGRAM_VADDR = 0x20_0000;
/** x86 I/O virtual addresses end there. */
export const IOVA_LIMIT = 2 ** 39;
