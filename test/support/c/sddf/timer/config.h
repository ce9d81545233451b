/* Whom a client of sDDF's timers asks, for tests that have no sDDF. */
#pragma once

#include <stdint.h>

typedef struct timer_client_config { char magic[5]; uint8_t driver_id; } timer_client_config_t;
