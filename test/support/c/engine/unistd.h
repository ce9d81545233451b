/* What a C library declares of what runtime/sel4 uses. */
#pragma once

#include <stddef.h>

void *sbrk(ptrdiff_t increment);
void _exit(int status) __attribute__((noreturn));
