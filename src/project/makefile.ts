/**
 * The Makefile: `make` builds the image that the board boots, `make qemu` runs it where QEMU has the board. It takes
 * MICROKIT_SDK and LIBVMM as the field's projects do, and builds libvmm and sDDF's utilities through their own `.mk` files.
 */
import { hex } from '../base/index.ts';
import { MICROKIT_BOARDS } from '../microkit/index.ts';
import type { GuestPlan, Plan } from '../plan/index.ts';
import { runSystemFile, systemFile } from './file-names.ts';
import { hashComment, headerLines } from './header.ts';
import {
  componentRules,
  ENGINE_RULES,
  LANGUAGE_SETTINGS,
  TYPESCRIPT_PASSED,
  typescriptPrograms,
  typescriptRules,
  typescriptSettings,
} from './makefile-typescript.ts';
import { diskFiles, diskRules, qemuDevices, sddfImages, sddfRules } from './sddf/makefile.ts';
import { VGIC_HEADER } from './vgic-header.ts';

/**
 * QEMU's virt has a network card on PCI unless told otherwise, whose boot ROM not every installation of QEMU has, and which is of use
 * only to a guest with the PCI host.
 */
function network(plan: Plan): string {
  const hasPci = plan.guests.some(({ devices }) => devices.some(({ path }) => /^\/pcie?@/.test(path)));
  return hasPci ? '-netdev user,id=network -device virtio-net-pci,netdev=network,romfile=' : '-net none';
}

/** libvmm 0.2 has room for so many vCPUs of a guest where it is not told otherwise (include/libvmm/guest.h). */
const LIBVMM_VCPUS = 4;

function roomForVcpus(plan: Plan): string {
  const vcpus = Math.max(...plan.guests.map(({ vm }) => vm.vcpus));
  return vcpus > LIBVMM_VCPUS ? `\n\t-DGUEST_MAX_NUM_VCPUS=${vcpus}UL \\` : '';
}

/** A vCPU knows which one it is by VMPIDR_EL2, which seL4 keeps for it only where it is built for several cores. */
const hasSeveralVcpus = (plan: Plan): boolean => plan.guests.some(({ vm }) => vm.vcpus > 1);

/** What `make qemu` gives QEMU where it has the board: the loader is put where it is linked, and waits for all its cores. */
function qemuOf(plan: Plan): string | undefined {
  const { qemu, smpCores, loaderAddr = 0 } = MICROKIT_BOARDS.get(plan.board.microkit ?? '') ?? {};
  if (qemu === undefined) return undefined;
  const cores = `$(if $(filter smp-%,$(MICROKIT_CONFIG)),${smpCores},1)`;
  return `-machine ${qemu.machine} -cpu ${qemu.cpu} -smp ${cores} -m ${qemu.memory} \\
\t\t-device loader,file=$(IMAGE_FILE),addr=${hex(loaderAddr)},cpu-num=0`;
}

export function hasQemu(plan: Plan): boolean {
  return qemuOf(plan) !== undefined;
}

/** Make's variable for a guest's file: plain for a single guest, as in libvmm's examples. */
function variable(plan: Plan, guest: GuestPlan, name: string): string {
  return plan.guests.length > 1 ? `${guest.name.toUpperCase().replaceAll('-', '_')}_${name}` : name;
}

