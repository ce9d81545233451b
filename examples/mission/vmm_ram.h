/*
 * Guest RAM of the driver VM: 1 GiB at 0x80000000, mapped 1:1, because the guest's devices transfer data without the CPU.
 * With their quotes, so that they can stand as values in the description.
 */
#define GUESTRAMADDR "0x80000000"
#define GUESTRAMSIZE "0x40000000"
