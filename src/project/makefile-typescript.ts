/**
 * The Makefile's other way to build monitors, `make VMM=ts`: the project's `vmm.ts` as one script, in QuickJS-ng as a Microkit program. Needs
 * no libvmm; what it needs instead is said all at once where it is missing.
 */
import { type GuestPlan, type Plan, servedDevices } from '../plan/index.ts';
import { NATIVE_DRIVERS } from '../sharing/index.ts';

/** Which language the monitors are in. */
export const LANGUAGE_SETTINGS = `# The monitors' language. c: vmm.c, on libvmm. ts: vmm.ts, the one that "drivervm run" runs, in QuickJS-ng.
VMM ?= c
ifeq ($(filter c ts,$(VMM)),)
$(error VMM=$(VMM): it is c or ts)
endif`;

/** What is needed to build them in TypeScript, and what is said where it is not there. */
const SETTINGS = `DRIVERVM ?= npx --no-install drivervm
PICOLIBC ?= /usr/lib/picolibc/aarch64-linux-gnu
LIBGCC ?= $(lastword $(sort $(wildcard /usr/lib/gcc-cross/aarch64-linux-gnu/*/libgcc.a)))
RUNTIME := $(or $(RUNTIME),$(shell $(DRIVERVM) bundle --runtime 2>/dev/null))
override QUICKJS := $(if $(strip $(QUICKJS)),$(abspath $(QUICKJS)))
# Where the engine's objects are kept: a directory that several projects share has them compiled once.
ENGINE_DIR ?= $(BUILD_DIR)
override ENGINE_DIR := $(abspath $(ENGINE_DIR))

$(call need,$(wildcard $(or $(QUICKJS),none)/quickjs.c),QUICKJS,the directory of QuickJS-ng's sources (github.com/quickjs-ng/quickjs))
$(call need,$(wildcard $(PICOLIBC)/lib/libc.a),PICOLIBC,the directory of picolibc for aarch64 (on Debian: apt install picolibc-aarch64-linux-gnu))
$(call need,$(wildcard $(or $(LIBGCC),none)),LIBGCC,GCC's library for aarch64 (on Debian: apt install gcc-aarch64-linux-gnu))
$(call need,$(wildcard $(or $(RUNTIME),none)/domain.c),DRIVERVM,how drivervm is called (node /path/to/drivervm/bin/drivervm.js))`;

/** What the makefile in the build directory is told besides. */
export const TYPESCRIPT_PASSED = `VMM=$(VMM) CALLED_FROM=$(CURDIR) \\
		$(if $(filter ts,$(VMM)),DRIVERVM="$(DRIVERVM)" QUICKJS=$(QUICKJS) PICOLIBC=$(PICOLIBC) LIBGCC=$(LIBGCC) RUNTIME=$(RUNTIME) ENGINE_DIR=$(ENGINE_DIR))`;

/** The programs that come with drivervm, beside the monitors: drivers, and what shares devices. */
interface Component {
  readonly program: string;
  /** The disks that are in it, each for a domain that runs it, as make finds the image. */
  readonly disks: readonly { readonly pd: string; readonly image: string }[];
}

function componentsOf(plan: Plan): readonly Component[] {
  const { virtualisers } = plan.sharing;
  const drivers = plan.drivers.map(({ program }) => program).filter(isOurs);
  const programs = [...new Set([...drivers, ...virtualisers.map(({ program }) => program)])];
  const disks = servedDevices(plan).flatMap(({ server, device: { image } }) =>
    image === undefined
      ? []
      : [{ pd: server.pd, image: `$(PROJECT_DIR)/${image}`.replace('$(PROJECT_DIR)//', '/') }],
  );
  return programs.map((program) => ({
    program,
    disks: disks.filter(({ pd }) =>
      virtualisers.some((each) => each.name === pd && each.program === program),
    ),
  }));
}

const isOurs = (program: string): boolean => NATIVE_DRIVERS.some(({ image }) => image === program);

/** The programs of all domains. */
export const typescriptPrograms = (plan: Plan): readonly string[] => [
  ...plan.guests.map(({ monitor }) => `${monitor.program}.elf`),
  ...componentsOf(plan).map(({ program }) => program),
];

/** The drivers that there are in C alone: with one of them, there is no \`VMM=ts\`. */
export function driversInCAlone(plan: Plan): readonly string[] {
  const bySddf = plan.sddf?.drivers.map(({ pd }) => pd) ?? [];
  return plan.drivers
    .filter(({ name, program }) => bySddf.includes(name) && !isOurs(program))
    .map(({ name }) => name);
}

/** What the Makefile needs for \`VMM=ts\`, or why it can't be had. */
export function typescriptSettings(plan: Plan): string {
  const without = driversInCAlone(plan);
  if (without.length === 0) return SETTINGS;
  return `$(error VMM=ts: drivervm has no driver in TypeScript for the device of ${without.join(', of ')}: leave it out of the request, or VMM=c)`;
}

