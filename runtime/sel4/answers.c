/* Made by "npm run compiled" of the modules below src/vmm/ that say so: what is to be changed is changed there. */
#include "answers.h"

#define NO_CELL (-1)
#define I32(value) ((int64_t)(int32_t)(value))
#define SHL(value, count) I32((uint64_t)(value) << ((count) & 31))
#define SHR(value, count) ((int64_t)((uint32_t)(value) >> ((count) & 31)))
#define SAR(value, count) I32((int32_t)(value) >> ((count) & 31))
#define COUNT(cells) ((int64_t)(sizeof(cells) / sizeof((cells)[0])))
#define CELL(kind, cells, at) cell_##kind(cells, COUNT(cells), at, NO_CELL)
#define READ(kind, cells, at) cell_##kind(cells, COUNT(cells), at, 0)
#define WRITE(kind, cells, at, value) write_##kind(cells, COUNT(cells), at, value)

static inline int64_t clz32(int64_t value)
{
    return (uint32_t)value == 0 ? 32 : __builtin_clz((uint32_t)value);
}

static inline int64_t cell_u8(const uint8_t *cells, int64_t count, int64_t at, int64_t otherwise)
{
    return at >= 0 && at < count ? cells[at] : otherwise;
}

static inline void write_u8(uint8_t *cells, int64_t count, int64_t at, int64_t value)
{
    if (at >= 0 && at < count) cells[at] = (uint8_t)value;
}

static inline int64_t cell_u16(const uint16_t *cells, int64_t count, int64_t at, int64_t otherwise)
{
    return at >= 0 && at < count ? cells[at] : otherwise;
}

static inline void write_u16(uint16_t *cells, int64_t count, int64_t at, int64_t value)
{
    if (at >= 0 && at < count) cells[at] = (uint16_t)value;
}

static inline int64_t cell_u32(const uint32_t *cells, int64_t count, int64_t at, int64_t otherwise)
{
    return at >= 0 && at < count ? cells[at] : otherwise;
}

static inline void write_u32(uint32_t *cells, int64_t count, int64_t at, int64_t value)
{
    if (at >= 0 && at < count) cells[at] = (uint32_t)value;
}

_Alignas(16) struct vgic vgic;
_Alignas(16) struct faults faults;

#define LIST_REGISTER_COUNT INT64_C(4)
#define CHANNEL INT64_C(2)
#define DEVICE INT64_C(4)
#define FIRST_SHARED INT64_C(512)
#define INTID_LIMIT INT64_C(1020)
#define LEFT_OVER INT64_C(32768)
#define PRIVATE_COUNT INT64_C(32)
#define PROGRAM INT64_C(1)
#define QUEUE_SHIFT INT64_C(10)
#define SGI_COUNT INT64_C(16)
#define TIMER INT64_C(3)
#define INTID_COUNT INT64_C(1024)
#define INTERRUPT_ACK INT64_C(100)
#define INTERRUPT_STATUS INT64_C(96)
#define WINDOW_SHIFT INT64_C(9)
#define CONTEXT_PC INT64_C(0)
#define ONLY_WORD INT64_C(0)
#define VM_FAULT_ADDR INT64_C(1)
#define VM_FAULT_FSR INT64_C(3)
#define VM_FAULT_IP INT64_C(0)
#define VM_FAULT_PREFETCH INT64_C(2)
#define NO_SLOT (-INT64_C(1))
#define ANY_VCPU INT64_C(0x80000000)
#define LOST_PRIORITY_BITS INT64_C(3)
#define TIMER_CONTROL_MASK INT64_C(7)
#define TIMER_LINE_HIGH INT64_C(5)
#define NONE INT64_C(0)
#define IGROUPR INT64_C(0x080)
#define ISENABLER INT64_C(0x100)
#define ICENABLER INT64_C(0x180)
#define ISPENDR INT64_C(0x200)
#define ICPENDR INT64_C(0x280)
#define ISACTIVER INT64_C(0x300)
#define ICACTIVER INT64_C(0x380)
#define IPRIORITYR INT64_C(0x400)
#define ITARGETSR INT64_C(0x800)
#define ICFGR INT64_C(0xc00)
#define FIELDS_END INT64_C(0xd00)
#define BIT_REGISTERS_BYTES INT64_C(0x80)
#define PRIORITY_MASK INT64_C(0xf8)
#define EDGE INT64_C(2)
#define GICD_V2_SIZE_BYTES INT64_C(0x1000)
#define CTLR INT64_C(0x000)
#define TYPER INT64_C(0x004)
#define IIDR INT64_C(0x008)
#define SGIR INT64_C(0xf00)
#define ICPIDR2 INT64_C(0xfe8)
#define ICCIDR0 INT64_C(0xff0)
#define ICCIDR1 INT64_C(0xff4)
#define ICCIDR2 INT64_C(0xff8)
#define ICCIDR3 INT64_C(0xffc)
#define TO_LIST INT64_C(0)
#define TO_OTHERS INT64_C(1)
#define TO_SELF INT64_C(2)
#define GICD_V3_SIZE_BYTES INT64_C(0x10000)
#define CTLR_V3 INT64_C(0x0000)
#define TYPER_V3 INT64_C(0x0004)
#define IIDR_V3 INT64_C(0x0008)
#define PIDR2_V3 INT64_C(0xffe8)
#define CIDR0_V3 INT64_C(0xfff0)
#define CIDR1_V3 INT64_C(0xfff4)
#define CIDR2_V3 INT64_C(0xfff8)
#define CIDR3_V3 INT64_C(0xfffc)
#define CTLR_ARE_DS INT64_C(0x50)
#define TYPER_IDBITS INT64_C(0x00480000)
#define TYPER_A3V INT64_C(0x01000000)
#define TYPER_NO1N INT64_C(0x02000000)
#define ROUTERS INT64_C(0x6000)
#define ROUTERS_END INT64_C(0x8000)
#define ROUTER_LOW_MASK INT64_C(0x80ffffff)
#define ROUTER_HIGH_MASK INT64_C(0xff)
#define UPPER_HALF INT64_C(4)
#define SGI1R_IRM INT64_C(0x100)
#define SGI1R_HIGH_AFFINITY INT64_C(0x00fff0ff)
#define SGI1R_AFF1 INT64_C(0x00ff0000)
#define REDISTRIBUTOR_SIZE_BYTES INT64_C(0x20000)
#define SGI_BASE INT64_C(0x10000)
#define GICR_IIDR INT64_C(0x0004)
#define GICR_TYPER INT64_C(0x0008)
#define GICR_TYPER_HIGH INT64_C(0x000c)
#define GICR_WAKER INT64_C(0x0014)
#define GICR_PIDR2 INT64_C(0xffe8)
#define GICR_CIDR0 INT64_C(0xfff0)
#define GICR_CIDR1 INT64_C(0xfff4)
#define GICR_CIDR2 INT64_C(0xfff8)
#define GICR_CIDR3 INT64_C(0xfffc)
#define WAKER_PROCESSOR_SLEEP INT64_C(2)
#define WAKER_ASLEEP INT64_C(6)
#define PAGE_SHIFT INT64_C(12)
#define PAGE_MASK INT64_C(0xfff)
#define NO_OWNER (-INT64_C(1))
#define NO_LINE (-INT64_C(1))
#define WINDOW_MASK INT64_C(0x1ff)
#define WINDOWS_IN_PAGE INT64_C(8)
#define REGISTER_BYTES INT64_C(4)
#define PSCI_VERSION INT64_C(0x84000000)
#define CPU_SUSPEND INT64_C(0x84000001)
#define CPU_OFF INT64_C(0x84000002)
#define CPU_ON INT64_C(0x84000003)
#define AFFINITY_INFO INT64_C(0x84000004)
#define MIGRATE_INFO_TYPE INT64_C(0x84000006)
#define SYSTEM_OFF INT64_C(0x84000008)
#define SYSTEM_RESET INT64_C(0x84000009)
#define PSCI_FEATURES INT64_C(0x8400000a)
#define SMCCC_VERSION INT64_C(0x80000000)
#define SMCCC_ARCH_FEATURES INT64_C(0x80000001)
#define SUCCESS INT64_C(0)
#define NOT_SUPPORTED (-INT64_C(1))
#define NO_ANSWER (-INT64_C(0x80000000))
#define BIT_64 INT64_C(0x40000000)
#define PSCI_1_2 INT64_C(0x10002)
#define SMCCC_1_1 INT64_C(0x10001)
#define NO_TRUSTED_OS INT64_C(2)
#define NO_VCPU (-INT64_C(1))
#define ISV INT64_C(0x01000000)
#define SSE INT64_C(0x00200000)
#define S1PTW INT64_C(0x00000080)
#define WNR INT64_C(0x00000040)
#define SYSTEM_REGISTER_MASK INT64_C(0x003ffc1f)
#define WRITES_SGI1R INT64_C(0x003a3016)
#define EC_WFX INT64_C(0x01)
#define EC_SMC64 INT64_C(0x17)
#define EC_SYSTEM_REGISTER INT64_C(0x18)
#define INSTRUCTION_BYTES INT64_C(4)
#define WORD_END INT64_C(0x100000000)
#define PAGES_IN_WORD INT64_C(0x100000)

