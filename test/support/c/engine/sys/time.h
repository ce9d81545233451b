/* What a C library declares of what runtime/sel4 uses. */
#pragma once

struct timeval { long tv_sec; long tv_usec; };
int gettimeofday(struct timeval *restrict now, void *restrict zone);