/** The Makefile: trees, programs and Microkit's image. */
export function makefileText(plan: Plan): string {
  const programs = plan.guests.map(({ monitor }) => `${monitor.program}.elf`);
  const parts = [
    hashComment([
      ...headerLines(
        plan,
        'Builds the system image with the Microkit SDK: monitors in C, on libvmm, or in TypeScript, in QuickJS-ng.',
      ),
      '',
      '    make MICROKIT_SDK=/path/to/sdk LIBVMM=/path/to/libvmm',
      '    make VMM=ts MICROKIT_SDK=/path/to/sdk QUICKJS=/path/to/quickjs',
    ]).replaceAll(/ +$/gm, ''),
    settings(plan),
    plan.guests.map((guest) => imageVariables(plan, guest)).join('\n'),
    tools(plan),
    rules(plan, programs),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What either language needs; all that is not there is said at once, the tools by the first make alone. */
const NEEDS = `missing :=
need = $(if $(strip $1),,$(eval missing += $2)$(warning $2: $3))
tool = $(call need,$(shell sh -c 'command -v $1'),$1,not on the PATH (on Debian: apt install $2))
$(call need,$(MICROKIT_SDK),MICROKIT_SDK,the directory of the Microkit SDK)
$(call need,$(MICROKIT_BOARD),MICROKIT_BOARD,the name of the board in the SDK)
ifndef IN_BUILD_DIR
$(call tool,clang,clang)
$(call tool,ld.lld,lld)
$(if $(filter c,$(VMM)),$(call tool,llvm-ar,llvm))
$(call tool,$(or $(DTC),dtc),device-tree-compiler)
endif`;

function settings(plan: Plan): string {
  return `MICROKIT_BOARD ?= ${plan.board.microkit ?? ''}
MICROKIT_CONFIG ?= ${hasSeveralVcpus(plan) ? 'smp-debug' : 'debug'}
BUILD_DIR ?= build
${LANGUAGE_SETTINGS}

${NEEDS}
ifeq ($(VMM),ts)
${typescriptSettings(plan)}
else
$(call need,$(LIBVMM),LIBVMM,the directory of libvmm)
endif
ifneq ($(missing),)
$(error needed and not there: $(missing))
endif
override MICROKIT_SDK := $(abspath $(MICROKIT_SDK))

ifeq ($(wildcard $(MICROKIT_SDK)/bin/microkit),)
$(error $(MICROKIT_SDK) is no Microkit SDK: it has no bin/microkit)
endif
ifneq ($(filter 1.% 2.0.% 2.1.% 2.2.%,$(shell cat $(MICROKIT_SDK)/VERSION)),)
$(error $(MICROKIT_SDK) is of version $(shell cat $(MICROKIT_SDK)/VERSION): this project needs 2.3 or later)
endif
ifeq ($(wildcard $(MICROKIT_SDK)/board/$(MICROKIT_BOARD)/$(MICROKIT_CONFIG)),)
$(error $(MICROKIT_SDK) was not built for $(MICROKIT_BOARD) in the configuration $(MICROKIT_CONFIG))
endif
ifeq ($(VMM),c)
override LIBVMM := $(abspath $(LIBVMM))
SDDF ?= $(LIBVMM)/dep/sddf
override SDDF := $(abspath $(SDDF))
ifeq ($(wildcard $(LIBVMM)/vmm.mk),)
$(error $(LIBVMM) is no libvmm: it has no vmm.mk)
endif
ifeq ($(wildcard $(LIBVMM)/include/libvmm/guest_ram.h),)
$(error $(LIBVMM) is too old: this project needs libvmm 0.2)
endif
ifeq ($(wildcard $(SDDF)/util/util.mk),)
$(error $(SDDF) has no sDDF: run "git submodule update --init" in $(LIBVMM), or set SDDF)
endif
endif

PROJECT_DIR := $(patsubst %/,%,$(dir $(abspath $(firstword $(MAKEFILE_LIST)))))
SYSTEM_FILE := $(PROJECT_DIR)/${plan.sddf === undefined ? systemFile(plan) : `$(if $(filter c,$(VMM)),${systemFile(plan)},${runSystemFile(plan)})`}`;
}

function imageVariables(plan: Plan, guest: GuestPlan): string {
  const lines = [
    `# The images of ${guest.name}, at the sizes that the plan measured.`,
    `${variable(plan, guest, 'LINUX')} ?= $(PROJECT_DIR)/${guest.kernel.path}`,
  ];
  if (guest.initrd !== undefined) {
    lines.push(`${variable(plan, guest, 'INITRD')} ?= $(PROJECT_DIR)/${guest.initrd.path}`);
  }
  return lines.join('\n').replaceAll('$(PROJECT_DIR)//', '/');
}

const tools = (plan: Plan): string => `CC := clang
LD := ld.lld
AR := llvm-ar
RANLIB := llvm-ranlib
OBJCOPY := llvm-objcopy
DTC ?= dtc
MICROKIT_TOOL ?= $(MICROKIT_SDK)/bin/microkit

BOARD_DIR := $(MICROKIT_SDK)/board/$(MICROKIT_BOARD)/$(MICROKIT_CONFIG)
ARCH := aarch64
SDDF_CUSTOM_LIBC := 1
ARCH_FLAGS := -target aarch64-none-elf -mstrict-align

CFLAGS := -ffreestanding -nostdlib -g3 -O3 -Wall -Wno-unused-function -MD -MP \\
	-DBOARD_$(MICROKIT_BOARD) \\${plan.board.libvmm ? '' : '\n\t-Iinclude \\'}${roomForVcpus(plan)}
	-I$(BOARD_DIR)/include \\
	-I$(LIBVMM)/include \\
	-I$(SDDF)/include \\
	-I$(SDDF)/include/sddf/util/custom_libc \\
	-I$(SDDF)/include/microkit \\
	$(ARCH_FLAGS)
LDFLAGS := -L$(BOARD_DIR)/lib
LIBS := --start-group -lmicrokit -Tmicrokit.ld libsddf_util_debug.a --end-group`;

function rules(plan: Plan, programs: readonly string[]): string {
  const qemu = qemuOf(plan);
  const isSddf = ({ name }: { readonly name: string }) =>
    plan.sddf?.drivers.some(({ pd }) => pd === name) === true;
  const others = [...new Set(plan.drivers.flatMap((driver) => (isSddf(driver) ? [] : [driver.program])))];
  const sharing = sddfImages(plan.sddf);
  const sddf = sddfRules(plan.sddf);
  const targets = ['all', ...(qemu === undefined ? [] : ['qemu'])];
  const parts = [
    `# libvmm's and sDDF's makefiles build where they are called, so this one calls itself in the build directory.
ifndef IN_BUILD_DIR

${targets.join(' ')}:
	mkdir -p $(BUILD_DIR)
	$(MAKE) -C $(BUILD_DIR) -f $(abspath $(firstword $(MAKEFILE_LIST))) $@ IN_BUILD_DIR=yes \\
		MICROKIT_SDK=$(MICROKIT_SDK) $(if $(filter c,$(VMM)),LIBVMM=$(LIBVMM) SDDF=$(SDDF)) ${imagesPassed(plan)} \\
		${TYPESCRIPT_PASSED} \\
		MICROKIT_BOARD=$(MICROKIT_BOARD) MICROKIT_CONFIG=$(MICROKIT_CONFIG)

clean:
	rm -rf $(BUILD_DIR)

.PHONY: ${targets.join(' ')} clean

else`,
    `THIS_FILE := $(firstword $(MAKEFILE_LIST))${plan.board.libvmm ? '' : VGIC_RULES}
ifdef IN_LIBVMM

vpath %.c $(LIBVMM)
include $(LIBVMM)/vmm.mk
${plan.board.libvmm ? '' : '$(OBJECTS): $(VGIC_HEADER)\n'}
else

IMAGE_FILE := loader.img
REPORT_FILE := report.txt
${
  plan.sddf === undefined
    ? `PROGRAMS := ${[...programs, ...others].join(' ')}`
    : `ifeq ($(VMM),ts)
PROGRAMS := ${[...typescriptPrograms(plan), ...others.filter((program) => !typescriptPrograms(plan).includes(program))].join(' ')}
else
PROGRAMS := ${[...programs, ...others].join(' ')}${sharing.length === 0 ? '' : `\n# sDDF's programs, with their configurations.\nSHARING := ${sharing.join(' ')}`}
endif`
}

all: $(IMAGE_FILE)

# What is built for one board and configuration, and in one language, is not for another.
CONFIGURATION := configuration/$(MICROKIT_BOARD)-$(MICROKIT_CONFIG)-$(VMM)
$(CONFIGURATION):
	rm -rf configuration
	mkdir configuration
	touch $@

ifeq ($(VMM),c)
# libvmm's makefile compiles all of libvmm each time, so it is asked only when something of libvmm is new.
libvmm.a: $(shell find $(wildcard $(LIBVMM)/src) $(LIBVMM)/include -type f) $(LIBVMM)/vmm.mk $(CONFIGURATION)${plan.board.libvmm ? '' : ' $(VGIC_HEADER)'}
	$(MAKE) -f $(THIS_FILE) $@ IN_LIBVMM=yes
endif

$(IMAGE_FILE) $(REPORT_FILE): $(PROGRAMS)${sharing.length === 0 ? '' : ' $(SHARING)'} $(SYSTEM_FILE) $(CONFIGURATION)
	$(MICROKIT_TOOL) $(SYSTEM_FILE) --search-path $(CURDIR) --board $(MICROKIT_BOARD) \\
		--config $(MICROKIT_CONFIG) -o $(IMAGE_FILE) -r $(REPORT_FILE)`,
    `ifeq ($(VMM),ts)\n${[ENGINE_RULES, ...componentRules(plan)].join('\n\n')}\nendif`,
    ...plan.guests.map((guest) => guestRules(plan, guest)),
    missingImageRule(plan),
    ...(others.length === 0
      ? []
      : [
          `# Native drivers that sDDF does not have are not part of this project: put their programs into the build directory, or say
# here how to build them.
${others.map((program) => `${program}:\n\t$(error ${program}: not part of this project; see README.md)`).join('\n')}`,
        ]),
    `ifeq ($(VMM),c)
include $(SDDF)/util/util.mk
$(ALL_OBJS_LIBUTIL) $(PROGRAMS:.elf=.o): $(CONFIGURATION)${plan.board.libvmm ? '' : '\n$(PROGRAMS:.elf=.o): $(VGIC_HEADER)'}
-include $(PROGRAMS:.elf=.d)
endif`,
    ...(sddf.length === 0 ? [] : [`ifeq ($(VMM),c)\n${sddf.join('\n\n')}\nendif`]),
    ...(qemu === undefined
      ? []
      : [
          `qemu: ${['$(IMAGE_FILE)', ...diskFiles(plan.sddf)].join(' ')}\n\tqemu-system-aarch64 ${[qemu, network(plan), ...qemuDevices(plan), '-nographic -serial mon:stdio'].join(' \\\n\t\t')}`,
          ...diskRules(plan),
        ]),
    `FORCE:\n\n.PHONY: ${targets.join(' ')} FORCE\n\nendif\nendif`,
  ];
  return parts.join('\n\n');
}

/** The header goes where libvmm's sources look for theirs, in a directory that is searched before libvmm's. */
const VGIC_RULES = `

VGIC_HEADER := include/libvmm/arch/aarch64/vgic/vgic.h
$(VGIC_HEADER): $(PROJECT_DIR)/${VGIC_HEADER}
	mkdir -p $(@D)
	cp $< $@
`;

/** The variables that name the guests' images. */
const imageNames = (plan: Plan): readonly string[] =>
  plan.guests.flatMap((guest) => [
    variable(plan, guest, 'LINUX'),
    ...(guest.initrd === undefined ? [] : [variable(plan, guest, 'INITRD')]),
  ]);

/** Images by their full paths: what a user gives relative to here would be looked for in the build directory. */
const imagesPassed = (plan: Plan): string =>
  imageNames(plan)
    .map((name) => `${name}=$(abspath $(${name}))`)
    .join(' ');

/** Without prerequisites a rule's recipe is for what is not there; two guests may have one file. */
function missingImageRule(plan: Plan): string {
  const names = imageNames(plan);
  return `$(sort ${names.map((name) => `$(${name})`).join(' ')}):
	@echo "$@ is not there: name the image with ${names.map((name) => `${name}=`).join(', ')}" >&2; false`;
}

function guestRules(plan: Plan, guest: GuestPlan): string {
  const { program } = guest.monitor;
  const linux = `$(${variable(plan, guest, 'LINUX')})`;
  const initrd = `$(${variable(plan, guest, 'INITRD')})`;
  const hasInitrd = guest.initrd !== undefined;
  const images = `${linux}${hasInitrd ? ` ${initrd}` : ''}`;
  return `${guest.name}.dtb: $(PROJECT_DIR)/${guest.name}.dts
	$(DTC) -q -I dts -O dtb $< > $@

# Which images were packaged last: others, though older, are packaged anew.
${program}_images.list: FORCE
	@echo "${images}" | cmp -s - $@ || echo "${images}" > $@

ifeq ($(VMM),ts)
${typescriptRules(guest, { kernel: linux, initrd: hasInitrd ? initrd : undefined })}
else
${program}.elf: ${program}.o ${program}_images.o libvmm.a libsddf_util_debug.a
	$(LD) $(LDFLAGS) ${program}.o ${program}_images.o libvmm.a $(LIBS) -o $@

${program}.o: $(PROJECT_DIR)/${program}.c
	$(CC) $(CFLAGS) -c -o $@ $<

${program}_images.o: $(LIBVMM)/tools/package_guest_images.S ${program}_images.list ${images} ${guest.name}.dtb
	$(CC) -c -g3 -x assembler-with-cpp \\
		-DGUEST_KERNEL_IMAGE_PATH=\\"${linux}\\" \\
		-DGUEST_DTB_IMAGE_PATH=\\"${guest.name}.dtb\\" \\${hasInitrd ? `\n\t\t-DGUEST_INITRD_IMAGE_PATH=\\"${initrd}\\" \\` : ''}
		$(ARCH_FLAGS) $< -o $@
endif`;
}
