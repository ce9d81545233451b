/*
 * A Microkit program in JavaScript: the engine, QuickJS, in a protection domain. Microkit's entry points call the functions that the script
 * leaves in `domain`; what it may call are the functions of `natives`. The script's side is src/embedded/ of drivervm. Where the script allows
 * it, answers.c, which is compiled from the same TypeScript, comes first.
 *
 * The engine runs on a stack of its own: that of a domain is as small as the system description says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <microkit.h>
#include <quickjs.h>

#include "answers.h"
#include "domain.h"
#include "platform.h"

/* What answers.c works on, as seL4's calls have it. */
static seL4_Word *const message = (seL4_Word *)faults.message;
static seL4_UserContext *const context = (seL4_UserContext *)faults.context;
_Static_assert(sizeof(seL4_UserContext) == sizeof(faults.context), "a context has as many words");
_Static_assert(seL4_MsgMaxLength * sizeof(seL4_Word) == sizeof(faults.message), "a message has as many words");
static JSRuntime *runtime;
static JSContext *engine;
static JSValue domain;
/* The functions that the kernel's messages come to, looked up once. */
static JSValue on_init, on_notified, on_protected, on_fault;
/* After an exception nothing is run any more: what the script knows may be half changed. */
static bool has_failed;

/* ---- From the script's values ---- */

static seL4_Word word_of(JSContext *ctx, JSValueConst value)
{
    if (JS_IsBigInt(value)) {
        uint64_t number = 0;
        JS_ToBigUint64(ctx, &number, value);
        return number;
    }
    int64_t number = 0;
    JS_ToInt64(ctx, &number, value);
    return (seL4_Word)number;
}

static JSValue checked(JSContext *ctx, seL4_Error error, const char *call)
{
    return error == seL4_NoError ? JS_UNDEFINED : JS_ThrowInternalError(ctx, "%s: seL4 answered with error %d", call, (int)error);
}

#define NATIVE(name) static JSValue name(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
#define ARG(index) word_of(ctx, argv[index])

/* ---- The calls ---- */

NATIVE(dbg_puts)
{
    const char *text = JS_ToCString(ctx, argv[0]);
    if (text == NULL) return JS_EXCEPTION;
    microkit_dbg_puts(text);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

NATIVE(setvar)
{
    const char *name = JS_ToCString(ctx, argv[0]);
    JSValue value = JS_UNDEFINED;
    if (name == NULL) return JS_EXCEPTION;
    for (const struct domain_symbol *symbol = domain_symbols; symbol->name != NULL; symbol++)
        if (strcmp(symbol->name, name) == 0) value = JS_NewInt64(ctx, (int64_t)*symbol->value);
    JS_FreeCString(ctx, name);
    return value;
}

/* Nothing of it is the engine's to free. Since QuickJS-ng 0.16 a buffer may grow. */
static JSValue buffer_over(JSContext *ctx, const void *start, size_t size)
{
#if QJS_VERSION_MAJOR > 0 || QJS_VERSION_MINOR >= 16
    return JS_NewArrayBuffer(ctx, (uint8_t *)start, size, 0, NULL, NULL, false);
#else
    return JS_NewArrayBuffer(ctx, (uint8_t *)start, size, NULL, NULL, false);
#endif
}

NATIVE(image)
{
    const char *name = JS_ToCString(ctx, argv[0]);
    JSValue value = JS_UNDEFINED;
    if (name == NULL) return JS_EXCEPTION;
    for (const struct domain_image *file = domain_images; file->name != NULL; file++)
        if (strcmp(file->name, name) == 0) value = buffer_over(ctx, file->start, (size_t)(file->end - file->start));
    JS_FreeCString(ctx, name);
    return value;
}

NATIVE(memory)
{
    return buffer_over(ctx, (const void *)ARG(0), ARG(1));
}

NATIVE(clean_cache)
{
    platform_clean_cache(ARG(0), ARG(1));
    return JS_UNDEFINED;
}

NATIVE(read32)
{
    return JS_NewUint32(ctx, *(volatile uint32_t *)ARG(0));
}

NATIVE(write32)
{
    *(volatile uint32_t *)ARG(0) = (uint32_t)ARG(1);
    return JS_UNDEFINED;
}

NATIVE(notify)
{
    microkit_notify((microkit_channel)ARG(0));
    return JS_UNDEFINED;
}

NATIVE(irq_ack)
{
    microkit_irq_ack((microkit_channel)ARG(0));
    return JS_UNDEFINED;
}

/* A protected call's message is in the words of messages; label and count are behind all that a message has (src/embedded/protected-message.ts). */
#define LABEL (seL4_MsgMaxLength - 2)
#define COUNT_OF_WORDS (seL4_MsgMaxLength - 1)

static microkit_msginfo send_words(void)
{
    seL4_Word count = message[COUNT_OF_WORDS];
    for (seL4_Word word = 0; word < count; word++) microkit_mr_set((seL4_Uint8)word, message[word]);
    return microkit_msginfo_new(message[LABEL], (uint16_t)count);
}

static void take_words(microkit_msginfo info)
{
    seL4_Word count = microkit_msginfo_get_count(info);
    for (seL4_Word word = 0; word < count && word < LABEL; word++) message[word] = microkit_mr_get((seL4_Uint8)word);
    message[LABEL] = microkit_msginfo_get_label(info);
    message[COUNT_OF_WORDS] = count;
}

NATIVE(ppcall)
{
    take_words(microkit_ppcall((microkit_channel)ARG(0), send_words()));
    return JS_UNDEFINED;
}

#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

NATIVE(read_context)
{
    return checked(ctx, seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + ARG(0), false, 0, CONTEXT_WORDS, context),
                   "seL4_TCB_ReadRegisters");
}