/**
 * The engine and its C library's surroundings. Nothing of the engine's own sources is the project's or the board's: its objects are in a directory
 * that is named after what they are compiled with, so that projects may share it.
 */
export const ENGINE_RULES = `C_FLAGS := -target aarch64-none-elf -mstrict-align -mno-outline-atomics -g -O3 \\
	-D_GNU_SOURCE -D_POSIX_TIMERS -D_POSIX_MONOTONIC_CLOCK -DNDEBUG -Wall -Wno-unused-parameter \\
	-I$(RUNTIME) -I$(RUNTIME)/include -I$(QUICKJS) -isystem $(PICOLIBC)/include
OUR_FLAGS := $(C_FLAGS) -MD -MP -I$(BOARD_DIR)/include
OURS := engine-domain.o engine-answers.o engine-platform.o

QUICKJS_DIR := $(ENGINE_DIR)/quickjs-$(firstword $(shell echo '$(CC) $(C_FLAGS)' | cksum))
QUICKJS_OBJECTS := $(patsubst %,$(QUICKJS_DIR)/%.o,quickjs libregexp libunicode dtoa)
ENGINE := $(QUICKJS_OBJECTS) $(OURS)

$(QUICKJS_OBJECTS): $(QUICKJS_DIR)/%.o: $(QUICKJS)/%.c $(wildcard $(QUICKJS)/*.h)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -w -c -o $@.$$$$ $< && mv $@.$$$$ $@

# Without built-in functions, or its memcpy would be made a call of itself.
$(OURS): engine-%.o: $(RUNTIME)/%.c $(CONFIGURATION)
	$(CC) $(OUR_FLAGS) -ffreestanding -c -o $@ $<

%_symbols.o: %_symbols.c $(CONFIGURATION)
	$(CC) $(OUR_FLAGS) -c -o $@ $<

-include $(OURS:.o=.d)`;

/** A guest's monitor; `images` are make's words for its kernel and ramdisk. */
export function typescriptRules(
  { name, monitor: { program } }: GuestPlan,
  images: { readonly kernel: string; readonly initrd: string | undefined },
): string {
  const { kernel, initrd } = images;
  return programRules(program, {
    files: [`${program}_images.list`, kernel, ...(initrd === undefined ? [] : [initrd]), `${name}.dtb`],
    paths: { KERNEL: kernel, DTB: `${name}.dtb`, ...(initrd === undefined ? {} : { INITRD: initrd }) },
  });
}

/** All other programs. Disks are in a list of their own, which the assembler includes. */
export function componentRules(plan: Plan): readonly string[] {
  return componentsOf(plan).map(({ program, disks }) => {
    const base = program.replace(/\.elf$/, '');
    if (disks.length === 0) return programRules(base, { files: [], paths: {} });
    const list = `${base}_disks.list`;
    const images = [...new Set(disks.map(({ image }) => image))];
    return `# The disks of the guests are in the program: what guests write is gone when the board is turned off.
${images.join(' ')}:
	@echo "$@ is not there: the request names it as a disk (mke2fs -t ext4 $@ 16M makes an empty one)" >&2; exit 1

${list}: ${images.join(' ')}
	printf '${disks.map(() => 'disk %s, "%s"\\n').join('')}' ${disks.map(({ pd, image }) => `${pd} '${image}'`).join(' ')} > $@

${programRules(base, { files: [list], paths: { DISKS: list } })}`;
  });
}

interface ProgramFiles {
  readonly files: readonly string[];
  /** By what `runtime/sel4/images.S` calls them. */
  readonly paths: Readonly<Record<string, string>>;
}

function programRules(program: string, { files, paths }: ProgramFiles): string {
  const defined = Object.entries({ SCRIPT: `${program}.js`, ...paths }).map(
    ([name, path]) => `\n\t\t-D${name}_PATH=\\"${path}\\" \\`,
  );
  return `${program}.js ${program}_symbols.c &: $(wildcard $(PROJECT_DIR)/*.ts $(PROJECT_DIR)/*.js) $(SYSTEM_FILE) $(CONFIGURATION)
	cd $(CALLED_FROM) && $(DRIVERVM) bundle $(SYSTEM_FILE) ${program}.elf -o $(CURDIR)

${program}_script.o: ${['$(RUNTIME)/images.S', `${program}.js`, ...files].join(' ')}
	$(CC) -c -x assembler-with-cpp -target aarch64-none-elf -I. \\${defined.join('')}
		-o $@ $<

${program}.elf: ${program}_symbols.o ${program}_script.o $(ENGINE) $(RUNTIME)/program.ld
	$(LD) -L$(BOARD_DIR)/lib -T$(RUNTIME)/program.ld ${program}_symbols.o ${program}_script.o $(ENGINE) \\
		--start-group -lmicrokit $(PICOLIBC)/lib/libc.a $(LIBGCC) --end-group -o $@`;
}
