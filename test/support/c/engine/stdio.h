/* What picolibc declares of what runtime/sel4 uses. */
#pragma once

typedef struct file FILE;
struct file { int (*put)(char character, FILE *file); int flags; };
#define _FDEV_SETUP_WRITE 2
#define FDEV_SETUP_STREAM(put, get, flush, flags) { put, flags }
extern FILE *const stdin;
extern FILE *const stdout;
extern FILE *const stderr;
