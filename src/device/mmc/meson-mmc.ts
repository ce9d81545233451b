/**
 * Amlogic's SD/eMMC controller, as found from GXBB to SM1: a command from its registers, or a chain of descriptors in
 * RAM or in its own SRAM, each with a command, its response and data by DMA. A descriptor takes the time that the bus
 * takes for it, at the width and clock set, and the card's own; then its data moves and the next one begins.
 * A transfer that finds no RAM reads zeros and loses what it writes: the controller knows nothing of bus errors.
 * Left out: delays, phases and resampling (the lines are perfect, so any tuning succeeds), calibration, big-endian
 * data, data kept in descriptors, SDIO interrupts, HS400's strobe, the prefetch that the NEXT registers show.
 */
import { kept, keptBytes, type Saved, savedIfThere, shape } from '../../base/index.ts';
import type { Alarm, Clock } from '../clock.ts';
import type { AccessSize, BusMaster, CardSlot, IrqLine } from '../contract.ts';
import { RegisterDevice } from '../register-device.ts';
import { type RegisterMap, withField } from '../registers.ts';
import type { MmcCard } from './card.ts';
import {
  blockBytesOf,
  commandCyclesOf,
  commandField,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_RSP_OFFSET,
  type Descriptor,
  dataBytesOf,
  dataCyclesOf,
  widthOf,
} from './meson-mmc-descriptor.ts';
import { MesonMmcMemory } from './meson-mmc-memory.ts';
import {
  MESON_AXG_MMC_REGISTERS,
  MESON_GX_MMC_REGISTERS,
  MESON_MMC_WINDOW_BYTES,
  type MesonMmcRegisters,
  SRAM_OFFSET,
} from './meson-mmc-registers.ts';

/** The bus, the slot's card, the clock and the interrupt line that a host controller is given. */
export interface MesonMmcParts {
  readonly irq: IrqLine;
  readonly master: BusMaster;
  readonly clock: Clock;
  /** `undefined`: nothing is in the slot, and no command is answered. */
  readonly card: MmcCard | undefined;
  /** Where the bus shows this controller, its SRAM with it. */
  readonly baseAddr: number;
}

const LAYOUTS = { gx: MESON_GX_MMC_REGISTERS, axg: MESON_AXG_MMC_REGISTERS } as const;

/** Which SoC's registers. */
export type MesonMmcLayout = keyof typeof LAYOUTS;

const {
  SD_EMMC_CMD_CFG: { fields: CFG },
  SD_EMMC_STATUS: { fields: STATUS },
} = MESON_AXG_MMC_REGISTERS;

/** SRC of SD_EMMC_CLOCK: the crystal and FCLK_DIV2, at the rates that the boards' trees assign. */
const SOURCE_HZ = [24e6, 1e9] as const;
/** Fetching a descriptor and waking the bus, even where nothing goes over it. */
const DESCRIPTOR_NS = 200;
const NS_PER_SECOND = 1e9;
const NS_PER_MS = 1e6;

/** How a descriptor will end. */
interface Outcome {
  readonly response: readonly number[];
  /** Bits of SD_EMMC_STATUS that it will end with, but for END_OF_CHAIN. */
  readonly errors: number;
  readonly durationNs: number;
}

/** What is on the bus. It has a deadline from when the card's clock runs. */
interface Pending extends Outcome {
  readonly descriptor: Descriptor;
  deadlineNs: number | undefined;
}

const PENDING_SHAPE = shape.record({
  descriptor: shape.record({
    cfg: shape.u32,
    arg: shape.u32,
    dat: shape.u32,
    rsp: shape.u32,
    addr: shape.between(-1, Number.MAX_SAFE_INTEGER),
  }),
  response: shape.listUpTo(4, shape.u32),
  errors: shape.u32,
  durationNs: shape.moment,
  deadlineNs: shape.optional(shape.moment),
});

/** Amlogic's MMC host controller, with DMA by descriptors. */
export class MesonMmc extends RegisterDevice<MesonMmcRegisters> implements CardSlot {
  readonly model: string;
  /** The slot's, in it or out of it. */
  readonly #owned: MmcCard | undefined;
  #isCardIn = true;
  readonly #irq: IrqLine;
  readonly #memory: MesonMmcMemory;
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  #pending: Pending | undefined;

