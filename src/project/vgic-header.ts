/**
 * `vgic.h` for boards that libvmm 0.2 does not know: its own `include/libvmm/arch/aarch64/vgic/vgic.h` has the addresses of the
 * emulated interrupt controller for four of seL4's platforms and stops the compiler on every other. The project's header is
 * found before it, takes the rest from it, and says the addresses of this board.
 */
import { hex } from '../base/index.ts';
import type { Plan } from '../plan/index.ts';
import { blockComment, headerLines } from './header.ts';

export const VGIC_HEADER = 'vgic.h';

export function vgicHeaderText(plan: Plan): string {
  const { gic } = plan.board;
  const addresses: readonly (readonly [string, number])[] = [
    ['GIC_DIST_PADDR', gic.distributor.base],
    ...(gic.redistributors === undefined ? [] : [['GIC_REDIST_PADDR', gic.redistributors] as const]),
  ];
  const header = [
    ...headerLines(plan, `The interrupt controller of the guests (GICv${gic.version}), for libvmm 0.2.`),
    '',
    'libvmm has its addresses for some boards and stops at "Need to define GIC addresses" for this one. So this header stands',
    "before libvmm's of the same name: it takes all of that, as for a board that libvmm knows, and gives the addresses.",
  ];
  return `${blockComment(header).replaceAll(/ +$/gm, '')}
#pragma once

#include <microkit.h>

#ifdef CONFIG_PLAT_QEMU_ARM_VIRT
#include_next <libvmm/arch/aarch64/vgic/vgic.h>
#else
#define CONFIG_PLAT_QEMU_ARM_VIRT
#include_next <libvmm/arch/aarch64/vgic/vgic.h>
#undef CONFIG_PLAT_QEMU_ARM_VIRT
#endif

${addresses.map(([name, base]) => `#undef ${name}\n#define ${name} ${hex(base)}UL`).join('\n')}
`;
}
