/** Small controllers of several makers whose status bits a kernel waits for at boot. */
import type { ControllerTable } from './controller.ts';

export const FIRMWARE_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'Versatile Express system configuration',
    compatible: ['arm,vexpress-sysreg', 'arm,vexpress,config-bus'],
    source: 'Arm DUI 0447: SYS_CFGSTAT (0xa8) shows completion; START (SYS_CFGCTRL bit 31) clears itself',
    statusRules: [{ offset: 0xa8, mask: 1 }],
    selfClearing: [{ offset: 0xa4, mask: 2 ** 31 }],
  },
];
