/**
 * Synopsys' DesignWare Ethernet MAC 10/100/1000, version 3.70a, as Amlogic's chips have it: MAC, management interface and
 * DMA with normal descriptors, checksum offload both ways. After the Cyclone V TRM (see `dwmac-registers.ts`) and what Linux
 * 6.1's `stmmac` needs. Frames meet the wire without FCS; here it is added and taken away.
 * Left out: half duplex, pause frames (the PHY's partner offers none), the early receive interrupt, filters by source
 * address, and all that HW_Feature doesn't offer. The speed that the driver sets must be the PHY's; it is not checked.
 */
import type { Saved } from '../../base/index.ts';
import type { Clock } from '../clock.ts';
import type { BusMaster, CableSocket, IrqLine } from '../contract.ts';
import { RegisterDevice } from '../register-device.ts';
import { insertChecksums } from './checksum.ts';
import { RDES0, TDES0 } from './dwmac-descriptors.ts';
import type { DmaState } from './dwmac-dma.ts';
import { type FrameFilter, passesFilter } from './dwmac-filter.ts';
import { asReceived, isTagged, typeAndChecksums } from './dwmac-frames.ts';
import { ReceiveDma } from './dwmac-receive.ts';
import {
  ABNORMAL_INTERRUPTS,
  type DmaInterrupt,
  DWMAC_REGISTERS,
  interruptMask,
  NORMAL_INTERRUPTS,
} from './dwmac-registers.ts';
import { type OutgoingFrame, TransmitDma } from './dwmac-transmit.ts';
import { checkedFcs, FCS_BYTES, FRAME_BYTES_MIN, padded, withFcs } from './frame.ts';
import type { MdioBus } from './mdio.ts';
import type { EthernetPort } from './wire.ts';

/** The bus, the wire, the clock, the MDIO bus and the interrupt line that a MAC is given. */
export interface DwmacParts {
  readonly irq: IrqLine;
  readonly master: BusMaster;
  readonly clock: Clock;
  readonly port: EthernetPort;
  readonly mdio: MdioBus;
  /** The depth of the receive FIFO; 4 KiB where the tree doesn't say. */
  readonly receiveFifoBytes?: number;
}

const SIZE_BYTES = 0x1_0000;
const R = DWMAC_REGISTERS;
const DEFAULT_FIFO_BYTES = 4096;
/** DSL counts words of the bus, which is 32 bits wide. */
const BUS_WORD_BYTES = 4;
/** Without the jabber timer and the watchdog, a frame may have as many bytes as RDES0's length can say. */
const FRAME_BYTES_LIMIT = 0x3fff;
const [TIMER_BYTES, JUMBO_TIMER_BYTES] = [2048, 10_240];
/** The watchdog counts 256 cycles of the system clock: Amlogic's clk81, 1 GHz / 6. */
const NS_PER_RIWT = 256 * 6;
const SUMMARY = R.Status.fields.NIS.mask | R.Status.fields.AIS.mask;
/** RGMII in-band status: 1 Gbit/s, full duplex, up. */
const LINK_UP_1000 = 0xd;

/** Synopsys' DesignWare Ethernet MAC 1000, as Amlogic has it. */
export class Dwmac extends RegisterDevice<typeof DWMAC_REGISTERS> implements CableSocket {
  readonly model = 'DWC Ethernet MAC 10/100/1000';
  readonly #parts: DwmacParts;
  readonly #transmit: TransmitDma;
  readonly #receive: ReceiveDma;