static int64_t slotOf(int64_t, int64_t);
static int64_t intidOf(int64_t);
static bool isFixed(int64_t);
static int64_t targetOf(int64_t, int64_t);
static void enqueue(int64_t, int64_t);
static void dequeue(int64_t);
static void setPending(int64_t, int64_t);
static void clearPending(int64_t);
static bool inject(int64_t, int64_t);
static bool isWaiting(int64_t);
static void reroute(int64_t, int64_t);
static int64_t freeListRegister(int64_t);
static int64_t mostUrgent(int64_t);
static void load(int64_t, int64_t, int64_t);
static void deliver(int64_t);
static void deliverAll(void);
static void acknowledge(int64_t, int64_t);
static int64_t release(int64_t, int64_t);
static void ended(int64_t, int64_t);
static void sendSgi(int64_t, int64_t);
static void takeBack(int64_t, int64_t);
static void settleTimers(void);
static int64_t kindAt(int64_t);
static int64_t widthOf(int64_t);
static int64_t read(int64_t, int64_t, int64_t);
static void write(int64_t, int64_t, int64_t, int64_t);
static int64_t firstWritten(int64_t);
static int64_t readFields(int64_t, int64_t, int64_t, int64_t, int64_t);
static void writeFields(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);
static int64_t cut(int64_t, int64_t, int64_t);
static int64_t widen(int64_t, int64_t);
static int64_t readSingleV2(int64_t);
static int64_t readDistributorV2(int64_t, int64_t, int64_t);
static void writeDistributorV2(int64_t, int64_t, int64_t, int64_t);
static void writeSgir(int64_t, int64_t);
static int64_t readSingleV3(int64_t);
static bool isRouter(int64_t);
static int64_t routedSlot(int64_t);
static int64_t readDistributorV3(int64_t, int64_t, int64_t);
static void writeDistributorV3(int64_t, int64_t, int64_t, int64_t);
static void writeSgi1r(int64_t, int64_t, int64_t);
static int64_t readControl(int64_t, int64_t);
static int64_t readRedistributor(int64_t, int64_t, int64_t);
static void writeRedistributor(int64_t, int64_t, int64_t, int64_t);
static int64_t distributorPages(void);
static bool inDistributor(int64_t);
static int64_t ownerOf(int64_t);
static bool answersAt(int64_t);
static int64_t readFrame(int64_t, int64_t, int64_t, int64_t);
static void writeFrame(int64_t, int64_t, int64_t, int64_t, int64_t);
static int64_t lineAt(int64_t, int64_t);
static bool isOfLine(int64_t, bool, int64_t);
static int64_t readLine(int64_t);
static void acknowledgeLine(int64_t, int64_t);
static int64_t psciBase(int64_t);
static bool has64BitForm(int64_t);
static bool isPsciFunction(int64_t);
static int64_t psciFeatures(int64_t);
static int64_t archFeatures(int64_t);
static int64_t smcAnswer(int64_t, int64_t);
static int64_t vcpuOf(int64_t);
static void goOn(int64_t, int64_t);
static bool answersSmc(void);

