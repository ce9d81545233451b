/* What a C library declares of what runtime/sel4 uses. */
#pragma once

void abort(void) __attribute__((noreturn));