  constructor(parts: MesonMmcParts, layout: MesonMmcLayout) {
    super(LAYOUTS[layout] as RegisterMap as MesonMmcRegisters, MESON_MMC_WINDOW_BYTES);
    this.model = layout === 'gx' ? 'Meson SD/eMMC (GX)' : 'Meson SD/eMMC';
    this.#owned = parts.card;
    this.#irq = parts.irq;
    this.#memory = new MesonMmcMemory(parts.master, parts.baseAddr);
    this.#clock = parts.clock;
    this.#alarm = parts.clock.alarm(() => this.#finish());
    this.behave({
      SD_EMMC_START: { write: (value) => this.#start(value) },
      SD_EMMC_CFG: { write: (value) => this.#configure(value) },
      SD_EMMC_STATUS: {
        read: () => this.#status(),
        write: (value) => {
          this.value.SD_EMMC_STATUS &= ~value;
        },
      },
      SD_EMMC_CMD_ARG: { write: (value) => this.#command(value) },
    });
  }

  override read(offset: number, sizeBytes: AccessSize): number {
    if (offset < SRAM_OFFSET) return super.read(offset, sizeBytes);
    return this.#memory.readSram(offset - SRAM_OFFSET, sizeBytes);
  }

  override write(offset: number, value: number, sizeBytes: AccessSize): void {
    if (offset < SRAM_OFFSET) super.write(offset, value, sizeBytes);
    else this.#memory.writeSram(offset - SRAM_OFFSET, value, sizeBytes);
  }

  override registerAt(offset: number): string | undefined {
    return offset < SRAM_OFFSET ? super.registerAt(offset) : `SRAM+0x${(offset - SRAM_OFFSET).toString(16)}`;
  }

  override reset(): void {
    this.#stop();
    this.#memory.sram.fill(0);
    this.#owned?.powerUp();
    super.reset();
  }

  /** The card that answers: none while it is out. */
  get card(): MmcCard | undefined {
    return this.#isCardIn ? this.#owned : undefined;
  }

  get hasCard(): boolean {
    return this.#owned !== undefined;
  }

  get isCardIn(): boolean {
    return this.hasCard && this.#isCardIn;
  }

  /** A card that is put in has lost what it was set to. What is on the bus when one goes ends in silence. */
  set isCardIn(value: boolean) {
    if (value && !this.#isCardIn) this.#owned?.powerUp();
    this.#isCardIn = value;
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      sram: keptBytes(this.#memory.sram),
      pending: kept(
        shape.optional(PENDING_SHAPE),
        () => this.#pending,
        (pending) => {
          this.#stop();
          if (pending === undefined) return;
          this.#pending = { ...pending };
          if (pending.deadlineNs !== undefined) this.#alarm.set(pending.deadlineNs);
        },
      ),
      isCardIn: kept(
        shape.flag,
        () => this.#isCardIn,
        (value) => {
          this.#isCardIn = value;
        },
      ),
      card: savedIfThere(this.#owned?.saved),
      // Last: what was on the bus ends when another state is loaded, which the registers would show.
      ...super.savedMembers(),
    };
  }

  protected override changed(): void {
    const events = this.value.SD_EMMC_STATUS & this.field('SD_EMMC_IRQ_EN', 'EVENTS');
    this.#irq.set(events !== 0);
  }

  #status(): number {
    const { DAT_I, CMD_I, DESC_BUSY, CORE_BUSY } = STATUS;
    // Idle lines are high; a card that is busy holds DAT0 low.
    const busyCard = this.#pending !== undefined && commandField(this.#pending.descriptor, 'R1B') === 1;
    const lines = CMD_I.mask | withField(0, DAT_I, busyCard ? 0xfe : 0xff);
    const chain = this.#pending !== undefined && this.#pending.descriptor.addr >= 0;
    const busy = this.#pending === undefined ? 0 : CORE_BUSY.mask;
    return (this.value.SD_EMMC_STATUS | lines | busy | (chain ? DESC_BUSY.mask : 0)) >>> 0;
  }

  /** DESC_BUSY starts a chain, and stops whatever is under way when it is cleared. Nothing starts while something runs. */
  #start(value: number): void {
    this.value.SD_EMMC_START = value;
    if (this.field('SD_EMMC_START', 'DESC_BUSY') === 0) this.#stop();
    else if (this.#pending === undefined) this.#fetch(this.#chainAddr());
  }

  /** Where DESC_ADDR leads: with DESC_INT to the SRAM. */
  #chainAddr(): number {
    const addr = this.field('SD_EMMC_START', 'DESC_ADDR') * 4;
    return this.field('SD_EMMC_START', 'DESC_INT') === 1 ? this.#memory.inSram(addr) : addr;
  }

  #stop(): void {
    this.#alarm.cancel();
    this.#pending = undefined;
    this.setField('SD_EMMC_START', 'DESC_BUSY', 0);
  }

  #configure(value: number): void {
    this.value.SD_EMMC_CFG = value;
    if (this.#pending?.deadlineNs === undefined) this.#schedule();
  }

  /** Writing the argument starts what the four registers say. */
  #command(value: number): void {
    this.value.SD_EMMC_CMD_ARG = value;
    if (this.#pending !== undefined) return;
    const { SD_EMMC_CMD_CFG: cfg, SD_EMMC_CMD_DAT: dat, SD_EMMC_CMD_RSP: rsp } = this.value;
    this.#begin({ cfg, arg: value, dat, rsp, addr: -1 });
  }

  #fetch(addr: number): void {
    const [cfg = 0, arg = 0, dat = 0, rsp = 0] = this.#memory.loadWords(addr, DESCRIPTOR_BYTES / 4);
    const descriptor = { cfg, arg, dat, rsp, addr };
    const owned = commandField(descriptor, 'OWNER') === 1 || this.field('SD_EMMC_CFG', 'IGNORE_OWNER') === 1;
    if (owned) this.#begin(descriptor);
    else this.#wait(descriptor, { response: [], errors: STATUS.DESC_ERR.mask, durationNs: DESCRIPTOR_NS });
  }

  /** Sends the command, if there is one, and works out how it will end and when. */
  #begin(descriptor: Descriptor): void {
    const { cfg, arg, dat, rsp } = descriptor;
    Object.assign(this.value, {
      SD_EMMC_CURR_CFG: cfg,
      SD_EMMC_CURR_ARG: arg,
      SD_EMMC_CURR_DAT: dat,
      SD_EMMC_CURR_RSP: rsp,
    });
    const command = this.#send(descriptor);
    if (command.errors !== 0 || commandField(descriptor, 'DATA_IO') === 0) {
      this.#wait(descriptor, command);
      return;
    }
    const errors = this.#dataErrors(descriptor);
    const dataNs =
      errors === STATUS.DESC_TIMEOUT.mask
        ? NS_PER_MS * 2 ** commandField(descriptor, 'TIMEOUT')
        : this.#cyclesNs(dataCyclesOf(descriptor, this.value.SD_EMMC_CFG));
    this.#wait(descriptor, { ...command, errors, durationNs: command.durationNs + dataNs });
  }