/** Where an interrupt's fields are, as a vCPU sees it. */
static int64_t slotOf(int64_t vcpu, int64_t intid)
{
    if ((intid < 0) || (intid >= INTID_LIMIT)) {
        return NO_SLOT;
    }
    return (intid < PRIVATE_COUNT) ? ((vcpu * PRIVATE_COUNT) + intid) : ((FIRST_SHARED + intid) - PRIVATE_COUNT);
}

static int64_t intidOf(int64_t slot)
{
    return (slot < FIRST_SHARED) ? (slot % PRIVATE_COUNT) : ((slot - FIRST_SHARED) + PRIVATE_COUNT);
}

/** SGIs of a version 2 controller can't be disabled nor set pending by their registers (IHI 0048B §4.3.5, §4.3.7). */
static bool isFixed(int64_t slot)
{
    return (vgic.version[0] == 2) && (intidOf(slot) < SGI_COUNT);
}

/** The vCPU that gets it. */
static int64_t targetOf(int64_t slot, int64_t vcpu)
{
    if (slot < FIRST_SHARED) {
        return vcpu;
    }
    const int64_t count = (int64_t)vgic.vcpuCount[0];
    if (vgic.version[0] == 2) {
        const int64_t targets = I32(READ(u8, vgic.targets, slot) & (SHL(1, count) - 1));
        return (targets == 0) ? 0 : (31 - clz32(I32(targets & (-targets))));
    }
    const int64_t route = READ(u32, vgic.routeLow, slot);
    const int64_t target = (I32(route & ANY_VCPU) != 0) ? 0 : I32(route & 0xff);
    return (target < count) ? target : 0;
}

static void enqueue(int64_t slot, int64_t vcpu)
{
    if (CELL(u16, vgic.place, slot) != 0) {
        return;
    }
    const int64_t count = READ(u16, vgic.queued, vcpu);
    const int64_t place = SHL(vcpu, QUEUE_SHIFT) + count;
    WRITE(u16, vgic.queue, place, slot);
    WRITE(u16, vgic.place, slot, place + 1);
    WRITE(u16, vgic.queued, vcpu, count + 1);
}

/** Their order says nothing: the last one takes the place. */
static void dequeue(int64_t slot)
{
    const int64_t place = READ(u16, vgic.place, slot) - 1;
    if (place < 0) {
        return;
    }
    const int64_t vcpu = SHR(place, QUEUE_SHIFT);
    const int64_t count = READ(u16, vgic.queued, vcpu) - 1;
    const int64_t last = READ(u16, vgic.queue, SHL(vcpu, QUEUE_SHIFT) + count);
    WRITE(u16, vgic.queue, place, last);
    WRITE(u16, vgic.place, last, place + 1);
    WRITE(u16, vgic.place, slot, 0);
    WRITE(u16, vgic.queued, vcpu, count);
}

/** Marks it pending and delivers it where it may be. An interrupt already pending stays one. */
static void setPending(int64_t slot, int64_t vcpu)
{
    const int64_t target = targetOf(slot, vcpu);
    WRITE(u8, vgic.pending, slot, 1);
    enqueue(slot, target);
    deliver(target);
}

static void clearPending(int64_t slot)
{
    WRITE(u8, vgic.pending, slot, 0);
    dequeue(slot);
}

/** Asserts an interrupt for a vCPU (for an SPI, the guest's routing decides). `false` where there is no such one. */
static bool inject(int64_t vcpu, int64_t intid)
{
    const int64_t slot = slotOf(vcpu, intid);
    if (((slot == NO_SLOT) || (vcpu < 0)) || (vcpu >= (int64_t)vgic.vcpuCount[0])) {
        return false;
    }
    setPending(slot, vcpu);
    return true;
}

/** Whether an interrupt is pending and in no list register yet. */
static bool isWaiting(int64_t slot)
{
    return (CELL(u8, vgic.pending, slot) == 1) && (CELL(u8, vgic.listRegister, slot) == 0);
}

/** Moves it to where it now goes, after routing changed. */
static void reroute(int64_t slot, int64_t vcpu)
{
    if (CELL(u8, vgic.pending, slot) != 1) {
        return;
    }
    dequeue(slot);
    setPending(slot, vcpu);
}

/** From 0; -1 where none is. */
static int64_t freeListRegister(int64_t vcpu)
{
    for (int64_t index = 0; index < LIST_REGISTER_COUNT; index += 1) {
        if (CELL(u16, vgic.loaded, (vcpu * LIST_REGISTER_COUNT) + index) == 0) {
            return index;
        }
    }
    return -1;
}

/** What of all that is pending for a vCPU, enabled and in no list register comes first: by priority, then by number. */
static int64_t mostUrgent(int64_t vcpu)
{
    const int64_t first = SHL(vcpu, QUEUE_SHIFT);
    const int64_t end = first + READ(u16, vgic.queued, vcpu);
    int64_t best = NO_SLOT;
    int64_t bestPriority = 0;
    for (int64_t place = first; place < end; place += 1) {
        const int64_t slot = READ(u16, vgic.queue, place);
        if ((CELL(u8, vgic.enabled, slot) != 1) || (CELL(u8, vgic.listRegister, slot) != 0)) {
            continue;
        }
        if (CELL(u8, vgic.groupEnabled, READ(u8, vgic.group, slot)) != 1) {
            continue;
        }
        const int64_t priority = READ(u8, vgic.priority, slot);
        if (((best == NO_SLOT) || (priority < bestPriority)) || ((priority == bestPriority) && (slot < best))) {
            best = slot;
            bestPriority = priority;
        }
    }
    return best;
}

static void load(int64_t vcpu, int64_t slot, int64_t index)
{
    clearPending(slot);
    WRITE(u8, vgic.listRegister, slot, index + 1);
    WRITE(u16, vgic.loaded, (vcpu * LIST_REGISTER_COUNT) + index, slot + 1);
    const int64_t priority = SHR(READ(u8, vgic.priority, slot), LOST_PRIORITY_BITS);
    call_injectIrq(READ(u8, vgic.id, vcpu), intidOf(slot), priority, READ(u8, vgic.group, slot), index);
}

