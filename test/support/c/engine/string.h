/* What a C library declares of what runtime/sel4 uses. */
#pragma once

#include <stddef.h>

int strcmp(const char *a, const char *b);
void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
