/** A tree after QEMU's virt, cut down to what fits on a page: the interrupt controller and the console's UART, and what a test adds. */
export const virtTree = (more = '', ofUart = ''): string => `/dts-v1/;
/ {
  #address-cells = <1>;
  #size-cells = <1>;
  interrupt-parent = <&gic>;
  aliases { serial0 = &uart; };
  gic: interrupt-controller@8000000 {
    compatible = "arm,cortex-a15-gic";
    reg = <0x8000000 0x10000>, <0x8010000 0x10000>, <0x8030000 0x10000>, <0x8040000 0x10000>;
    #interrupt-cells = <3>;
    interrupt-controller;
  };
  uart: pl011@9000000 {
    compatible = "arm,pl011", "arm,primecell";
    reg = <0x9000000 0x1000>;
    interrupts = <0 1 4>;
${ofUart}  };
${more}};
`;