/** Fills a vCPU's free list registers with what is pending and enabled, the most urgent first. */
static void deliver(int64_t vcpu)
{
    if (CELL(u8, vgic.isOff, vcpu) == 1) {
        return;
    }
    while (CELL(u16, vgic.queued, vcpu) != 0) {
        const int64_t free = freeListRegister(vcpu);
        if (free < 0) {
            return;
        }
        const int64_t best = mostUrgent(vcpu);
        if (best == NO_SLOT) {
            return;
        }
        load(vcpu, best, free);
    }
}

static void deliverAll(void)
{
    const int64_t count = (int64_t)vgic.vcpuCount[0];
    for (int64_t vcpu = 0; vcpu < count; vcpu += 1) {
        deliver(vcpu);
    }
}

/** The interrupt has come to its end: its next one may come. */
static void acknowledge(int64_t vcpu, int64_t slot)
{
    const int64_t owner = READ(u8, vgic.owner, slot);
    if (owner == CHANNEL) {
        call_irqAck(READ(u8, vgic.channel, slot));
    }
    if (owner == TIMER) {
        call_ackVppi(READ(u8, vgic.id, vcpu), intidOf(slot));
    }
    if (owner == PROGRAM) {
        call_acknowledge(vcpu, intidOf(slot));
    }
    if ((owner == DEVICE) && (CELL(u32, vgic.lineStatus, READ(u8, vgic.channel, slot)) != 0)) {
        setPending(slot, vcpu);
    }
}

/** A list register is empty. Whoever owns its interrupt is told; gives its slot. */
static int64_t release(int64_t vcpu, int64_t index)
{
    const int64_t at = (vcpu * LIST_REGISTER_COUNT) + index;
    const int64_t held = READ(u16, vgic.loaded, at);
    if (held == 0) {
        return NO_SLOT;
    }
    WRITE(u16, vgic.loaded, at, 0);
    if (held >= LEFT_OVER) {
        return NO_SLOT;
    }
    const int64_t slot = held - 1;
    WRITE(u8, vgic.listRegister, slot, 0);
    acknowledge(vcpu, slot);
    return slot;
}

/** The guest has ended the interrupt in a list register. Its owner is told before the next goes in. */
static void ended(int64_t vcpu, int64_t index)
{
    const int64_t slot = release(vcpu, index);
    if (slot == NO_SLOT) {
        deliver(vcpu);
        return;
    }
    if (CELL(u8, vgic.pending, slot) == 1) {
        deliverAll();
    } else {
        deliver(vcpu);
    }
}

/** A software-generated interrupt to each vCPU whose bit is set. */
static void sendSgi(int64_t intid, int64_t targets)
{
    const int64_t count = (int64_t)vgic.vcpuCount[0];
    for (int64_t vcpu = 0; vcpu < count; vcpu += 1) {
        if (I32(SHR(targets, vcpu) & 1) == 1) {
            setPending((vcpu * PRIVATE_COUNT) + intid, vcpu);
        }
    }
}

/** The line of an interrupt is low: if it waits for a list register, it comes to nothing. */
static void takeBack(int64_t vcpu, int64_t slot)
{
    clearPending(slot);
    acknowledge(vcpu, slot);
}

/**
 * Before the guest looks at its interrupt controller or changes it: a timer's interrupt that waits there and whose line has fallen since is
 * taken back. (One that is in a list register already is the kernel's.)
 */
static void settleTimers(void)
{
    const int64_t count = (int64_t)vgic.vcpuCount[0];
    for (int64_t vcpu = 0; vcpu < count; vcpu += 1) {
        const int64_t intid = READ(u8, vgic.timer, vcpu);
        if (intid == 0) {
            continue;
        }
        const int64_t slot = slotOf(vcpu, intid);
        if (!isWaiting(slot)) {
            continue;
        }
        if (I32(call_timerControl(READ(u8, vgic.id, vcpu)) & TIMER_CONTROL_MASK) != TIMER_LINE_HIGH) {
            takeBack(vcpu, slot);
        }
    }
}

static int64_t kindAt(int64_t offset)
{
    if ((offset < IGROUPR) || (offset >= FIELDS_END)) {
        return NONE;
    }
    if (offset < IPRIORITYR) {
        return I32(offset & (-BIT_REGISTERS_BYTES));
    }
    if (offset < ITARGETSR) {
        return IPRIORITYR;
    }
    return (offset < ICFGR) ? ITARGETSR : ICFGR;
}

/** How many bits a field has, as a power of two. */
static int64_t widthOf(int64_t kind)
{
    if (kind < IPRIORITYR) {
        return 0;
    }
    return (kind == ICFGR) ? 1 : 3;
}

/** One security state: a guest's groups are its own. A version 2 guest without Security Extensions has none. */
static int64_t read(int64_t kind, int64_t slot, int64_t vcpu)
{
    if ((kind == ISENABLER) || (kind == ICENABLER)) {
        return READ(u8, vgic.enabled, slot);
    }
    if ((kind == ISPENDR) || (kind == ICPENDR)) {
        return READ(u8, vgic.pending, slot);
    }
    if ((kind == ISACTIVER) || (kind == ICACTIVER)) {
        return READ(u8, vgic.active, slot);
    }
    if (kind == IPRIORITYR) {
        return READ(u8, vgic.priority, slot);
    }
    if (kind == ICFGR) {
        return (CELL(u8, vgic.edge, slot) == 1) ? EDGE : 0;
    }
    if (kind == IGROUPR) {
        return (vgic.version[0] == 2) ? 0 : READ(u8, vgic.group, slot);
    }
    if (vgic.version[0] != 2) {
        return 0;
    }
    return ((slot < ((vcpu * PRIVATE_COUNT) + PRIVATE_COUNT)) && (slot >= (vcpu * PRIVATE_COUNT))) ? I32(SHL(1, vcpu) & 0xff) : READ(u8, vgic.targets, slot);
}

