/*
 * What a program of a guest's asks of Linux on arm64, by the system calls themselves (arch/arm64: number in x8, arguments in x0 to x5), so
 * that it needs no C library and any compiler for AArch64 makes it. A call gives a negative error number where it fails.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SYS_ioctl = 29, SYS_openat = 56, SYS_close = 57, SYS_getdents64 = 61, SYS_read = 63, SYS_write = 64, SYS_pread64 = 67,
    SYS_pwrite64 = 68, SYS_readlinkat = 78, SYS_fsync = 82, SYS_exit = 93, SYS_nanosleep = 101, SYS_clone = 220, SYS_mmap = 222,
};

enum { AT_FDCWD = -100, O_RDONLY = 0, O_RDWR = 2, O_DIRECT = 0200000, O_CLOEXEC = 02000000 };
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20 };
enum { SIGCHLD = 17 };

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

static inline long syscall3(long number, long a, long b, long c)
{
    return syscall6(number, a, b, c, 0, 0, 0);
}

static inline int open_file(const char *path, int flags)
{
    return (int)syscall6(SYS_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, 0, 0, 0);
}

static inline void close_file(int fd)
{
    syscall3(SYS_close, fd, 0, 0);
}

static inline long read_file(int fd, void *bytes, size_t size)
{
    return syscall3(SYS_read, fd, (long)bytes, (long)size);
}

static inline bool failed_map(const void *mapped)
{
    return (uintptr_t)mapped > (uintptr_t)-4096;
}

static inline void *map(int fd, size_t size, int flags, uint64_t offset)
{
    return (void *)syscall6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, flags, fd, (long)offset);
}

static inline void sleep_ms(long ms)
{
    long time[2] = { ms / 1000, ms % 1000 * 1000000 };
    syscall3(SYS_nanosleep, (long)time, 0, 0);
}

static inline size_t length(const char *text)
{
    size_t count = 0;
    while (text[count] != 0) {
        count++;
    }
    return count;
}

static inline bool same(const char *one, const char *other)
{
    while (*one != 0 && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

static inline bool begins(const char *text, const char *start)
{
    while (*start != 0 && *text == *start) {
        text++;
        start++;
    }
    return *start == 0;
}

/* Puts texts, up to a NULL, one behind the other; what finds no room is left out. */
static inline const char *joined(char *into, size_t room, const char *const *parts)
{
    size_t at = 0;
    for (; *parts != NULL; parts++) {
        for (const char *from = *parts; *from != 0 && at + 1 < room; from++) {
            into[at++] = *from;
        }
    }
    into[at] = 0;
    return into;
}

#define JOINED(into, ...) joined(into, sizeof into, (const char *const[]){ __VA_ARGS__, NULL })

static inline const char *decimal(char into[24], uint64_t value)
{
    char *at = into + 23;
    *at = 0;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return at;
}

/* A file's content as a text; its length, 0 where it can't be read. */
static inline size_t file_text(const char *path, char *text, size_t room)
{
    int fd = open_file(path, O_RDONLY);
    long size = fd < 0 ? 0 : read_file(fd, text, room - 1);
    if (fd >= 0) {
        close_file(fd);
    }
    text[size < 0 ? 0 : size] = 0;
    return size < 0 ? 0 : (size_t)size;
}

/* Calls for each name in a directory until one gives true. */
static inline bool any_in(const char *path, bool (*look)(const char *name, void *what), void *what)
{
    struct entry {
        uint64_t inode;
        int64_t offset;
        uint16_t size;
        uint8_t type;
        char name[];
    };
    static char buffers[2][4096] __attribute__((aligned(8)));
    static int depth;
    bool found = false;
    int fd = open_file(path, O_RDONLY);
    if (fd < 0) {
        return false;
    }
    char *buffer = buffers[depth++ & 1];
    long size;
    while (!found && (size = syscall3(SYS_getdents64, fd, (long)buffer, 4096)) > 0) {
        for (long at = 0; !found && at < size;) {
            struct entry *entry = (struct entry *)(buffer + at);
            at += entry->size;
            found = entry->name[0] != '.' && look(entry->name, what);
        }
    }
    depth--;
    close_file(fd);
    return found;
}
