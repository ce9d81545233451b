/**
 * The Ethernet PHY block of Amlogic's G12A and SM1: the PLL of the internal PHY, its control, and the multiplexer that lays
 * the controller's management bus to the internal or the external PHYs. After what Linux 6.1's `mdio-mux-meson-g12a.c`
 * writes and polls; the PLL locks as soon as it is enabled and out of reset.
 */
import { RegisterDevice } from '../register-device.ts';
import { bit, REMEMBERED, reg, registerMap, status, unmodelled } from '../registers.ts';
import type { MdioBus } from './mdio.ts';

export const MESON_MDIO_MUX_REGISTERS = registerMap({
  ETH_PLL_CTL0: reg(0x44, {
    M: unmodelled(8, 0),
    N: unmodelled(14, 10),
    SEL: unmodelled(23),
    EN: bit(28),
    RST: bit(29),
    LOCK_DIG: status(30),
    LOCK: status(31),
  }),
  ETH_PLL_CTL1: reg(0x48, REMEMBERED),
  ETH_PLL_CTL2: reg(0x4c, REMEMBERED),
  ETH_PLL_CTL3: reg(0x50, REMEMBERED),
  ETH_PLL_CTL4: reg(0x54, REMEMBERED),
  ETH_PLL_CTL5: reg(0x58, REMEMBERED),
  ETH_PLL_CTL6: reg(0x5c, REMEMBERED),
  ETH_PLL_CTL7: reg(0x60, REMEMBERED),
  ETH_PHY_CNTL0: reg(0x80, REMEMBERED),
  ETH_PHY_CNTL1: reg(0x84, REMEMBERED),
  ETH_PHY_CNTL2: reg(0x88, {
    OTHER: unmodelled(4, 0),
    USE_INTERNAL: bit(5),
    SMI_SRC_MAC: bit(6),
    RX_CLK_EPHY: unmodelled(9),
  }),
});

/** The branches of the multiplexer, as device trees number them. */
const MESON_MDIO_BRANCH = { external: 0, internal: 1 } as const;
const SIZE_BYTES = 0xa4;

/** Amlogic G12A's multiplexer between the internal and the external PHY, with its PLL's status. */
export class MesonMdioMux extends RegisterDevice<typeof MESON_MDIO_MUX_REGISTERS> {
  readonly model = 'Meson G12A MDIO multiplexer';

  constructor(bus: MdioBus) {
    super(MESON_MDIO_MUX_REGISTERS, SIZE_BYTES);
    const { fields } = MESON_MDIO_MUX_REGISTERS.ETH_PLL_CTL0;
    const locks = fields.LOCK_DIG.mask | fields.LOCK.mask;
    this.behave({
      ETH_PLL_CTL0: {
        read: () => {
          const locked = this.field('ETH_PLL_CTL0', 'EN') === 1 && this.field('ETH_PLL_CTL0', 'RST') === 0;
          return (this.value.ETH_PLL_CTL0 | (locked ? locks : 0)) >>> 0;
        },
      },
    });
    bus.branch = () => {
      const internal =
        this.field('ETH_PHY_CNTL2', 'USE_INTERNAL') === 1 && this.field('ETH_PHY_CNTL2', 'SMI_SRC_MAC') === 1;
      return internal ? MESON_MDIO_BRANCH.internal : MESON_MDIO_BRANCH.external;
    };
  }
}
