/* The program's script and the files that are built into it, as "drivervm bundle" and the Makefile name them. */
    .section .rodata
    .balign 4096
    .global domain_script, domain_script_end
domain_script:
    .incbin SCRIPT_PATH
domain_script_end:
    .byte 0

    .section .data
    .balign 4096
#ifdef KERNEL_PATH
    .global domain_kernel, domain_kernel_end
domain_kernel:
    .incbin KERNEL_PATH
domain_kernel_end:
    .balign 4096
#endif
#ifdef DTB_PATH
    .global domain_dtb, domain_dtb_end
domain_dtb:
    .incbin DTB_PATH
domain_dtb_end:
    .balign 4096
#endif
#ifdef INITRD_PATH
    .global domain_initrd, domain_initrd_end
domain_initrd:
    .incbin INITRD_PATH
domain_initrd_end:
#endif
#ifdef DISKS_PATH
/* A disk for each domain that runs this program, under the domain's name. */
    .macro disk domain, path
    .balign 4096
disk_\domain:
    .incbin "\path"
disk_end_\domain:
    .balign 8
    .section .data.rel.ro
    .quad disk_name_\domain, disk_\domain, disk_end_\domain
    .section .rodata
disk_name_\domain: .asciz "\domain"
    .section .data
    .endm
#endif

    .section .data.rel.ro
    .balign 8
    .global domain_images
domain_images:
#ifdef KERNEL_PATH
    .quad name_kernel, domain_kernel, domain_kernel_end
#endif
#ifdef DTB_PATH
    .quad name_dtb, domain_dtb, domain_dtb_end
#endif
#ifdef INITRD_PATH
    .quad name_initrd, domain_initrd, domain_initrd_end
#endif
#ifdef DISKS_PATH
    .section .data
#include DISKS_PATH
    .section .data.rel.ro
#endif
    .quad 0, 0, 0

    .section .rodata
name_kernel: .asciz "kernel"
name_dtb: .asciz "dtb"
name_initrd: .asciz "initrd"
