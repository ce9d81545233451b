/* What a program's own part (made by "drivervm bundle") tells domain.c. */
#pragma once

#include <stddef.h>

#include <microkit.h>

/* The engine's memory and stack; the reserve is for C below the engine's own limit. */
extern char domain_heap[];
extern const size_t domain_heap_bytes;
extern char domain_stack[];
extern const size_t domain_stack_bytes;
extern const size_t domain_stack_reserve_bytes;

/* A symbol that the system description sets: Microkit's tool writes its value, a word, into the program. */
struct domain_symbol {
    const char *name;
    const volatile seL4_Word *value;
};

/* A file that is built into the program. */
struct domain_image {
    const char *name;
    const char *start;
    const char *end;
};

/* The last one of each has no name. */
extern const struct domain_symbol domain_symbols[];
extern const struct domain_image domain_images[];

/* The program itself, and a NUL behind it. */
extern const char domain_script[];
extern const char domain_script_end[];