/** A field of one bit is a 1: zeros change nothing in what sets and clears. */
static void write(int64_t kind, int64_t slot, int64_t field, int64_t vcpu)
{
    if (kind == ISENABLER) {
        WRITE(u8, vgic.enabled, slot, 1);
        if (CELL(u8, vgic.pending, slot) == 1) {
            setPending(slot, vcpu);
        }
    } else if (kind == ICENABLER) {
        if (!isFixed(slot)) {
            WRITE(u8, vgic.enabled, slot, 0);
        }
    } else if (kind == ISPENDR) {
        if (!isFixed(slot)) {
            setPending(slot, vcpu);
        }
    } else if (kind == ICPENDR) {
        if (!isFixed(slot)) {
            clearPending(slot);
        }
    } else if (kind == ISACTIVER) {
        WRITE(u8, vgic.active, slot, 1);
    } else if (kind == ICACTIVER) {
        WRITE(u8, vgic.active, slot, 0);
    } else if (kind == IPRIORITYR) {
        WRITE(u8, vgic.priority, slot, I32(field & PRIORITY_MASK));
    } else if (kind == IGROUPR) {
        if (vgic.version[0] == 3) {
            WRITE(u8, vgic.group, slot, field);
        }
    } else if (kind == ITARGETSR) {
        WRITE(u8, vgic.targets, slot, I32(field & (SHL(1, (int64_t)vgic.vcpuCount[0]) - 1)));
        reroute(slot, vcpu);
    } else {
        WRITE(u8, vgic.edge, slot, SHR(I32(field & EDGE), 1));
    }
}

/** The first interrupt whose field of this kind can be written. */
static int64_t firstWritten(int64_t kind)
{
    if (kind == ICFGR) {
        return SGI_COUNT;
    }
    if (kind != ITARGETSR) {
        return 0;
    }
    return (vgic.version[0] == 2) ? PRIVATE_COUNT : 0x7fffffff;
}

/** An access of 1, 2 or 4 bytes; of interrupts below `first` and from `end` on there is nothing to be had. */
static int64_t readFields(int64_t offset, int64_t sizeBytes, int64_t vcpu, int64_t first, int64_t end)
{
    const int64_t kind = kindAt(offset);
    if (kind == NONE) {
        return 0;
    }
    const int64_t width = widthOf(kind);
    const int64_t intid = SHR(SHL((offset - kind), 3), width);
    const int64_t count = SHR(SHL(sizeBytes, 3), width);
    int64_t value = 0;
    for (int64_t index = 0; index < count; index += 1) {
        const int64_t slot = slotOf(vcpu, intid + index);
        if (((slot == NO_SLOT) || ((intid + index) < first)) || ((intid + index) >= end)) {
            continue;
        }
        value = I32(value | SHL(read(kind, slot, vcpu), SHL(index, width)));
    }
    return SHR(value, 0);
}

static void writeFields(int64_t offset, int64_t value, int64_t sizeBytes, int64_t vcpu, int64_t first, int64_t end)
{
    const int64_t kind = kindAt(offset);
    if (kind == NONE) {
        return;
    }
    const int64_t width = widthOf(kind);
    const int64_t intid = SHR(SHL((offset - kind), 3), width);
    const int64_t count = SHR(SHL(sizeBytes, 3), width);
    const int64_t mask = SHL(1, SHL(1, width)) - 1;
    const int64_t lowest = firstWritten(kind);
    for (int64_t index = 0; index < count; index += 1) {
        const int64_t field = I32(SHR(value, SHL(index, width)) & mask);
        if (((field == 0) && (kind >= ISENABLER)) && (kind < IPRIORITYR)) {
            const int64_t left = SHR(value, index);
            if (left == 0) {
                return;
            }
            index += 30 - clz32(I32(left & (-left)));
            continue;
        }
        const int64_t slot = slotOf(vcpu, intid + index);
        if ((((slot == NO_SLOT) || ((intid + index) < first)) || ((intid + index) >= end)) || ((intid + index) < lowest)) {
            continue;
        }
        write(kind, slot, field, vcpu);
    }
}

/** What an access sees of a register of 32 bits. */
static int64_t cut(int64_t word, int64_t offset, int64_t sizeBytes)
{
    const int64_t shifted = SHR(word, SHL(I32(offset & 3), 3));
    return (sizeBytes == 4) ? shifted : I32(shifted & (SHL(1, SHL(sizeBytes, 3)) - 1));
}

/** What a write of less than 32 bits, its value where its bytes are, puts into one. */
static int64_t widen(int64_t value, int64_t offset)
{
    return SHR(SHL(value, SHL(I32(offset & 3), 3)), 0);
}

static int64_t readSingleV2(int64_t offset)
{
    if (offset == CTLR) {
        return (int64_t)vgic.groupEnabled[0];
    }
    if (offset == TYPER) {
        return I32((SHR(INTID_COUNT, 5) - 1) | SHL(((int64_t)vgic.vcpuCount[0] - 1), 5));
    }
    if (offset == IIDR) {
        return 0x0200143b;
    }
    if (offset == ICPIDR2) {
        return 0x2b;
    }
    if (offset == ICCIDR0) {
        return 0x0d;
    }
    if (offset == ICCIDR1) {
        return 0xf0;
    }
    if (offset == ICCIDR2) {
        return 0x05;
    }
    return (offset == ICCIDR3) ? 0xb1 : 0;
}

static int64_t readDistributorV2(int64_t offset, int64_t sizeBytes, int64_t vcpu)
{
    if ((offset >= IGROUPR) && (offset < FIELDS_END)) {
        return readFields(offset, sizeBytes, vcpu, 0, INTID_COUNT);
    }
    return cut(readSingleV2(I32(offset & (-4))), offset, sizeBytes);
}

static void writeDistributorV2(int64_t offset, int64_t value, int64_t sizeBytes, int64_t vcpu)
{
    const int64_t word = I32(offset & (-4));
    if ((offset >= IGROUPR) && (offset < FIELDS_END)) {
        writeFields(offset, value, sizeBytes, vcpu, 0, INTID_COUNT);
    } else if (word == CTLR) {
        WRITE(u8, vgic.groupEnabled, 0, I32(widen(value, offset) & 1));
        deliverAll();
    } else if (word == SGIR) {
        writeSgir(widen(value, offset), vcpu);
    }
}

