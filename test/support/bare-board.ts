/** A board as bare guests want it: a UART, a GICv2, 1 GiB of RAM where QEMU's virt has it, and one CPU. */
export const BARE_BOARD = `/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>; compatible = "linux,dummy-virt";
  timer { compatible = "arm,armv8-timer"; interrupts = <1 13 4>, <1 14 4>, <1 11 4>, <1 10 4>; };
  gic: intc@8000000 { compatible = "arm,cortex-a15-gic"; interrupt-controller; #interrupt-cells = <3>;
    reg = <0x8000000 0x10000>, <0x8010000 0x10000>, <0x8030000 0x10000>, <0x8040000 0x10000>; };
  cpus { #address-cells = <1>; #size-cells = <0>;
    cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; }; };
  chosen { stdout-path = "/pl011@9000000"; };
  pl011@9000000 { compatible = "arm,pl011", "arm,primecell"; reg = <0x9000000 0x1000>; interrupts = <0 1 4>; };
  memory@40000000 { device_type = "memory"; reg = <0x40000000 0x40000000>; }; };`;
