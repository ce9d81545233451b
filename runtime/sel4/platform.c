/*
 * Under picolibc in a protection domain: the thread pointer, memory for malloc, standard output as the debug console, time that stands
 * still, and memory functions that move more than a byte at a time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <microkit.h>

#include "domain.h"
#include "platform.h"

static size_t heap_used;

/* Where the linker has put the variables of a thread: their first values, and how much follows that is zero. */
extern const char __tdata_start[], __tdata_end[];
/* Two words that are the ABI's own come first (AAELF64, "Thread local storage", variant 1). */
#define TLS_HEADER_BYTES 16
static char thread[TLS_HEADER_BYTES + 1024] __attribute__((aligned(16)));

void platform_init(void)
{
    memcpy(thread + TLS_HEADER_BYTES, __tdata_start, (size_t)(__tdata_end - __tdata_start));
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(thread));
}

/*
 * GCC's library asks for the processor's extensions before anything else runs, even the thread pointer. It is told that there are none, by
 * both names, or picolibc's own would be asked.
 */
unsigned long __getauxval(unsigned long type)
{
    return 0;
}

unsigned long getauxval(unsigned long type)
{
    return 0;
}

void *sbrk(ptrdiff_t increment)
{
    if (increment < 0 || (size_t)increment > domain_heap_bytes - heap_used) return (void *)-1;
    heap_used += (size_t)increment;
    return domain_heap + heap_used - (size_t)increment;
}

static int put(char character, FILE *file)
{
    microkit_dbg_putc(character);
    return (unsigned char)character;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &console;
FILE *const stdout = &console;
FILE *const stderr = &console;

void _exit(int status)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": the engine gave up\n");
    for (;;) __builtin_trap();
}

void abort(void)
{
    _exit(1);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    now->tv_sec = 0;
    now->tv_usec = 0;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    now->tv_sec = 0;
    now->tv_nsec = 0;
    return 0;
}

void platform_clean_cache(uintptr_t start, uintptr_t size)
{
    uint64_t type;
    __asm__ volatile("mrs %0, ctr_el0" : "=r"(type));
    /* CTR_EL0.DminLine and IminLine: words of a line, as powers of two (Arm ARM D19.2.34). */
    uintptr_t data_line = 4u << ((type >> 16) & 0xf);
    uintptr_t instruction_line = 4u << (type & 0xf);
    for (uintptr_t at = start & ~(data_line - 1); at < start + size; at += data_line)
        __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    __asm__ volatile("dsb ish" : : : "memory");
    for (uintptr_t at = start & ~(instruction_line - 1); at < start + size; at += instruction_line)
        __asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
    __asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

__asm__(".text\n"
        ".global platform_on_stack\n"
        "platform_on_stack:\n"
        "    stp x29, x30, [sp, #-16]!\n"
        "    mov x29, sp\n"
        "    mov sp, x2\n"
        "    mov x9, x0\n"
        "    mov x0, x1\n"
        "    blr x9\n"
        "    mov sp, x29\n"
        "    ldp x29, x30, [sp], #16\n"
        "    ret\n");

/* ---- Guests' images have tens of megabytes ---- */

typedef uint64_t __attribute__((__may_alias__)) word_t;
#define WORD sizeof(word_t)

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    char *target = to;
    const char *source = from;
    if (((uintptr_t)target ^ (uintptr_t)source) % WORD == 0) {
        for (; count > 0 && (uintptr_t)target % WORD != 0; count--) *target++ = *source++;
        for (; count >= 8 * WORD; count -= 8 * WORD, target += 8 * WORD, source += 8 * WORD) {
            const word_t *in = (const word_t *)source;
            word_t *out = (word_t *)target;
            out[0] = in[0], out[1] = in[1], out[2] = in[2], out[3] = in[3];
            out[4] = in[4], out[5] = in[5], out[6] = in[6], out[7] = in[7];
        }
    }
    for (; count > 0; count--) *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    char *target = to;
    const char *source = from;
    if ((uintptr_t)target - (uintptr_t)source >= count) return memcpy(to, from, count);
    while (count > 0) {
        count--;
        target[count] = source[count];
    }
    return to;
}

void *memset(void *to, int value, size_t count)
{
    char *target = to;
    word_t word = 0x0101010101010101u * (unsigned char)value;
    for (; count > 0 && (uintptr_t)target % WORD != 0; count--) *target++ = (char)value;
    for (; count >= 8 * WORD; count -= 8 * WORD, target += 8 * WORD) {
        word_t *out = (word_t *)target;
        out[0] = word, out[1] = word, out[2] = word, out[3] = word;
        out[4] = word, out[5] = word, out[6] = word, out[7] = word;
    }
    for (; count > 0; count--) *target++ = (char)value;
    return to;
}
