/** Device models: the contract, registers declared once, and one file for each model. */
export {
  type BlockStore,
  copyOnWrite,
  countedStore,
  isWrittenThrough,
  STORE_SECTOR_BYTES,
  type StoreUse,
} from './block-store.ts';
export { type Alarm, type Clock, keptAlarm, SteppedClock } from './clock.ts';
export {
  type AccessSize,
  type BusMaster,
  type CableSocket,
  type CardSlot,
  type Device,
  type IrqLine,
  pulse,
  UNCONNECTED_LINE,
} from './contract.ts';
export { CONTROLLERS, controllerFor } from './control/catalogue.ts';
export { type ControllerTable, createController } from './control/controller.ts';
export { CHECKSUM_INSERTION, checkChecksums, insertChecksums } from './ethernet/checksum.ts';
export { Dwmac, type DwmacParts } from './ethernet/dwmac.ts';
export {
  ETHERTYPE,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  isFor,
  isFrom,
  isGroup,
  typeOf,
} from './ethernet/frame.ts';
export { MdioBus } from './ethernet/mdio.ts';
export { MesonMdioMux } from './ethernet/meson-mdio-mux.ts';
export { pcapHeader, pcapRecord } from './ethernet/pcap.ts';
export { AMLOGIC_INTERNAL_PHY, Phy, type PhyIdentity, RTL8211F } from './ethernet/phy.ts';
export { type EthernetPort, EthernetWire, type FrameWatcher, type WireUse } from './ethernet/wire.ts';
export { Gicv } from './gic/gicv.ts';
export { type IccEncoding, readIcc, writeIcc } from './gic/icc.ts';
export {
  type InterruptGroup,
  LIST_REGISTER_COUNT,
  type ListRegister,
  LR_STATE,
  type LrState,
  VirtualCpuInterface,
} from './gic/virtual-interface.ts';
export { MesonGpio, type MesonGpioLayout } from './gpio/meson-gpio.ts';
export { Pl061 } from './gpio/pl061.ts';
export {
  CARD_BLOCK_BYTES,
  type CardResponse,
  type DataLines,
  type DataPhase,
  type MmcCard,
} from './mmc/card.ts';
export { CardMedium } from './mmc/card-medium.ts';
export { EmmcCard } from './mmc/emmc-card.ts';
export type { Geometry } from './mmc/emmc-registers.ts';
export { MesonMmc, type MesonMmcLayout, type MesonMmcParts } from './mmc/meson-mmc.ts';
export { MESON_AXG_MMC_REGISTERS, type MesonMmcRegisters } from './mmc/meson-mmc-registers.ts';
export type { RegisterWords, Slice } from './mmc/packed-register.ts';
export { SdCard } from './mmc/sd-card.ts';
export { type StateName, StoredCard } from './mmc/stored-card.ts';
export { PollDetector, type StuckPoll } from './poll-detector.ts';
export {
  type Behaviours,
  type RegisterBehaviour,
  RegisterDevice,
  type RegisterObserver,
} from './register-device.ts';
export {
  bit,
  bits,
  constant,
  type Field,
  type Fields,
  REMEMBERED,
  type Register,
  type RegisterMap,
  type RegisterOptions,
  reg,
  registerMap,
  status,
  unmodelled,
  WHOLE,
} from './registers.ts';
export {
  type RememberedOptions,
  RememberedRegisters,
  type SelfClearing,
  type StatusRule,
  type WordCondition,
} from './remembered.ts';
export { BREAK, SerialLine } from './serial-line.ts';
export { Pl031, type Pl031Parts } from './timer/pl031.ts';
export { Sun8iTimer, type Sun8iTimerParts } from './timer/sun8i.ts';
export { type Armada3700Parts, Armada3700Uart } from './uart/armada3700.ts';
export { CadenceUart } from './uart/cadence.ts';
export { GeniUart } from './uart/geni.ts';
export { ImxUart } from './uart/imx.ts';
export { Lpuart } from './uart/lpuart.ts';
export { MesonUart, type MesonUartParts } from './uart/meson.ts';
export { MsmUart } from './uart/msm.ts';
export { Pl011 } from './uart/pl011.ts';
export { Scif, type ScifParts } from './uart/scif.ts';
export { Uart8250, type Uart8250Parts, type Uart8250Variant } from './uart/uart8250.ts';
