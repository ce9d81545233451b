/*
 * The first program of a guest, without a C library: it debugs children of its own as gdb does, by ptrace(2), says what it saw, and turns
 * the guest off. Each child calls `target` a hundred times, which writes `watched`, and exits with 7.
 * Numbers are Linux's for arm64 (asm-generic/unistd.h, linux/ptrace.h, linux/elf.h, asm/ptrace.h).
 */
typedef unsigned long u64;
typedef unsigned int u32;

enum { SYS_write = 64, SYS_exit_group = 94, SYS_kill = 129, SYS_reboot = 142, SYS_getpid = 172, SYS_clone = 220, SYS_wait4 = 260, SYS_ptrace = 117 };
enum { PTRACE_TRACEME = 0, PTRACE_POKETEXT = 4, PTRACE_CONT = 7, PTRACE_SINGLESTEP = 9, PTRACE_GETSIGINFO = 0x4202, PTRACE_GETREGSET = 0x4204, PTRACE_SETREGSET = 0x4205 };
enum { NT_PRSTATUS = 1, NT_ARM_HW_BREAK = 0x402, NT_ARM_HW_WATCH = 0x403 };
enum { SIGTRAP = 5, SIGCHLD = 17, SIGSTOP = 19 };
enum { REBOOT_MAGIC1 = 0xfee1dead, REBOOT_MAGIC2 = 672274793, POWER_OFF = 0x4321fedc };

static u64 call(u64 number, u64 a, u64 b, u64 c, u64 d)
{
    register u64 x8 __asm__("x8") = number;
    register u64 x0 __asm__("x0") = a;
    register u64 x1 __asm__("x1") = b;
    register u64 x2 __asm__("x2") = c;
    register u64 x3 __asm__("x3") = d;
    register u64 x4 __asm__("x4") = 0;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8) : "memory");
    return x0;
}

static void say(const char *text)
{
    u64 length = 0;
    while (text[length])
        length++;
    call(SYS_write, 1, (u64)text, length, 0);
}

static void say_number(const char *before, u64 value)
{
    char digits[21];
    int at = 20;
    digits[at] = 0;
    do {
        digits[--at] = '0' + value % 10;
        value /= 10;
    } while (value);
    say(before);
    say(&digits[at]);
}

volatile u64 watched;

/* A store is its first instruction. */
void target(u64 value, volatile u64 *to);
__asm__(".text\n.global target\ntarget:\n\tstr x0, [x1]\n\tadd x0, x0, #1\n\tret\n");

static void child(void)
{
    call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
    call(SYS_kill, call(SYS_getpid, 0, 0, 0, 0), SIGSTOP, 0, 0);
    for (u64 i = 0; i < 100; i++)
        target(i, &watched);
    call(SYS_exit_group, watched == 99 ? 7 : 8, 0, 0, 0);
}

static u32 wait_for(u64 pid)
{
    u32 status = 0;
    call(SYS_wait4, pid, (u64)&status, 0, 0);
    return status;
}

/* A child that waits at its SIGSTOP. */
static u64 start(void)
{
    u64 pid = call(SYS_clone, SIGCHLD, 0, 0, 0);
    if (pid == 0)
        child();
    wait_for(pid);
    return pid;
}

static u32 go_on(u64 pid, u64 how)
{
    call(SYS_ptrace, how, pid, 0, 0);
    return wait_for(pid);
}

static int is_trap(u32 status)
{
    return status == ((SIGTRAP << 8) | 0x7f);
}

struct vector {
    void *base;
    u64 size;
};

static u64 pc_of(u64 pid)
{
    u64 registers[34];
    struct vector all = { registers, sizeof(registers) };
    call(SYS_ptrace, PTRACE_GETREGSET, pid, NT_PRSTATUS, (u64)&all);
    return registers[32];
}

/* The address that a SIGTRAP is about: si_addr. */
static u64 address_of(u64 pid)
{
    u64 info[16] = { 0 };
    call(SYS_ptrace, PTRACE_GETSIGINFO, pid, 0, (u64)info);
    return info[2];
}