  constructor(parts: DwmacParts) {
    super(DWMAC_REGISTERS, SIZE_BYTES);
    this.#parts = parts;
    const { master, clock, port } = parts;
    const shared = {
      master,
      clock,
      skipBytes: () => this.field('Bus_Mode', 'DSL') * BUS_WORD_BYTES,
      raise: (interrupt: DmaInterrupt) => this.#raise(interrupt),
      busError: (bits: number) => {
        this.setField('Status', 'EB', bits);
        this.#raise('FBI');
      },
    };
    this.#transmit = new TransmitDma({
      ...shared,
      canSend: () => this.field('MAC_Configuration', 'TE') === 1 && port.ready,
      frameBytesMax: () => this.#limitBytes('JD'),
      send: (frame) => this.#send(frame),
    });
    this.#receive = new ReceiveDma({
      ...shared,
      fifoBytes: parts.receiveFifoBytes ?? DEFAULT_FIFO_BYTES,
      keepsFrames: () => this.field('Operation_Mode', 'DFF') === 1,
      watchdogNs: () => this.value.Receive_Interrupt_Watchdog_Timer * NS_PER_RIWT,
    });
    port.onFrame = () => {
      for (let frame = port.take(); frame !== undefined; frame = port.take()) this.#hear(frame);
    };
    port.onReady = () => this.#transmit.run();
    this.behave({
      MAC_Configuration: { write: (value, previous) => this.#configure(value, previous) },
      GMII_Address: { write: (value) => this.#manage(value) },
      SGMII_RGMII_SMII_Control_Status: { read: () => (parts.mdio.linkUp ? LINK_UP_1000 : 0) },
      Bus_Mode: { write: (value) => this.#setBusMode(value) },
      Transmit_Poll_Demand: { read: () => 0, write: () => this.#transmit.demand() },
      Receive_Poll_Demand: { read: () => 0, write: () => this.#receive.demand() },
      Transmit_Descriptor_List_Address: {
        read: () => this.#transmit.list.base,
        write: (value) => this.#transmit.list.start(value),
      },
      Receive_Descriptor_List_Address: {
        read: () => this.#receive.list.base,
        write: (value) => this.#receive.list.start(value),
      },
      Status: { read: () => this.#status(), write: (value) => this.#acknowledge(value) },
      Operation_Mode: { write: (value) => this.#setOperationMode(value) },
      Interrupt_Enable: {
        write: (value) => {
          this.value.Interrupt_Enable = value;
          this.#summarise(this.value.Status);
        },
      },
      Missed_Frame_And_Buffer_Overflow_Counter: { read: () => this.#receive.takeCounts() },
      Current_Host_Transmit_Descriptor: { read: () => this.#transmit.list.current },
      Current_Host_Receive_Descriptor: { read: () => this.#receive.list.current },
      Current_Host_Transmit_Buffer_Address: { read: () => this.#transmit.list.buffer },
      Current_Host_Receive_Buffer_Address: { read: () => this.#receive.list.buffer },
    });
    this.changed();
  }

  get hasSocket(): boolean {
    return this.#parts.mdio.linePhy?.hasSocket === true;
  }

  get isCableIn(): boolean {
    return this.#parts.mdio.linePhy?.isCableIn === true;
  }

  set isCableIn(value: boolean) {
    const phy = this.#parts.mdio.linePhy;
    if (phy === undefined || phy.isCableIn === value) return;
    phy.isCableIn = value;
    this.changed();
    if (value) this.#transmit.run();
  }

  override reset(): void {
    this.#resetCore();
    this.#parts.mdio.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      transmit: this.#transmit.saved,
      receive: this.#receive.saved,
      mdio: this.#parts.mdio.saved,
    };
  }

  protected override changed(): void {
    const { NIS, AIS } = R.Status.fields;
    const pending = this.value.Status & this.value.Interrupt_Enable & (NIS.mask | AIS.mask);
    this.#parts.irq.set(pending !== 0);
    this.#parts.port.listening = this.field('MAC_Configuration', 'RE') === 1 && this.#parts.mdio.linkUp;
  }

  // ---- Control ----

  /** SWR: MAC and DMA as after power-on, at once; PHYs are none of them. */
  #resetCore(): void {
    this.#transmit.reset();
    this.#receive.reset();
    super.reset();
  }

  #configure(value: number, previous: number): void {
    this.value.MAC_Configuration = value;
    if ((value & ~previous & R.MAC_Configuration.fields.TE.mask) !== 0) this.#transmit.run();
  }

  #setBusMode(value: number): void {
    if ((value & R.Bus_Mode.fields.SWR.mask) !== 0) this.#resetCore();
    else this.value.Bus_Mode = value;
  }

  #setOperationMode(value: number): void {
    // FTF clears itself when the FIFO is empty, which it always is.
    this.value.Operation_Mode = value & ~R.Operation_Mode.fields.FTF.mask;
    if (this.field('Operation_Mode', 'ST') === 1) this.#transmit.start();
    else this.#transmit.stop();
    if (this.field('Operation_Mode', 'SR') === 1) this.#receive.start();
    else this.#receive.stop();
  }

  #manage(value: number): void {
    const { GB, GW, GR, PA } = R.GMII_Address.fields;
    this.value.GMII_Address = value & ~GB.mask;
    if ((value & GB.mask) === 0) return;
    const [address, register] = [(value & PA.mask) >>> PA.shift, (value & GR.mask) >>> GR.shift];
    const { mdio } = this.#parts;
    if ((value & GW.mask) !== 0) mdio.write(address, register, this.value.GMII_Data);
    else this.value.GMII_Data = mdio.read(address, register);
  }

  // ---- Interrupts ----

  #raise(interrupt: DmaInterrupt): void {
    const mask = interruptMask(interrupt);
    this.value.Status = (this.value.Status | mask) >>> 0;
    this.#summarise(mask);
    this.changed();
  }

  /** The summaries of what has newly happened, or was newly enabled: they stay until they are cleared themselves. */
  #summarise(bits: number): void {
    const { NIS, AIS } = R.Status.fields;
    const enabled = bits & this.value.Interrupt_Enable & ~SUMMARY;
    if ((enabled & NORMAL_INTERRUPTS) !== 0) this.value.Status |= NIS.mask;
    if ((enabled & ABNORMAL_INTERRUPTS) !== 0) this.value.Status |= AIS.mask;
  }

  #acknowledge(value: number): void {
    this.value.Status = (this.value.Status & ~value) >>> 0;
  }

  #status(): number {
    const { RS, TS } = R.Status.fields;
    const receive = RECEIVE_STATE[this.#receive.state] << RS.shift;
    const transmit = TRANSMIT_STATE[this.#transmit.state] << TS.shift;
    return (this.value.Status | receive | transmit) >>> 0;
  }

  // ---- Frames ----

  /** JD and WD take a limit away; JE makes it larger. */
  #limitBytes(disabledBy: 'JD' | 'WD'): number {
    if (this.field('MAC_Configuration', disabledBy) === 1) return FRAME_BYTES_LIMIT;
    return this.field('MAC_Configuration', 'JE') === 1 ? JUMBO_TIMER_BYTES : TIMER_BYTES;
  }

  #send({ bytes, insertion, ownFcs, unpadded }: OutgoingFrame): number {
    // Checksums are only inserted where the FIFO holds the whole frame (TSF).
    const inserts = this.field('Operation_Mode', 'TSF') === 1;
    const good = inserts ? insertChecksums(bytes, insertion) : true;
    const status = good ? 0 : TDES0.IHE | TDES0.ES;
    const frame = ownFcs ? checkedFcs(bytes) : unpadded ? bytes : padded(bytes);
    // What every receiver would drop is not on the wire: runts, and frames whose own FCS is wrong.
    if (frame === undefined || frame.length < FRAME_BYTES_MIN) return status;
    if (this.field('MAC_Configuration', 'LM') === 1) this.#take(frame);
    else if (this.#parts.mdio.linkUp) this.#parts.port.send(frame);
    return status;
  }

  #hear(frame: Uint8Array): void {
    if (this.#parts.mdio.linkUp && this.field('MAC_Configuration', 'LM') === 0) this.#take(frame);
  }

  #take(frame: Uint8Array): void {
    if (this.field('MAC_Configuration', 'RE') === 0) return;
    const passes = passesFilter(frame, this.#filter());
    if (!passes && this.field('MAC_Frame_Filter', 'RA') === 0) return;
    const limitBytes = this.#limitBytes('WD');
    const tooLong = frame.length + FCS_BYTES > limitBytes;
    const { bits, checksumError } = typeAndChecksums(frame, this.field('MAC_Configuration', 'IPC') === 1);
    // Frames with errors are dropped unless the driver forwards them; those of checksums it may ask for by themselves.
    const forwards = this.field('Operation_Mode', 'FEF') === 1;
    if (tooLong) this.#raise('RWT');
    if (tooLong && !forwards) return;
    if (checksumError && !forwards && this.field('Operation_Mode', 'DT') === 0) return;
    const status =
      bits |
      (passes ? 0 : RDES0.AFM) |
      (checksumError ? RDES0.ES : 0) |
      (tooLong ? RDES0.RWT | RDES0.ES : 0) |
      (isTagged(frame, this.value.VLAN_Tag) ? RDES0.VLAN : 0);
    const strips = {
      lengths: this.field('MAC_Configuration', 'ACS') === 1,
      types: this.field('MAC_Configuration', 'CST') === 1,
    };
    const whole = tooLong ? withFcs(frame).subarray(0, limitBytes) : asReceived(frame, strips);
    this.#receive.receive(whole, status);
  }

  #filter(): FrameFilter {
    const set = (field: keyof typeof R.MAC_Frame_Filter.fields) =>
      this.field('MAC_Frame_Filter', field) === 1;
    const [low, high] = [this.value.MAC_Address0_Low, this.value.MAC_Address0_High];
    const address = Uint8Array.of(low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8);
    return {
      promiscuous: set('PR'),
      hashUnicast: set('HUC'),
      hashMulticast: set('HMC'),
      inverse: set('DAIF'),
      allMulticast: set('PM'),
      noBroadcast: set('DBF'),
      controlFrames: this.field('MAC_Frame_Filter', 'PCF'),
      hashOrPerfect: set('HPF'),
      address,
      hashHigh: this.value.Hash_Table_High,
      hashLow: this.value.Hash_Table_Low,
    };
  }
}

/** Status.RS and TS, as far as they last: transfers take no time. */
const RECEIVE_STATE: Readonly<Record<DmaState, number>> = { stopped: 0, running: 3, suspended: 4, failed: 0 };
const TRANSMIT_STATE: Readonly<Record<DmaState, number>> = {
  stopped: 0,
  running: 2,
  suspended: 6,
  failed: 0,
};
