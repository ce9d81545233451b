/* What the engine's C library asks of the machine that it runs on. */
#pragma once

#include <stdint.h>

/* Before anything of the C library is called. */
void platform_init(void);

/* Calls a function on another stack, of which this is the upper end. */
void platform_on_stack(void (*function)(void *), void *argument, char *stack_end);

/* Memory as it is now, for who sees it without caches, and for instructions. */
void platform_clean_cache(uintptr_t start, uintptr_t size);