NATIVE(write_context)
{
    bool resume = JS_ToBool(ctx, argv[1]);
    return checked(ctx, seL4_TCB_WriteRegisters(BASE_VM_TCB_CAP + ARG(0), resume, 0, CONTEXT_WORDS, context),
                   "seL4_TCB_WriteRegisters");
}

NATIVE(vcpu_stop)
{
    return checked(ctx, seL4_TCB_Suspend(BASE_VM_TCB_CAP + ARG(0)), "seL4_TCB_Suspend");
}

NATIVE(inject_irq)
{
    return checked(ctx, seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP + ARG(0), ARG(1), ARG(2), ARG(3), ARG(4)),
                   "seL4_ARM_VCPU_InjectIRQ");
}

NATIVE(ack_vppi)
{
    return checked(ctx, seL4_ARM_VCPU_AckVPPI(BASE_VCPU_CAP + ARG(0), ARG(1)), "seL4_ARM_VCPU_AckVPPI");
}

NATIVE(read_reg)
{
    seL4_ARM_VCPU_ReadRegs_t read = seL4_ARM_VCPU_ReadRegs(BASE_VCPU_CAP + ARG(0), ARG(1));
    if (read.error != seL4_NoError) return checked(ctx, read.error, "seL4_ARM_VCPU_ReadRegs");
    return JS_NewBigUint64(ctx, read.value);
}

NATIVE(write_reg)
{
    return checked(ctx, seL4_ARM_VCPU_WriteRegs(BASE_VCPU_CAP + ARG(0), ARG(1), ARG(2)), "seL4_ARM_VCPU_WriteRegs");
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("dbgPuts", 1, dbg_puts),
    JS_CFUNC_DEF("setvar", 1, setvar),
    JS_CFUNC_DEF("image", 1, image),
    JS_CFUNC_DEF("memory", 2, memory),
    JS_CFUNC_DEF("cleanCache", 2, clean_cache),
    JS_CFUNC_DEF("read32", 1, read32),
    JS_CFUNC_DEF("write32", 2, write32),
    JS_CFUNC_DEF("notify", 1, notify),
    JS_CFUNC_DEF("irqAck", 1, irq_ack),
    JS_CFUNC_DEF("ppcall", 1, ppcall),
    JS_CFUNC_DEF("readContext", 1, read_context),
    JS_CFUNC_DEF("writeContext", 2, write_context),
    JS_CFUNC_DEF("vcpuStop", 1, vcpu_stop),
    JS_CFUNC_DEF("injectIrq", 5, inject_irq),
    JS_CFUNC_DEF("ackVppi", 2, ack_vppi),
    JS_CFUNC_DEF("readReg", 2, read_reg),
    JS_CFUNC_DEF("writeReg", 3, write_reg),
};

static const JSCFunctionListEntry FAULT_LABELS[] = {
    JS_PROP_INT32_DEF("UnknownSyscall", seL4_Fault_UnknownSyscall, JS_PROP_ENUMERABLE),
    JS_PROP_INT32_DEF("UserException", seL4_Fault_UserException, JS_PROP_ENUMERABLE),
    JS_PROP_INT32_DEF("VMFault", seL4_Fault_VMFault, JS_PROP_ENUMERABLE),
    JS_PROP_INT32_DEF("VGICMaintenance", seL4_Fault_VGICMaintenance, JS_PROP_ENUMERABLE),
    JS_PROP_INT32_DEF("VCPUFault", seL4_Fault_VCPUFault, JS_PROP_ENUMERABLE),
    JS_PROP_INT32_DEF("VPPIEvent", seL4_Fault_VPPIEvent, JS_PROP_ENUMERABLE),
};

#define REG(name, number) JS_PROP_INT32_DEF(name, number, JS_PROP_ENUMERABLE)