struct debug_state {
    u32 info, pad;
    struct {
        u64 address;
        u32 control, pad;
    } registers[16];
};

/* How many of a kind there are: user_hwdebug_state's dbg_info. */
static u64 count(u64 pid, u64 kind)
{
    struct debug_state state = { 0 };
    struct vector all = { &state, sizeof(state) };
    call(SYS_ptrace, PTRACE_GETREGSET, pid, kind, (u64)&all);
    return state.info & 0xff;
}

static void set(u64 pid, u64 kind, u64 address, u32 control)
{
    struct debug_state state = { 0 };
    struct vector first = { &state, 8 + 16 };
    state.registers[0].address = address;
    state.registers[0].control = control;
    call(SYS_ptrace, PTRACE_SETREGSET, pid, kind, (u64)&first);
}

/* EL0, enabled; four bytes of an instruction, eight of a store. */
enum { AT_EL0 = 2 << 1, ENABLED = 1, FOUR_BYTES = 0xf << 5, EIGHT_BYTES = 0xff << 5, STORES = 2 << 3 };

static void finish(const char *what, u64 pid, u32 status)
{
    while (is_trap(status))
        status = go_on(pid, PTRACE_CONT);
    say(what);
    say_number(": exit ", (status & 0x7f) == 0 ? status >> 8 & 0xff : 1000 + status);
    say("\n");
}

void _start(void)
{
    u64 pid = start();
    u64 steps = 0, calls = 0;
    u32 status;
    while (is_trap(status = go_on(pid, PTRACE_SINGLESTEP))) {
        steps++;
        calls += pc_of(pid) == (u64)target;
    }
    say_number("debugger: steps ", steps);
    say_number(", calls ", calls);
    finish("", pid, status);

    pid = start();
    say_number("debugger: breakpoints ", count(pid, NT_ARM_HW_BREAK));
    set(pid, NT_ARM_HW_BREAK, (u64)target, FOUR_BYTES | AT_EL0 | ENABLED);
    u64 hits = 0;
    while (is_trap(status = go_on(pid, PTRACE_CONT)) && pc_of(pid) == (u64)target)
        if (++hits == 3)
            set(pid, NT_ARM_HW_BREAK, 0, 0);
    say_number(", hits ", hits);
    finish("", pid, status);

    pid = start();
    say_number("debugger: watchpoints ", count(pid, NT_ARM_HW_WATCH));
    set(pid, NT_ARM_HW_WATCH, (u64)&watched, EIGHT_BYTES | STORES | AT_EL0 | ENABLED);
    hits = 0;
    while (is_trap(status = go_on(pid, PTRACE_CONT)) && address_of(pid) == (u64)&watched)
        if (++hits == 5)
            set(pid, NT_ARM_HW_WATCH, 0, 0);
    say_number(", hits ", hits);
    finish("", pid, status);

    /* gdb's way: BRK in place of the instruction, which is put back to be stepped over. Text is poked in words. */
    pid = start();
    u64 own = *(u64 *)(void *)target;
    u64 with_brk = (own & 0xffffffff00000000UL) | 0xd4200000UL;
    hits = 0;
    do {
        call(SYS_ptrace, PTRACE_POKETEXT, pid, (u64)target, with_brk);
        status = go_on(pid, PTRACE_CONT);
        if (!is_trap(status) || pc_of(pid) != (u64)target)
            break;
        call(SYS_ptrace, PTRACE_POKETEXT, pid, (u64)target, own);
        status = go_on(pid, PTRACE_SINGLESTEP);
    } while (is_trap(status) && pc_of(pid) == (u64)target + 4 && ++hits < 4);
    say_number("debugger: stepped over ", hits);
    finish("", pid, status);

    say("debugger: done\n");
    call(SYS_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, POWER_OFF, 0);
    for (;;)
        call(SYS_exit_group, 0, 0, 0, 0);
}
