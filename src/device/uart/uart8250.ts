/**
 * The 8250 family: National Semiconductor's PC16550D (datasheet of 1995), and on its register set Synopsys DesignWare's
 * DW_apb_uart with its status and identification registers, Tegra's, the BCM2835's auxiliary UART
 * (BCM2835 Arm Peripherals §2.2) and TI's AM65. `reg-shift` in the device tree spaces the registers.
 * Left out: DMA, modem lines but for loop-back, errors other than breaks, baud rate.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import {
  bit,
  bits,
  constant,
  type Fields,
  REMEMBERED,
  type RegisterMap,
  reg,
  registerMap,
  status,
  unmodelled,
} from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

type Width = 1 | 2 | 4;

/** The registers that all of the family have, `1 << regShift` bytes apart. */
function baseRegisters(regShift: number) {
  const sizeBytes = Math.min(4, 1 << regShift) as Width;
  const at = <F extends Fields>(index: number, fields: F, options: { access?: 'ro' } = {}) =>
    reg(index << regShift, fields, { ...options, sizeBytes });
  return {
    /** RBR on reading, THR on writing; DLL while LCR.DLAB is set. */
    RBR_THR_DLL: at(0, { DATA: bits(7, 0) }),
    /** DLM while LCR.DLAB is set. */
    IER_DLM: at(1, {
      ERBFI: bit(0),
      ETBEI: bit(1),
      ELSI: bit(2),
      EDSSI: unmodelled(3),
      REST: bits(7, 4),
    }),
    /** IIR on reading, FCR on writing. */
    IIR_FCR: at(2, {
      FIFO_ENABLE: bit(0),
      RCVR_RESET: bit(1),
      XMIT_RESET: unmodelled(2),
      MODE: unmodelled(5, 3),
      TRIGGER: bits(7, 6),
    }),
    LCR: at(3, { LINE: unmodelled(6, 0), DLAB: bit(7) }),
    MCR: at(4, {
      DTR: bit(0),
      RTS: bit(1),
      OUT1: bit(2),
      OUT2: bit(3),
      LOOP: bit(4),
      AFE: unmodelled(5),
      SIRE: unmodelled(6),
    }),
    LSR: at(
      5,
      {
        DR: status(0),
        OE: status(1),
        PE: status(2),
        FE: status(3),
        BI: status(4),
        THRE: status(5),
        TEMT: status(6),
        FIFO_ERROR: status(7),
      },
      { access: 'ro' },
    ),
    MSR: at(
      6,
      { CHANGES: status(3, 0), CTS: status(4), DSR: status(5), RI: status(6), DCD: status(7) },
      { access: 'ro' },
    ),
    SCR: at(7, { VALUE: unmodelled(7, 0) }),
  };
}

type BaseMap = ReturnType<typeof baseRegisters>;

/** DesignWare's own (Linux 6.1, `8250_dw.c` and `8250_dwlib.c`). */
const DESIGNWARE_REGISTERS: RegisterMap = {
  USR: reg(
    0x7c,
    { BUSY: status(0), TFNF: status(1), TFE: status(2), RFNE: status(3), RFF: status(4) },
    { access: 'ro' },
  ),
  TFL: reg(0x80, { COUNT: status(7, 0) }, { access: 'ro' }),
  RFL: reg(0x84, { COUNT: status(7, 0) }, { access: 'ro' }),
  SRR: reg(0x88, { UR: bit(0), RFR: bit(1), XFR: unmodelled(2) }, { access: 'wo' }),
  HTX: reg(0xa4, { HTX: unmodelled(0) }),
  DMASA: reg(0xa8, { ACK: unmodelled(0) }, { access: 'wo' }),
  DLF: reg(0xc0, { DLF: unmodelled(3, 0) }),
  // 32-bit bus, automatic flow control, all additional features, FIFOs of 64.
  CPR: constant(0xf4, 0x0004_3f12),
  // Version 4.02a, in characters.
  UCV: constant(0xf8, 0x3430_322a),
  CTR: constant(0xfc, 0x4457_0110),
};

/** The auxiliary UART's own (BCM2835 Arm Peripherals §2.2.2). */
const AUX_REGISTERS: RegisterMap = {
  AUX_MU_CNTL_REG: reg(
    0x20,
    { RX_ENABLE: unmodelled(0), TX_ENABLE: unmodelled(1), FLOW: unmodelled(7, 2) },
    { reset: 3 },
  ),
  AUX_MU_STAT_REG: constant(0x24, 0x0000_030e),
  AUX_MU_BAUD_REG: reg(0x28, { BAUD: unmodelled(15, 0) }),
};