  /** The command's part: its response, or what is wrong with it. */
  #send(descriptor: Descriptor): Outcome {
    if (commandField(descriptor, 'NO_CMD') === 1)
      return { response: [], errors: 0, durationNs: DESCRIPTOR_NS };
    const answer = this.card?.command(commandField(descriptor, 'CMD_INDEX'), descriptor.arg);
    const response = answer === undefined ? [] : answer.kind === 'long' ? answer.words : [answer.word];
    const cycles = commandCyclesOf(descriptor, this.value.SD_EMMC_CFG, response.length);
    const durationNs = DESCRIPTOR_NS + this.#cyclesNs(cycles) + (this.card?.busyNs ?? 0);
    if (commandField(descriptor, 'NO_RESP') === 1) return { response, errors: 0, durationNs };
    if (response.length === 0) return { response, errors: STATUS.RESP_TIMEOUT.mask, durationNs };
    const longAwaited = commandField(descriptor, 'RESP_128') === 1;
    const errors = longAwaited === response.length > 1 ? 0 : STATUS.RESP_ERR.mask;
    return { response, errors, durationNs };
  }

  /** What is amiss with the data before any of it moves: no data where some was due, or lines and blocks that differ. */
  #dataErrors(descriptor: Descriptor): number {
    const phase = this.card?.phase;
    const writes = commandField(descriptor, 'DATA_WR') === 1;
    if (this.card === undefined || phase === undefined || (phase.direction === 'to-card') !== writes) {
      return STATUS.DESC_TIMEOUT.mask;
    }
    const { lines } = this.card;
    const width = widthOf(this.value.SD_EMMC_CFG);
    const dualRate = this.field('SD_EMMC_CFG', 'DDR') === 1;
    const sameBlocks = phase.blockBytes === blockBytesOf(descriptor, this.value.SD_EMMC_CFG);
    if (sameBlocks && lines.width === width && lines.dualRate === dualRate) return 0;
    return writes ? STATUS.TXD_ERR.mask : withField(0, STATUS.RXD_ERR, 2 ** width - 1);
  }

  #cyclesNs(cycles: number): number {
    const divider = Math.max(1, this.field('SD_EMMC_CLOCK', 'DIV'));
    const source = SOURCE_HZ[this.field('SD_EMMC_CLOCK', 'SRC') & 1] ?? SOURCE_HZ[0];
    return (cycles * divider * NS_PER_SECOND) / source;
  }

  #wait(descriptor: Descriptor, outcome: Outcome): void {
    this.#pending = { descriptor, ...outcome, deadlineNs: undefined };
    this.#schedule();
  }

  /** Nothing ends while the card's clock stands. */
  #schedule(): void {
    if (this.#pending === undefined || this.field('SD_EMMC_CFG', 'STOP_CLK') === 1) return;
    this.#pending.deadlineNs = Math.ceil(this.#clock.nowNs + this.#pending.durationNs);
    this.#alarm.set(this.#pending.deadlineNs);
  }

  /** The time has come: response and data are there, and the next descriptor's turn. */
  #finish(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const { descriptor, response } = pending;
    this.#respond(descriptor, response);
    let { errors } = pending;
    if (errors === 0 && commandField(descriptor, 'DATA_IO') === 1 && !this.#moveData(descriptor)) {
      errors = STATUS.DESC_TIMEOUT.mask;
    }
    this.#writeBack(descriptor, response, errors);
    const last = descriptor.addr < 0 || commandField(descriptor, 'END_OF_CHAIN') === 1;
    if (errors === 0 && !last) {
      this.#fetch(descriptor.addr + DESCRIPTOR_BYTES);
      return;
    }
    const over = errors === 0 ? STATUS.END_OF_CHAIN.mask : errors;
    this.value.SD_EMMC_STATUS = (this.value.SD_EMMC_STATUS | over) >>> 0;
    this.setField('SD_EMMC_START', 'DESC_BUSY', 0);
    this.changed();
  }

  /** Into the registers; or where CMD_RSP leads, unless RESP_NUM says that the registers are enough. */
  #respond(descriptor: Descriptor, words: readonly number[]): void {
    if (words.length === 0) return;
    const names = ['SD_EMMC_CMD_RSP', 'SD_EMMC_CMD_RSP1', 'SD_EMMC_CMD_RSP2', 'SD_EMMC_CMD_RSP3'] as const;
    for (const [index, word] of words.entries()) this.value[names[index] ?? names[0]] = word;
    if (descriptor.addr >= 0 && commandField(descriptor, 'RESP_NUM') === 0) {
      this.#memory.storeWords(this.#memory.placeOf(descriptor.rsp), words);
    }
  }

  /** The descriptor is the driver's again. */
  #writeBack(descriptor: Descriptor, [word]: readonly number[], errors: number): void {
    if (descriptor.addr < 0 || errors === STATUS.DESC_ERR.mask) return;
    const cfg = withField(withField(descriptor.cfg, CFG.OWNER, 0), CFG.ERROR, errors === 0 ? 0 : 1);
    this.#memory.storeWords(descriptor.addr, [cfg]);
    if (word !== undefined && commandField(descriptor, 'RESP_NUM') === 1) {
      this.#memory.storeWords(descriptor.addr + DESCRIPTOR_RSP_OFFSET, [word]);
    }
  }

  #moveData(descriptor: Descriptor): boolean {
    const sizeBytes = dataBytesOf(descriptor, this.value.SD_EMMC_CFG);
    const addr = this.#memory.placeOf(descriptor.dat);
    if (commandField(descriptor, 'DATA_WR') === 1) {
      return this.card?.receive(this.#memory.load(addr, sizeBytes)) ?? false;
    }
    const content = new Uint8Array(sizeBytes);
    const sent = this.card?.send(content) ?? false;
    if (sent) this.#memory.store(addr, content);
    return sent;
  }
}