/* By the architecture's names, after which seL4's are called. */
static const JSCFunctionListEntry VCPU_REGS[] = {
    REG("SCTLR_EL1", seL4_VCPUReg_SCTLR),
    REG("CPACR_EL1", seL4_VCPUReg_CPACR),
    REG("TTBR0_EL1", seL4_VCPUReg_TTBR0),
    REG("TTBR1_EL1", seL4_VCPUReg_TTBR1),
    REG("TCR_EL1", seL4_VCPUReg_TCR),
    REG("MAIR_EL1", seL4_VCPUReg_MAIR),
    REG("AMAIR_EL1", seL4_VCPUReg_AMAIR),
    REG("CONTEXTIDR_EL1", seL4_VCPUReg_CIDR),
    REG("ACTLR_EL1", seL4_VCPUReg_ACTLR),
    REG("AFSR0_EL1", seL4_VCPUReg_AFSR0),
    REG("AFSR1_EL1", seL4_VCPUReg_AFSR1),
    REG("ESR_EL1", seL4_VCPUReg_ESR),
    REG("FAR_EL1", seL4_VCPUReg_FAR),
    REG("PAR_EL1", seL4_VCPUReg_PAR),
    REG("VBAR_EL1", seL4_VCPUReg_VBAR),
    REG("TPIDR_EL1", seL4_VCPUReg_TPIDR_EL1),
#if CONFIG_MAX_NUM_NODES > 1
    REG("VMPIDR_EL2", seL4_VCPUReg_VMPIDR_EL2),
#endif
    REG("SP_EL1", seL4_VCPUReg_SP_EL1),
    REG("ELR_EL1", seL4_VCPUReg_ELR_EL1),
    REG("SPSR_EL1", seL4_VCPUReg_SPSR_EL1),
    REG("CNTV_CTL_EL0", seL4_VCPUReg_CNTV_CTL),
    REG("CNTV_CVAL_EL0", seL4_VCPUReg_CNTV_CVAL),
    REG("CNTVOFF_EL2", seL4_VCPUReg_CNTVOFF),
    REG("CNTKCTL_EL1", seL4_VCPUReg_CNTKCTL_EL1),
};

#define COUNT(list) (int)(sizeof(list) / sizeof(list[0]))

static JSValue natives(JSContext *ctx)
{
    JSValue object = JS_NewObject(ctx);
    JSValue labels = JS_NewObject(ctx);
    JSValue regs = JS_NewObject(ctx);
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, COUNT(FUNCTIONS));
    JS_SetPropertyFunctionList(ctx, labels, FAULT_LABELS, COUNT(FAULT_LABELS));
    JS_SetPropertyFunctionList(ctx, regs, VCPU_REGS, COUNT(VCPU_REGS));
    JS_SetPropertyStr(ctx, object, "name", JS_NewString(ctx, microkit_name));
    JS_SetPropertyStr(ctx, object, "faults", buffer_over(ctx, &faults, sizeof(faults)));
    JS_SetPropertyStr(ctx, object, "vgic", buffer_over(ctx, &vgic, sizeof(vgic)));
    JS_SetPropertyStr(ctx, object, "faultLabels", labels);
    JS_SetPropertyStr(ctx, object, "vcpuRegs", regs);
    return object;
}

/* ---- Microkit's entry points, on the engine's stack ---- */

static void puts_value(JSContext *ctx, JSValueConst value)
{
    const char *text = JS_ToCString(ctx, value);
    microkit_dbg_puts(text == NULL ? "out of memory" : text);
    microkit_dbg_puts("\n");
    if (text != NULL) JS_FreeCString(ctx, text);
}

/* An exception that nothing caught: with its stack, and the end of this program. */
static void fail(JSContext *ctx)
{
    JSValue exception = JS_GetException(ctx);
    JSValue trace = JS_GetPropertyStr(ctx, exception, "stack");
    has_failed = true;
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": stopped by an exception: ");
    /* The engine throws null where there is no memory for an error. */
    if (JS_IsNull(exception)) microkit_dbg_puts("out of memory\n");
    else puts_value(ctx, exception);
    if (!JS_IsUndefined(trace)) puts_value(ctx, trace);
    JS_FreeValue(ctx, trace);
    JS_FreeValue(ctx, exception);
}

struct entry {
    JSValue function;
    int argc;
    JSValue argv[2];
    bool result;
};

static void enter(void *argument)
{
    struct entry *entry = argument;
    JSValue result = JS_Call(engine, entry->function, domain, entry->argc, entry->argv);
    if (JS_IsException(result)) fail(engine);
    else entry->result = JS_ToBool(engine, result) == 1;
    JS_FreeValue(engine, result);
}

static bool call(struct entry entry)
{
    if (has_failed) return false;
    platform_on_stack(enter, &entry, domain_stack + domain_stack_bytes);
    return entry.result;
}

