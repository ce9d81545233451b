/* What Microkit 2.3 declares of what monitors use, for tests that have no SDK. */
#pragma once

#include <stdint.h>

typedef int8_t seL4_Bool;
#define seL4_True 1
#define seL4_False 0
typedef uint64_t seL4_Word;
typedef uint16_t seL4_Uint16;
typedef struct { seL4_Word words[1]; } seL4_MessageInfo_t;
typedef struct { seL4_Word x0; } seL4_UserContext;

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef seL4_MessageInfo_t microkit_msginfo;

#define MICROKIT_PD_NAME_LENGTH 64
extern char microkit_name[MICROKIT_PD_NAME_LENGTH];

/* seL4's numbers for faults, which have other values in other configurations. */
#define seL4_Fault_VMFault 6
#define seL4_Fault_VPPIEvent 9
#define seL4_VPPIEvent_IRQ 0

seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo);
seL4_Word microkit_mr_get(seL4_Uint16 mr);
void microkit_notify(microkit_channel ch);
void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq);
microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count);

/* What a program defines. */
void init(void);
void notified(microkit_channel ch);
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);
