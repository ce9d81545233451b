/** The limits of Microkit 2.3's tool, its monitor and its build of seL4. */

/** One bit of a 64-bit badge each, less the two that mark calls and faults. */
export const HIGHEST_ID = 61;
/** How many channels and interrupts a protection domain can have. */
export const CHANNEL_LIMIT = HIGHEST_ID + 1;
/** A child's capability lies in slot 202 plus its id of a CNode of 512, and those of vCPUs 64 slots and 128 slots further. */
export const HIGHEST_CHILD_ID = 309;
export const VCPU_SLOTS_AFTER_CHILDREN = [64, 128];
export const HIGHEST_PRIORITY = 254;
export const HIGHEST_CORE = 255;
/** seL4 refuses a smaller budget: `MIN_BUDGET_US`, twice the time that a kernel entry is given (`CONFIG_KERNEL_WCET_SCALE` 1). */
export const BUDGET_MIN_US = 20;
export const PROTECTION_DOMAIN_LIMIT = 63;
/** The tool writes the names of the virtual machines, once a vCPU, into an array of that many in its monitor. */
export const VCPU_LIMIT = 64;
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