static void start(void *unused)
{
    runtime = JS_NewRuntime();
    engine = runtime == NULL ? NULL : JS_NewContext(runtime);
    if (engine == NULL) {
        microkit_dbg_puts(microkit_name);
        microkit_dbg_puts(": there is no memory for the engine\n");
        has_failed = true;
        return;
    }
    JS_UpdateStackTop(runtime);
    JS_SetMaxStackSize(runtime, domain_stack_bytes - domain_stack_reserve_bytes);
    JSValue global = JS_GetGlobalObject(engine);
    JS_SetPropertyStr(engine, global, "natives", natives(engine));
    JSValue result = JS_Eval(engine, domain_script, (size_t)(domain_script_end - domain_script), microkit_name,
                             JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(result)) fail(engine);
    JS_FreeValue(engine, result);
    domain = JS_GetPropertyStr(engine, global, "domain");
    on_init = JS_GetPropertyStr(engine, domain, "init");
    on_notified = JS_GetPropertyStr(engine, domain, "notified");
    on_protected = JS_GetPropertyStr(engine, domain, "protected");
    on_fault = JS_GetPropertyStr(engine, domain, "fault");
    JS_FreeValue(engine, global);
}

void init(void)
{
    platform_init();
    platform_on_stack(start, NULL, domain_stack + domain_stack_bytes);
    call((struct entry){ .function = on_init });
}

/* ---- What answers.c asks for ---- */

bool call_readContext(int64_t id)
{
    return seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + id, false, 0, CONTEXT_WORDS, context) == seL4_NoError;
}

bool call_writeContext(int64_t id)
{
    return seL4_TCB_WriteRegisters(BASE_VM_TCB_CAP + id, false, 0, CONTEXT_WORDS, context) == seL4_NoError;
}

/* As an exception would. */
static void stop(const char *why)
{
    has_failed = true;
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": stopped: ");
    microkit_dbg_puts(why);
    microkit_dbg_puts("\n");
}

void call_injectIrq(int64_t id, int64_t intid, int64_t priority, int64_t group, int64_t list_register)
{
    if (seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP + id, intid, priority, group, list_register) != seL4_NoError)
        stop("seL4 refused seL4_ARM_VCPU_InjectIRQ");
}

void call_ackVppi(int64_t id, int64_t intid)
{
    if (seL4_ARM_VCPU_AckVPPI(BASE_VCPU_CAP + id, intid) != seL4_NoError) stop("seL4 refused seL4_ARM_VCPU_AckVPPI");
}

void call_irqAck(int64_t channel)
{
    microkit_irq_ack((microkit_channel)channel);
}

int64_t call_timerControl(int64_t id)
{
    seL4_ARM_VCPU_ReadRegs_t read = seL4_ARM_VCPU_ReadRegs(BASE_VCPU_CAP + id, seL4_VCPUReg_CNTV_CTL);
    if (read.error != seL4_NoError) stop("seL4 refused seL4_ARM_VCPU_ReadRegs");
    return (uint32_t)read.value;
}

/* The script's own functions are the engine's to call: answers.c leaves those ends to it. */
void call_acknowledge(int64_t vcpu, int64_t intid)
{
    stop("an acknowledgement of the script's came here");
}

static bool answers(seL4_Word label, int64_t child)
{
    switch (label) {
    case seL4_Fault_VMFault:
        return answersVmFault(child);
    case seL4_Fault_VPPIEvent:
        return answersTimer(child);
    case seL4_Fault_VGICMaintenance:
        return answersEnd(child);
    case seL4_Fault_VCPUFault:
        return answersVcpuFault(child);
    default:
        return false;
    }
}

void notified(microkit_channel channel)
{
    if (!has_failed && answersNotified(channel)) return;
    call((struct entry){ .function = on_notified, .argc = 1, .argv = { JS_NewInt32(engine, (int32_t)channel) } });
}

microkit_msginfo protected(microkit_channel channel, microkit_msginfo msginfo)
{
    take_words(msginfo);
    call((struct entry){ .function = on_protected, .argc = 1, .argv = { JS_NewInt32(engine, (int32_t)channel) } });
    return has_failed ? microkit_msginfo_new(0, 0) : send_words();
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_Word count = microkit_msginfo_get_count(msginfo);
    for (seL4_Word word = 0; word < count; word++) message[word] = microkit_mr_get((seL4_Uint8)word);
    *reply_msginfo = microkit_msginfo_new(0, 0);
    if (!has_failed && answers(microkit_msginfo_get_label(msginfo), child)) return !has_failed;
    return call((struct entry){
        .function = on_fault,
        .argc = 2,
        .argv = { JS_NewInt32(engine, (int32_t)child), JS_NewInt32(engine, (int32_t)microkit_msginfo_get_label(msginfo)) },
    });
}