/** AM65's own (Linux 6.1, `8250_omap.c`), without DMA and auto-baud. */
const OMAP_REGISTERS: RegisterMap = {
  MDR1: reg(0x20, { MODE: unmodelled(7, 0) }, { reset: 7 }),
  MDR2: reg(0x24, REMEMBERED),
  OMAP_SCR: reg(0x40, REMEMBERED),
  SSR: reg(0x44, { TX_FULL: status(0) }, { access: 'ro' }),
  // Revision 4.6, scheme 1: what the driver needs to know its errata.
  MVR: constant(0x50, 0x4f42_2306),
  SYSC: reg(0x54, { MODE: unmodelled(4, 0) }),
  SYSS: constant(0x58, 1),
  WER: reg(0x5c, REMEMBERED, { reset: 0xff }),
  RXFIFO_LVL: reg(0x64, { COUNT: status(7, 0) }, { access: 'ro' }),
  TXFIFO_LVL: constant(0x68, 0),
  IER2: reg(0x6c, REMEMBERED),
  EFR2: reg(0x8c, REMEMBERED),
};

export const UART8250_VARIANTS = {
  ns16550: { model: '16550', own: {}, fifoDepth: 16, sizeBytes: 0x20 },
  designware: { model: 'DW_apb_uart', own: DESIGNWARE_REGISTERS, fifoDepth: 64, sizeBytes: 0x100 },
  tegra: { model: 'Tegra UART', own: {}, fifoDepth: 16, sizeBytes: 0x40 },
  aux: { model: 'BCM2835 aux UART', own: AUX_REGISTERS, fifoDepth: 8, sizeBytes: 0x40 },
  am65: { model: 'AM65 UART', own: OMAP_REGISTERS, fifoDepth: 64, sizeBytes: 0x100 },
} as const satisfies Record<
  string,
  { model: string; own: RegisterMap; fifoDepth: number; sizeBytes: number }
>;

/** Which relative of the 16550A. */
export type Uart8250Variant = keyof typeof UART8250_VARIANTS;

/** The variant, and how registers are spaced. */
export interface Uart8250Parts extends UartParts {
  /** `reg-shift`: 0 where the registers are bytes side by side, 2 for words. */
  readonly regShift: number;
}

/** The registers of a variant, for the model and for its documentation. */
function uart8250Registers(variant: Uart8250Variant, regShift: number): BaseMap & RegisterMap {
  return registerMap({ ...baseRegisters(regShift), ...UART8250_VARIANTS[variant].own });
}

/** Values of IIR (PC16550D table 5). */
const IIR = {
  NONE: 0x01,
  TRANSMIT: 0x02,
  RECEIVED: 0x04,
  LINE_STATUS: 0x06,
  TIMEOUT: 0x0c,
  FIFOS: 0xc0,
} as const;
const RX_TRIGGER = [1, 4, 8, 14] as const;
const LSR = { DR: 0x01, BREAK: 0x18, THRE: 0x20, TEMT: 0x40, FIFO_ERROR: 0x80 } as const;
/** MSR with a peer that is ready: carrier, data set ready, clear to send. */
const MSR_READY = 0xb0;
/** With LCR at this value the enhanced register set stands in place of IIR, MCR and beyond (16650 and AM65). */
const LCR_CONFIG_MODE_B = 0xbf;

/** The 16550A and what descends from it. */
export class Uart8250 extends Uart<BaseMap & RegisterMap> {
  readonly model: string;
  #dll = 0;
  #dlm = 0;
  #fcr = 0;
  #efr = 0;
  /** THRE is reported once after the transmitter fell empty, until IIR is read (PC16550D §8.6.2). */
  #transmitPending = false;
  /** LSR was read while the BREAK was the oldest character, which clears its bits (PC16550D §8.4). */
  #breakTold = false;
  readonly #hasEfr: boolean;

