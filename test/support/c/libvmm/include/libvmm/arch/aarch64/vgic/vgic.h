/* libvmm 0.2 knows the interrupt controllers of four of seL4's platforms and stops the compiler on others. */
#if defined(CONFIG_PLAT_QEMU_ARM_VIRT)
#define GIC_DIST_PADDR 0x8000000UL
#else
#error Need to define GIC addresses
#endif
