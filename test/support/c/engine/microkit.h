/* What Microkit 2.3 and seL4 16 declare of what runtime/sel4 uses, for tests that have no SDK; as of a kernel for several cores. */
#pragma once

#include <stdint.h>

typedef int8_t seL4_Bool;
typedef uint8_t seL4_Uint8;
typedef uint64_t seL4_Word;
typedef uint64_t seL4_CPtr;
typedef struct { seL4_Word words[1]; } seL4_MessageInfo_t;
typedef enum { seL4_NoError } seL4_Error;
typedef struct { seL4_Word pc, sp, spsr, x[31], tpidr_el0, tpidrro_el0; } seL4_UserContext;
typedef struct { int error; seL4_Word value; } seL4_ARM_VCPU_ReadRegs_t;

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef seL4_MessageInfo_t microkit_msginfo;

enum { seL4_MsgMaxLength = 120 };
enum { BASE_VM_TCB_CAP = 266, BASE_VCPU_CAP = 330 };
#define CONFIG_MAX_NUM_NODES 4
enum { seL4_Fault_UnknownSyscall = 2, seL4_Fault_UserException, seL4_Fault_VMFault = 6, seL4_Fault_VGICMaintenance,
       seL4_Fault_VCPUFault, seL4_Fault_VPPIEvent };
enum { seL4_VCPUReg_SCTLR, seL4_VCPUReg_CPACR, seL4_VCPUReg_TTBR0, seL4_VCPUReg_TTBR1, seL4_VCPUReg_TCR, seL4_VCPUReg_MAIR,
       seL4_VCPUReg_AMAIR, seL4_VCPUReg_CIDR, seL4_VCPUReg_ACTLR, seL4_VCPUReg_AFSR0, seL4_VCPUReg_AFSR1, seL4_VCPUReg_ESR,
       seL4_VCPUReg_FAR, seL4_VCPUReg_PAR, seL4_VCPUReg_VBAR, seL4_VCPUReg_TPIDR_EL1, seL4_VCPUReg_VMPIDR_EL2,
       seL4_VCPUReg_SP_EL1, seL4_VCPUReg_ELR_EL1, seL4_VCPUReg_SPSR_EL1, seL4_VCPUReg_CNTV_CTL, seL4_VCPUReg_CNTV_CVAL,
       seL4_VCPUReg_CNTVOFF, seL4_VCPUReg_CNTKCTL_EL1 };

extern char microkit_name[64];
void microkit_dbg_putc(int character);
void microkit_dbg_puts(const char *text);
void microkit_notify(microkit_channel channel);
void microkit_irq_ack(microkit_channel channel);
seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo);
seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo);
microkit_msginfo microkit_msginfo_new(seL4_Word label, uint16_t count);
void microkit_mr_set(seL4_Uint8 mr, seL4_Word value);
microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo);
seL4_Word microkit_mr_get(seL4_Uint8 mr);

seL4_Error seL4_TCB_ReadRegisters(seL4_CPtr tcb, seL4_Bool suspend, seL4_Uint8 flags, seL4_Word count, seL4_UserContext *regs);
seL4_Error seL4_TCB_WriteRegisters(seL4_CPtr tcb, seL4_Bool resume, seL4_Uint8 flags, seL4_Word count, seL4_UserContext *regs);
seL4_Error seL4_TCB_Suspend(seL4_CPtr tcb);
seL4_Error seL4_ARM_VCPU_InjectIRQ(seL4_CPtr vcpu, uint16_t virq, seL4_Uint8 priority, seL4_Uint8 group, seL4_Uint8 index);
seL4_Error seL4_ARM_VCPU_AckVPPI(seL4_CPtr vcpu, seL4_Word irq);
seL4_ARM_VCPU_ReadRegs_t seL4_ARM_VCPU_ReadRegs(seL4_CPtr vcpu, seL4_Word field);
seL4_Error seL4_ARM_VCPU_WriteRegs(seL4_CPtr vcpu, seL4_Word field, seL4_Word value);

/* What a program defines. */
void init(void);
void notified(microkit_channel ch);
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);