  constructor(parts: Uart8250Parts, variant: Uart8250Variant = 'ns16550') {
    const { model, sizeBytes, fifoDepth } = UART8250_VARIANTS[variant];
    const map = uart8250Registers(variant, parts.regShift);
    super(map, Math.max(sizeBytes, 8 << parts.regShift), fifoDepth, parts);
    this.model = model;
    this.#hasEfr = variant === 'am65';
    this.behave({
      RBR_THR_DLL: { read: () => this.#readData(), write: (value) => this.#writeData(value & 0xff) },
      IER_DLM: {
        read: () => (this.#dlab ? this.#dlm : this.value.IER_DLM),
        write: (value) => this.#writeIer(value),
      },
      IIR_FCR: { read: () => this.#readIir(), write: (value) => this.#writeFcr(value & 0xff) },
      MCR: { write: (value) => this.#writeMcr(value) },
      LSR: { read: () => this.#lineStatus() },
      MSR: { read: () => this.#modemStatus() },
      USR: {
        read: () => 0x06 | (this.rx.isEmpty ? 0 : 0x08) | (this.rx.length === this.rx.depth ? 0x10 : 0),
      },
      RFL: { read: () => this.rx.length },
      RXFIFO_LVL: { read: () => this.rx.length },
      SRR: { write: (value) => this.#softwareReset(value) },
    });
  }

  get #dlab(): boolean {
    return this.field('LCR', 'DLAB') === 1;
  }

  get #configModeB(): boolean {
    return this.#hasEfr && (this.value.LCR & 0xff) === LCR_CONFIG_MODE_B;
  }

  #readData(): number {
    if (this.#dlab) return this.#dll;
    this.#breakTold = false;
    return this.takeReceived();
  }

  #lineStatus(): number {
    const isBreak = this.rx.isBreak && !this.#breakTold;
    const inFifo = (this.#fcr & 1) === 1 && this.rx.hasBreak ? LSR.FIFO_ERROR : 0;
    // TI's keep showing them until the character is read (AM65x TRM, UART_LSR_UART).
    if (isBreak && !this.#hasEfr) {
      this.#breakTold = true;
      this.updateIrq();
    }
    return LSR.THRE | LSR.TEMT | (this.rx.isEmpty ? 0 : LSR.DR) | (isBreak ? LSR.BREAK : 0) | inFifo;
  }

  #writeData(value: number): void {
    if (this.#dlab) {
      this.#dll = value;
      return;
    }
    if (this.field('MCR', 'LOOP') === 1) this.rx.push(value);
    else this.line.send(value);
    this.#transmitPending = true;
  }

  #writeIer(value: number): void {
    if (this.#dlab) {
      this.#dlm = value & 0xff;
      return;
    }
    const wasEnabled = this.field('IER_DLM', 'ETBEI') === 1;
    // A 16550 has four interrupts; the upper bits read as zero, by which drivers tell it from its successors.
    this.value.IER_DLM = value & (this.#hasEfr || this.model === 'DW_apb_uart' ? 0xff : 0x0f);
    if (!wasEnabled && this.field('IER_DLM', 'ETBEI') === 1) this.#transmitPending = true;
  }

  #readIir(): number {
    if (this.#configModeB) return this.#efr;
    const cause = this.#cause();
    if (cause === IIR.TRANSMIT) this.#transmitPending = false;
    this.updateIrq();
    return cause | ((this.#fcr & 1) === 1 ? IIR.FIFOS : 0);
  }

  #writeFcr(value: number): void {
    if (this.#configModeB) {
      this.#efr = value;
      return;
    }
    if ((value & 0x02) !== 0 || ((value ^ this.#fcr) & 1) !== 0) this.rx.clear();
    this.#fcr = value & 0xc9;
  }

  #writeMcr(value: number): void {
    // In configuration mode B, XON1 stands here: software flow control, which is left out.
    if (!this.#configModeB) this.value.MCR = value;
  }

  #softwareReset(value: number): void {
    if ((value & 1) !== 0) this.reset();
    else if ((value & 2) !== 0) this.rx.clear();
  }

  #modemStatus(): number {
    if (this.field('MCR', 'LOOP') === 0) return MSR_READY;
    // Loop-back joins the outputs to the inputs (PC16550D §8.7): DTR to DSR, RTS to CTS, OUT1 to RI, OUT2 to DCD.
    const mcr = this.value.MCR;
    return ((mcr & 0x1) << 5) | ((mcr & 0x2) << 3) | ((mcr & 0x4) << 4) | ((mcr & 0x8) << 4);
  }

  #cause(): number {
    if (this.field('IER_DLM', 'ELSI') === 1 && this.rx.isBreak && !this.#breakTold) return IIR.LINE_STATUS;
    if (this.field('IER_DLM', 'ERBFI') === 1 && !this.rx.isEmpty) {
      const trigger = (this.#fcr & 1) === 1 ? (RX_TRIGGER[this.#fcr >> 6] ?? 1) : 1;
      return this.rx.length >= trigger ? IIR.RECEIVED : IIR.TIMEOUT;
    }
    return this.field('IER_DLM', 'ETBEI') === 1 && this.#transmitPending ? IIR.TRANSMIT : IIR.NONE;
  }

  protected override receiveLimit(): number {
    if (this.field('MCR', 'LOOP') === 1) return 0;
    return (this.#fcr & 1) === 1 ? this.rx.depth : 1;
  }

  protected override updateIrq(): void {
    this.irq.set(this.#cause() !== IIR.NONE);
  }

  override reset(): void {
    this.#dll = 0;
    this.#dlm = 0;
    this.#fcr = 0;
    this.#efr = 0;
    this.#transmitPending = false;
    this.#breakTold = false;
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      dll: kept(
        shape.u8,
        () => this.#dll,
        (value) => {
          this.#dll = value;
        },
      ),
      dlm: kept(
        shape.u8,
        () => this.#dlm,
        (value) => {
          this.#dlm = value;
        },
      ),
      fcr: kept(
        shape.u8,
        () => this.#fcr,
        (value) => {
          this.#fcr = value;
        },
      ),
      efr: kept(
        shape.u8,
        () => this.#efr,
        (value) => {
          this.#efr = value;
        },
      ),
      breakTold: kept(
        shape.flag,
        () => this.#breakTold,
        (value) => {
          this.#breakTold = value;
        },
      ),
      transmitPending: kept(
        shape.flag,
        () => this.#transmitPending,
        (value) => {
          this.#transmitPending = value;
        },
      ),
    };
  }
}
