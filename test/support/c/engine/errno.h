/* What a C library declares of what runtime/sel4 uses. */
#pragma once

#define EAGAIN 11
