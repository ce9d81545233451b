/**
 * The Makefile's other way to build monitors, `make VMM=ts`: the project's `vmm.ts` as one script, in QuickJS-ng as a Microkit program. Needs
 * no libvmm; what it needs instead is said all at once where it is missing.
 */
import type { GuestPlan } from '../plan/index.ts';

/** Which language the monitors are in. */
export const LANGUAGE_SETTINGS = `# The monitors' language. c: vmm.c, on libvmm. ts: vmm.ts, the one that "drivervm run" runs, in QuickJS-ng.
VMM ?= c
ifeq ($(filter c ts,$(VMM)),)
$(error VMM=$(VMM): it is c or ts)
endif`;

/** Where other domains serve the guests' devices. */
export const NO_TYPESCRIPT =
  "$(error VMM=ts: sDDF's programs serve devices here, and their queues are known to monitors in C alone: VMM=c)";

/** What is needed to build them in TypeScript, and what is said where it is not there. */
export const TYPESCRIPT_SETTINGS = `DRIVERVM ?= npx --no-install drivervm
PICOLIBC ?= /usr/lib/picolibc/aarch64-linux-gnu
LIBGCC ?= $(lastword $(sort $(wildcard /usr/lib/gcc-cross/aarch64-linux-gnu/*/libgcc.a)))
RUNTIME := $(or $(RUNTIME),$(shell $(DRIVERVM) bundle --runtime 2>/dev/null))
override QUICKJS := $(if $(strip $(QUICKJS)),$(abspath $(QUICKJS)))

missing :=
need = $(if $(wildcard $1),,$(eval missing += $2)$(warning $2: $3))
$(call need,$(or $(QUICKJS),none)/quickjs.c,QUICKJS,the directory of QuickJS-ng's sources (github.com/quickjs-ng/quickjs))
$(call need,$(PICOLIBC)/lib/libc.a,PICOLIBC,the directory of picolibc for aarch64 (on Debian: apt install picolibc-aarch64-linux-gnu))
$(call need,$(or $(LIBGCC),none),LIBGCC,GCC's library for aarch64 (on Debian: apt install gcc-aarch64-linux-gnu))
$(call need,$(or $(RUNTIME),none)/domain.c,DRIVERVM,how drivervm is called (node /path/to/drivervm/bin/drivervm.js))
ifneq ($(missing),)
$(error to build monitors in TypeScript, set$(missing:%= %))
endif`;

/** What the makefile in the build directory is told besides. */
export const TYPESCRIPT_PASSED = `VMM=$(VMM) CALLED_FROM=$(CURDIR) \\
		$(if $(filter ts,$(VMM)),DRIVERVM="$(DRIVERVM)" QUICKJS=$(QUICKJS) PICOLIBC=$(PICOLIBC) LIBGCC=$(LIBGCC) RUNTIME=$(RUNTIME))`;

/** The engine and its C library's surroundings. */
export const ENGINE_RULES = `ENGINE_FLAGS := -target aarch64-none-elf -mstrict-align -mno-outline-atomics -g -O3 \\
	-D_GNU_SOURCE -D_POSIX_TIMERS -D_POSIX_MONOTONIC_CLOCK -DNDEBUG -Wall -Wno-unused-parameter -MD -MP \\
	-I$(RUNTIME) -I$(RUNTIME)/include -I$(QUICKJS) -I$(BOARD_DIR)/include -isystem $(PICOLIBC)/include
ENGINE := $(addprefix engine-,quickjs.o libregexp.o libunicode.o dtoa.o domain.o answers.o platform.o)

OURS := engine-domain.o engine-answers.o engine-platform.o
$(filter-out $(OURS),$(ENGINE)): engine-%.o: $(QUICKJS)/%.c $(CONFIGURATION)
	$(CC) $(ENGINE_FLAGS) -w -c -o $@ $<

# Without built-in functions, or its memcpy would be made a call of itself.
$(OURS): engine-%.o: $(RUNTIME)/%.c $(CONFIGURATION)
	$(CC) $(ENGINE_FLAGS) -ffreestanding -c -o $@ $<

%_symbols.o: %_symbols.c $(CONFIGURATION)
	$(CC) $(ENGINE_FLAGS) -c -o $@ $<

-include $(ENGINE:.o=.d)`;

/** A guest's monitor; \`images\` are make's words for its kernel and ramdisk. */
export function typescriptRules(
  { name, monitor: { program } }: GuestPlan,
  images: { readonly kernel: string; readonly initrd: string | undefined },
): string {
  const files = [images.kernel, ...(images.initrd === undefined ? [] : [images.initrd])].join(' ');
  return `${program}.js ${program}_symbols.c &: $(wildcard $(PROJECT_DIR)/*.ts $(PROJECT_DIR)/*.js) $(SYSTEM_FILE) $(CONFIGURATION)
	cd $(CALLED_FROM) && $(DRIVERVM) bundle $(SYSTEM_FILE) ${program}.elf -o $(CURDIR)

${program}_script.o: $(RUNTIME)/images.S ${program}.js ${program}_images.list ${files} ${name}.dtb
	$(CC) -c -x assembler-with-cpp -target aarch64-none-elf \\
		-DSCRIPT_PATH=\\"${program}.js\\" \\
		-DKERNEL_PATH=\\"${images.kernel}\\" \\
		-DDTB_PATH=\\"${name}.dtb\\" \\${images.initrd === undefined ? '' : `\n\t\t-DINITRD_PATH=\\"${images.initrd}\\" \\`}
		-o $@ $<

${program}.elf: ${program}_symbols.o ${program}_script.o $(ENGINE) $(RUNTIME)/program.ld
	$(LD) -L$(BOARD_DIR)/lib -T$(RUNTIME)/program.ld ${program}_symbols.o ${program}_script.o $(ENGINE) \\
		--start-group -lmicrokit $(PICOLIBC)/lib/libc.a $(LIBGCC) --end-group -o $@`;
}