static void writeSgir(int64_t value, int64_t sender)
{
    const int64_t filter = I32(SHR(value, 24) & 3);
    if (filter == TO_LIST) {
        sendSgi(I32(value & 0xf), I32(SHR(value, 16) & 0xff));
    }
    if (filter == TO_OTHERS) {
        sendSgi(I32(value & 0xf), I32(~SHL(1, sender)));
    }
    if (filter == TO_SELF) {
        sendSgi(I32(value & 0xf), SHL(1, sender));
    }
}

static int64_t readSingleV3(int64_t offset)
{
    if (offset == CTLR_V3) {
        return I32(I32(CTLR_ARE_DS | (int64_t)vgic.groupEnabled[0]) | SHL((int64_t)vgic.groupEnabled[1], 1));
    }
    if (offset == TYPER_V3) {
        return I32(I32(I32((SHR(INTID_COUNT, 5) - 1) | TYPER_IDBITS) | TYPER_A3V) | TYPER_NO1N);
    }
    if (offset == IIDR_V3) {
        return 0x0010043b;
    }
    if (offset == PIDR2_V3) {
        return 0x3b;
    }
    if (offset == CIDR0_V3) {
        return 0x0d;
    }
    if (offset == CIDR1_V3) {
        return 0xf0;
    }
    if (offset == CIDR2_V3) {
        return 0x05;
    }
    return (offset == CIDR3_V3) ? 0xb1 : 0;
}

static bool isRouter(int64_t offset)
{
    return (offset >= ROUTERS) && (offset < ROUTERS_END);
}

/** The slot that a router is at; none for private interrupts. */
static int64_t routedSlot(int64_t offset)
{
    const int64_t intid = SHR((offset - ROUTERS), 3);
    return (intid < PRIVATE_COUNT) ? NO_SLOT : slotOf(0, intid);
}

static int64_t readDistributorV3(int64_t offset, int64_t sizeBytes, int64_t vcpu)
{
    if (isRouter(offset)) {
        const int64_t slot = routedSlot(offset);
        if ((slot == NO_SLOT) || (sizeBytes != 4)) {
            return 0;
        }
        return (I32(offset & UPPER_HALF) == 0) ? READ(u32, vgic.routeLow, slot) : READ(u32, vgic.routeHigh, slot);
    }
    if ((offset >= IGROUPR) && (offset < FIELDS_END)) {
        return readFields(offset, sizeBytes, vcpu, PRIVATE_COUNT, INTID_COUNT);
    }
    return cut(readSingleV3(I32(offset & (-4))), offset, sizeBytes);
}

static void writeDistributorV3(int64_t offset, int64_t value, int64_t sizeBytes, int64_t vcpu)
{
    if (isRouter(offset)) {
        const int64_t slot = routedSlot(offset);
        if ((slot == NO_SLOT) || (sizeBytes != 4)) {
            return;
        }
        if (I32(offset & UPPER_HALF) == 0) {
            WRITE(u32, vgic.routeLow, slot, I32(value & ROUTER_LOW_MASK));
        } else {
            WRITE(u32, vgic.routeHigh, slot, I32(value & ROUTER_HIGH_MASK));
        }
        reroute(slot, vcpu);
    } else if ((offset >= IGROUPR) && (offset < FIELDS_END)) {
        writeFields(offset, value, sizeBytes, vcpu, PRIVATE_COUNT, INTID_COUNT);
    } else if (I32(offset & (-4)) == CTLR_V3) {
        const int64_t control = widen(value, offset);
        WRITE(u8, vgic.groupEnabled, 0, I32(control & 1));
        WRITE(u8, vgic.groupEnabled, 1, I32(SHR(control, 1) & 1));
        deliverAll();
    }
}

/** ICC_SGI1R_EL1, its halves: a software-generated interrupt. */
static void writeSgi1r(int64_t sender, int64_t low, int64_t high)
{
    const int64_t intid = I32(SHR(low, 24) & 0xf);
    if (I32(high & SGI1R_IRM) != 0) {
        sendSgi(intid, I32(~SHL(1, sender)));
    } else if ((I32(high & SGI1R_HIGH_AFFINITY) == 0) && (I32(low & SGI1R_AFF1) == 0)) {
        sendSgi(intid, I32(low & 0xffff));
    }
}

static int64_t readControl(int64_t owner, int64_t offset)
{
    if (offset == GICR_IIDR) {
        return 0x0010043b;
    }
    if (offset == GICR_TYPER) {
        return I32(SHL(owner, 8) | SHL(READ(u8, vgic.isLast, owner), 4));
    }
    if (offset == GICR_TYPER_HIGH) {
        return owner;
    }
    if (offset == GICR_WAKER) {
        return (CELL(u8, vgic.asleep, owner) == 1) ? WAKER_ASLEEP : 0;
    }
    if (offset == GICR_PIDR2) {
        return 0x3b;
    }
    if (offset == GICR_CIDR0) {
        return 0x0d;
    }
    if (offset == GICR_CIDR1) {
        return 0xf0;
    }
    if (offset == GICR_CIDR2) {
        return 0x05;
    }
    return (offset == GICR_CIDR3) ? 0xb1 : 0;
}

/** An access at an offset into a vCPU's redistributor; a region may have room for more of them than there are. */
static int64_t readRedistributor(int64_t owner, int64_t offset, int64_t sizeBytes)
{
    if (owner >= (int64_t)vgic.vcpuCount[0]) {
        return 0;
    }
    if (offset >= SGI_BASE) {
        return readFields(offset - SGI_BASE, sizeBytes, owner, 0, PRIVATE_COUNT);
    }
    return cut(readControl(owner, I32(offset & (-4))), offset, sizeBytes);
}

static void writeRedistributor(int64_t owner, int64_t offset, int64_t value, int64_t sizeBytes)
{
    if (owner >= (int64_t)vgic.vcpuCount[0]) {
        return;
    }
    if (offset >= SGI_BASE) {
        writeFields(offset - SGI_BASE, value, sizeBytes, owner, 0, PRIVATE_COUNT);
    } else if (I32(offset & (-4)) == GICR_WAKER) {
        WRITE(u8, vgic.asleep, owner, SHR(I32(widen(value, offset) & WAKER_PROCESSOR_SLEEP), 1));
    }
}

