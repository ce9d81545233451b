/*
 * A guest of its own, as an arm64 Image: how long a round trip to its monitor takes, by the counter, a thousand of each. Under QEMU's -icount
 * shift=0 an instruction takes a nanosecond and a tick of the counter 16. GICv2 and PL011 where QEMU's virt has them.
 */
#define GICD 0x8000000
#define GICC 0x8010000
#define UART 0x9000000
#define TXIM 0x20
#define TIMES 1000
#define INSTRUCTIONS_PER_TICK_SHIFT 4

    .global _start
_start:
    b begin
    .long 0
    .quad 0                 // text_offset
    .quad 0x200000          // image_size
    .quad 0xa               // flags: little-endian, 4 KiB, anywhere
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .long 0

begin:
    adr x0, vectors
    msr vbar_el1, x0
    isb
    adr x0, stack_end
    mov sp, x0
    ldr x19, =UART
    ldr x20, =GICD
    ldr x21, =GICC
    mov w0, #1
    str w0, [x20]           // GICD_CTLR
    mov w0, #0xf0
    str w0, [x21, #4]       // GICC_PMR
    mov w0, #1
    str w0, [x21]           // GICC_CTLR

    adr x0, name_read
    bl puts
    mov x22, #TIMES
    mrs x23, cntvct_el0
1:  ldr w0, [x20, #4]       // GICD_TYPER
    subs x22, x22, #1
    b.ne 1b
    bl report

    adr x0, name_write
    bl puts
    mov x22, #TIMES
    mov w1, #2
    mrs x23, cntvct_el0
1:  str w1, [x20, #0x184]   // GICD_ICENABLER1
    subs x22, x22, #1
    b.ne 1b
    bl report

    adr x0, name_smc
    bl puts
    mov x22, #TIMES
    mrs x23, cntvct_el0
1:  ldr x0, =0x84000000     // PSCI_VERSION
    smc #0
    subs x22, x22, #1
    b.ne 1b
    bl report

    // From the timer's condition to the first instruction of the handler, and from there to where it was.
    mov w0, #0x08000000
    str w0, [x20, #0x100]   // GICD_ISENABLER0: the virtual timer's PPI, 27
    mov x24, #0
    mov x25, #0
    mov x22, #TIMES
2:  mov x26, #0
    mrs x23, cntvct_el0
    msr cntv_cval_el0, x23
    mov x0, #1
    msr cntv_ctl_el0, x0
    isb
    msr daifclr, #2
3:  cbz x26, 3b
    mrs x0, cntvct_el0
    msr daifset, #2
    sub x0, x0, x26
    add x25, x25, x0
    sub x0, x26, x23
    add x24, x24, x0
    subs x22, x22, #1
    b.ne 2b
    adr x0, name_timer
    bl puts
    mov x27, x24
    bl print
    adr x0, name_end
    bl puts
    mov x27, x25
    bl print

    // The same of an interrupt that is passed through: the PL011's, by a character sent.
    mov w0, #0x7ff
    str w0, [x19, #0x44]    // UARTICR
    mov w0, #TXIM
    str w0, [x19, #0x38]    // UARTIMSC
    mov w0, #0x01010101
    str w0, [x20, #0x820]   // GICD_ITARGETSR8
    mov w0, #2
    str w0, [x20, #0x104]   // GICD_ISENABLER1: SPI 1, INTID 33
    mov x24, #0
    mov x25, #0
    mov x22, #TIMES
2:  mov x26, #0
    mov w0, #'\r'
    mrs x23, cntvct_el0
    str w0, [x19]
    msr daifclr, #2
3:  cbz x26, 3b
    mrs x0, cntvct_el0
    msr daifset, #2
    sub x0, x0, x26
    add x25, x25, x0
    sub x0, x26, x23
    add x24, x24, x0
    subs x22, x22, #1
    b.ne 2b
    str wzr, [x19, #0x38]
    adr x0, name_passed
    bl puts
    mov x27, x24
    bl print
    adr x0, name_ended
    bl puts
    mov x27, x25
    bl print

    adr x0, done
    bl puts
    ldr x0, =0x84000008     // SYSTEM_OFF
    smc #0
    b .

report:
    mrs x27, cntvct_el0
    sub x27, x27, x23
print:                      // x27 ticks of all, as instructions of one
    lsl x27, x27, #INSTRUCTIONS_PER_TICK_SHIFT
    mov x28, #TIMES
    udiv x27, x27, x28
    mov x14, sp
    mov x10, x14
    mov x11, #10
4:  udiv x12, x27, x11
    msub x13, x12, x11, x27
    add w13, w13, #'0'
    sub x10, x10, #1
    strb w13, [x10]
    mov x27, x12
    cbnz x27, 4b
5:  cmp x10, x14
    b.eq 6f
    ldrb w0, [x10], #1
7:  ldr w1, [x19, #0x18]    // UARTFR.TXFF
    tbnz w1, #5, 7b
    str w0, [x19]
    b 5b
6:  mov w0, #'\n'
    str w0, [x19]
    ret

puts:
8:  ldrb w1, [x0], #1
    cbz w1, 9f
10: ldr w2, [x19, #0x18]
    tbnz w2, #5, 10b
    str w1, [x19]
    b 8b
9:  ret

irq:
    mrs x26, cntvct_el0
    msr cntv_ctl_el0, xzr
    isb
    mov w0, #TXIM
    str w0, [x19, #0x44]    // UARTICR
    ldr w0, [x21, #0xc]     // GICC_IAR
    str w0, [x21, #0x10]    // GICC_EOIR
    eret

    .balign 2048
vectors:
    .rept 5
    b .
    .balign 128
    .endr
    b irq
    .balign 128
    .rept 10
    b .
    .balign 128
    .endr

name_read:  .asciz "GICD read: "
name_write: .asciz "GICD_ICENABLER write: "
name_smc:   .asciz "SMC: "
name_timer: .asciz "timer to handler: "
name_end:   .asciz "handler to its end: "
name_passed: .asciz "passed interrupt to handler: "
name_ended: .asciz "its handler to its end: "
done:       .asciz "reboot: Power down\n"
    .balign 16
    .ltorg
    .skip 4096
stack_end:
