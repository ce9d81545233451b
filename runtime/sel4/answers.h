/* Made by "npm run compiled" of the modules below src/vmm/ that say so: what is to be changed is changed there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* VgicState */
extern _Alignas(16) struct vgic {
    uint32_t routeLow[1500];
    uint32_t routeHigh[1500];
    uint8_t enabled[1500];
    uint8_t pending[1500];
    uint8_t active[1500];
    uint8_t priority[1500];
    uint8_t group[1500];
    uint8_t edge[1500];
    uint8_t targets[1500];
    uint8_t listRegister[1500];
    uint8_t owner[1500];
    uint8_t channel[1500];
    uint16_t place[1500];
    uint16_t queue[16384];
    uint16_t loaded[64];
    uint16_t queued[16];
    uint8_t id[16];
    uint8_t timer[16];
    uint8_t isOff[16];
    uint8_t asleep[16];
    uint8_t isLast[16];
    uint32_t redistributorPage[16];
    uint8_t vcpuOfId[64];
    uint16_t passedIntid[64];
    uint8_t passedVcpu[64];
    uint32_t lineWindow[32];
    uint32_t lineStatus[32];
    uint8_t lineCount[1];
    uint32_t distributorPage[1];
    uint8_t version[1];
    uint8_t vcpuCount[1];
    uint8_t groupEnabled[2];
    uint8_t ownFaults[1];
    uint8_t ownChannels[1];
} vgic;

void call_injectIrq(int64_t, int64_t, int64_t, int64_t, int64_t);
void call_ackVppi(int64_t, int64_t);
void call_irqAck(int64_t);
int64_t call_timerControl(int64_t);
void call_acknowledge(int64_t, int64_t);

/* FaultState */
extern _Alignas(16) struct faults {
    uint32_t context[72];
    uint32_t message[240];
    uint8_t placeOfX[32];
} faults;

bool call_readContext(int64_t);
bool call_writeContext(int64_t);

/** An access to the interrupt controller or a device's line that the syndrome describes, of 32 bits at most and without a sign. */
bool answersVmFault(int64_t);

/** The virtual timer, once the monitor knows its number. */
bool answersTimer(int64_t);

/** The end of an interrupt that is no function's of the program. */
bool answersEnd(int64_t);

/** WFI and WFE, after which a guest asks again; ICC_SGI1R_EL1; calls through SMC that need nothing else. */
bool answersVcpuFault(int64_t);

/** An interrupt that is passed through. */
bool answersNotified(int64_t);