/** How many pages the distributor has from the first, where that is known. */
static int64_t distributorPages(void)
{
    if (vgic.distributorPage[0] == 0) {
        return 0;
    }
    return (vgic.version[0] == 2) ? 1 : SHR(GICD_V3_SIZE_BYTES, PAGE_SHIFT);
}

static bool inDistributor(int64_t page)
{
    const int64_t index = page - (int64_t)vgic.distributorPage[0];
    return (index >= 0) && (index < distributorPages());
}

/** Whose redistributor a page is of. */
static int64_t ownerOf(int64_t page)
{
    const int64_t count = (vgic.version[0] == 3) ? (int64_t)vgic.vcpuCount[0] : 0;
    for (int64_t vcpu = 0; vcpu < count; vcpu += 1) {
        const int64_t first = READ(u32, vgic.redistributorPage, vcpu);
        if (((first != 0) && (page >= first)) && (page < (first + SHR(REDISTRIBUTOR_SIZE_BYTES, PAGE_SHIFT)))) {
            return vcpu;
        }
    }
    return NO_OWNER;
}

/** Whether the interrupt controller answers at a page. */
static bool answersAt(int64_t page)
{
    return inDistributor(page) || (ownerOf(page) != NO_OWNER);
}

/** An access at a page where it answers; of the address, its lower half. */
static int64_t readFrame(int64_t page, int64_t addr, int64_t sizeBytes, int64_t vcpu)
{
    const int64_t within = I32(addr & PAGE_MASK);
    if (inDistributor(page)) {
        if (vgic.version[0] == 2) {
            return readDistributorV2(within, sizeBytes, vcpu);
        }
        const int64_t offset = SHL((page - (int64_t)vgic.distributorPage[0]), PAGE_SHIFT) + within;
        return readDistributorV3(offset, sizeBytes, vcpu);
    }
    const int64_t owner = ownerOf(page);
    const int64_t offset = SHL((page - READ(u32, vgic.redistributorPage, owner)), PAGE_SHIFT) + within;
    return readRedistributor(owner, offset, sizeBytes);
}

static void writeFrame(int64_t page, int64_t addr, int64_t value, int64_t sizeBytes, int64_t vcpu)
{
    const int64_t within = I32(addr & PAGE_MASK);
    if (inDistributor(page)) {
        const int64_t offset = SHL((page - (int64_t)vgic.distributorPage[0]), PAGE_SHIFT) + within;
        if (vgic.version[0] == 2) {
            writeDistributorV2(offset, value, sizeBytes, vcpu);
        } else {
            writeDistributorV3(offset, value, sizeBytes, vcpu);
        }
        return;
    }
    const int64_t owner = ownerOf(page);
    const int64_t offset = SHL((page - READ(u32, vgic.redistributorPage, owner)), PAGE_SHIFT) + within;
    writeRedistributor(owner, offset, value, sizeBytes);
}

/** The line of the device whose window of registers holds an address: its page and its lower half. */
static int64_t lineAt(int64_t page, int64_t addr)
{
    const int64_t window = ((page * WINDOWS_IN_PAGE) + SHR(I32(addr & PAGE_MASK), WINDOW_SHIFT)) + 1;
    const int64_t count = (int64_t)vgic.lineCount[0];
    for (int64_t line = 0; line < count; line += 1) {
        if (READ(u32, vgic.lineWindow, line) == window) {
            return line;
        }
    }
    return NO_LINE;
}

/** Whether an access to a device's window is one to its line: all else there is the device's. */
static bool isOfLine(int64_t addr, bool isWrite, int64_t sizeBytes)
{
    const int64_t offset = I32(addr & WINDOW_MASK);
    return (sizeBytes == REGISTER_BYTES) && (offset == (isWrite ? INTERRUPT_ACK : INTERRUPT_STATUS));
}

static int64_t readLine(int64_t line)
{
    return READ(u32, vgic.lineStatus, line);
}

/** InterruptACK: the bits that are set are done with. */
static void acknowledgeLine(int64_t line, int64_t value)
{
    WRITE(u32, vgic.lineStatus, line, I32(READ(u32, vgic.lineStatus, line) & I32(~value)));
}

/** A function's number without its form. */
static int64_t psciBase(int64_t functionId)
{
    return SHR(I32(functionId & I32(~BIT_64)), 0);
}

static bool has64BitForm(int64_t base)
{
    return ((base == CPU_SUSPEND) || (base == CPU_ON)) || (base == AFFINITY_INFO);
}

static bool isPsciFunction(int64_t base)
{
    return (((((has64BitForm(base) || (base == PSCI_VERSION)) || (base == CPU_OFF)) || (base == MIGRATE_INFO_TYPE)) || (base == SYSTEM_OFF)) || (base == SYSTEM_RESET)) || (base == PSCI_FEATURES);
}

/** PSCI_FEATURES, which may be asked about SMCCC_VERSION, too (Arm DEN 0028E §7.2). */
static int64_t psciFeatures(int64_t asked)
{
    const int64_t base = psciBase(asked);
    const bool isThere = isPsciFunction(base) && ((asked == base) || has64BitForm(base));
    return (isThere || (asked == SMCCC_VERSION)) ? SUCCESS : NOT_SUPPORTED;
}

static int64_t archFeatures(int64_t asked)
{
    return ((asked == SMCCC_VERSION) || (asked == SMCCC_ARCH_FEATURES)) ? SUCCESS : NOT_SUPPORTED;
}

/** The answer in X0 to a function, of which the argument is X1's lower half. */
static int64_t smcAnswer(int64_t functionId, int64_t argument)
{
    if (functionId == PSCI_VERSION) {
        return PSCI_1_2;
    }
    if (functionId == MIGRATE_INFO_TYPE) {
        return NO_TRUSTED_OS;
    }
    if (functionId == PSCI_FEATURES) {
        return psciFeatures(argument);
    }
    if (functionId == SMCCC_VERSION) {
        return SMCCC_1_1;
    }
    if (functionId == SMCCC_ARCH_FEATURES) {
        return archFeatures(argument);
    }
    return NO_ANSWER;
}

/** Which vCPU it is whose faults are the monitor's alone. */
static int64_t vcpuOf(int64_t id)
{
    return (vgic.ownFaults[0] == 1) ? (READ(u8, vgic.vcpuOfId, id) - 1) : NO_VCPU;
}

/** The instruction is done: on with the next. Halves of an address. */
static void goOn(int64_t low, int64_t high)
{
    const int64_t next = low + INSTRUCTION_BYTES;
    WRITE(u32, faults.context, 2 * CONTEXT_PC, next);
    WRITE(u32, faults.context, (2 * CONTEXT_PC) + 1, (next < WORD_END) ? high : (high + 1));
}

/** An access to the interrupt controller or a device's line that the syndrome describes, of 32 bits at most and without a sign. */
bool answersVmFault(int64_t id)
{
    const int64_t vcpu = vcpuOf(id);
    const int64_t fsr = READ(u32, faults.message, 2 * VM_FAULT_FSR);
    const int64_t sizeBytes = SHL(1, I32(SHR(fsr, 22) & 3));
    if (((vcpu == NO_VCPU) || (sizeBytes == 8)) || (I32(fsr & I32(I32(ISV | SSE) | S1PTW)) != ISV)) {
        return false;
    }
    if (CELL(u32, faults.message, 2 * VM_FAULT_PREFETCH) != 0) {
        return false;
    }
    const int64_t low = READ(u32, faults.message, 2 * VM_FAULT_ADDR);
    const int64_t page = SHR(low, PAGE_SHIFT) + (READ(u32, faults.message, (2 * VM_FAULT_ADDR) + 1) * PAGES_IN_WORD);
    const int64_t line = lineAt(page, low);
    if ((line == NO_LINE) ? (!answersAt(page)) : (!isOfLine(low, I32(fsr & WNR) != 0, sizeBytes))) {
        return false;
    }
    if (!call_readContext(id)) {
        return false;
    }
    settleTimers();
    const int64_t place = READ(u8, faults.placeOfX, I32(SHR(fsr, 16) & 31));
    if (I32(fsr & WNR) != 0) {
        const int64_t stored = (place == 0) ? 0 : READ(u32, faults.context, 2 * place);
        const int64_t value = (sizeBytes == 4) ? stored : I32(stored & (SHL(1, SHL(sizeBytes, 3)) - 1));
        if (line == NO_LINE) {
            writeFrame(page, low, value, sizeBytes, vcpu);
        } else {
            acknowledgeLine(line, value);
        }
    } else {
        const int64_t value = (line == NO_LINE) ? readFrame(page, low, sizeBytes, vcpu) : readLine(line);
        if (place != 0) {
            WRITE(u32, faults.context, 2 * place, value);
            WRITE(u32, faults.context, (2 * place) + 1, 0);
        }
    }
    goOn(READ(u32, faults.message, 2 * VM_FAULT_IP), READ(u32, faults.message, (2 * VM_FAULT_IP) + 1));
    return call_writeContext(id);
}

/** The virtual timer, once the monitor knows its number. */
bool answersTimer(int64_t id)
{
    const int64_t vcpu = vcpuOf(id);
    const int64_t intid = READ(u32, faults.message, 2 * ONLY_WORD);
    if (((vcpu == NO_VCPU) || (intid == 0)) || (READ(u8, vgic.timer, vcpu) != intid)) {
        return false;
    }
    return inject(vcpu, intid);
}

/** The end of an interrupt that is no function's of the program. */
bool answersEnd(int64_t id)
{
    const int64_t vcpu = vcpuOf(id);
    const int64_t index = READ(u32, faults.message, 2 * ONLY_WORD);
    if ((vcpu == NO_VCPU) || (index >= LIST_REGISTER_COUNT)) {
        return false;
    }
    const int64_t slot = READ(u16, vgic.loaded, (vcpu * LIST_REGISTER_COUNT) + index) - 1;
    if ((slot >= 0) && (CELL(u8, vgic.owner, slot) == PROGRAM)) {
        return false;
    }
    ended(vcpu, index);
    return true;
}

/** A call whose answer follows from the call alone: in X0. */
static bool answersSmc(void)
{
    const int64_t place = (int64_t)faults.placeOfX[0];
    const int64_t answer = smcAnswer(READ(u32, faults.context, 2 * place), READ(u32, faults.context, 2 * (int64_t)faults.placeOfX[1]));
    if (answer == NO_ANSWER) {
        return false;
    }
    WRITE(u32, faults.context, 2 * place, answer);
    WRITE(u32, faults.context, (2 * place) + 1, (answer < 0) ? (-1) : 0);
    return true;
}

/** WFI and WFE, after which a guest asks again; ICC_SGI1R_EL1; calls through SMC that need nothing else. */
bool answersVcpuFault(int64_t id)
{
    const int64_t vcpu = vcpuOf(id);
    const int64_t hsr = READ(u32, faults.message, 2 * ONLY_WORD);
    const int64_t exceptionClass = SHR(hsr, 26);
    const bool isSgi = ((exceptionClass == EC_SYSTEM_REGISTER) && (I32(hsr & SYSTEM_REGISTER_MASK) == WRITES_SGI1R)) && (vgic.version[0] == 3);
    const bool isSmc = exceptionClass == EC_SMC64;
    if ((vcpu == NO_VCPU) || (((exceptionClass != EC_WFX) && (!isSgi)) && (!isSmc))) {
        return false;
    }
    if (!call_readContext(id)) {
        return false;
    }
    if (isSmc && (!answersSmc())) {
        return false;
    }
    if (isSgi) {
        const int64_t place = READ(u8, faults.placeOfX, I32(SHR(hsr, 5) & 31));
        const int64_t low = (place == 0) ? 0 : READ(u32, faults.context, 2 * place);
        const int64_t high = (place == 0) ? 0 : READ(u32, faults.context, (2 * place) + 1);
        writeSgi1r(vcpu, low, high);
    }
    goOn(READ(u32, faults.context, 2 * CONTEXT_PC), READ(u32, faults.context, (2 * CONTEXT_PC) + 1));
    return call_writeContext(id);
}

/** An interrupt that is passed through. */
bool answersNotified(int64_t channel)
{
    const int64_t intid = READ(u16, vgic.passedIntid, channel);
    if ((vgic.ownChannels[0] != 1) || (intid == 0)) {
        return false;
    }
    return inject(READ(u8, vgic.passedVcpu, channel), intid);
}
