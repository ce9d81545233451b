/**
 * Amlogic's SD/eMMC controller, as found from GXBB to SM1: a command from its registers, or a chain of descriptors in
 * RAM or in its own SRAM, each with a command, its response and data by DMA. A descriptor takes the time that the bus
 * takes for it, at the width and clock set, and the card's own; then its data moves and the next one begins.
 * A transfer that finds no RAM reads zeros and loses what it writes: the controller knows nothing of bus errors.
 * Left out: delays, phases and resampling (the lines are perfect, so any tuning succeeds), calibration, big-endian
 * data, data kept in descriptors, SDIO interrupts, HS400's strobe, the prefetch that the NEXT registers show.
 */
import type { Alarm, Clock } from '../clock.ts';
import type { AccessSize, BusMaster, DeviceState, IrqLine } from '../contract.ts';
import { RegisterDevice } from '../register-device.ts';
import { fieldOf, type RegisterMap, withField } from '../registers.ts';
import type { CardResponse, MmcCard } from './card.ts';
import {
  MESON_AXG_MMC_REGISTERS,
  MESON_GX_MMC_REGISTERS,
  MESON_MMC_WINDOW_BYTES,
  type MesonMmcRegisters,
  SRAM_BYTES,
  SRAM_OFFSET,
} from './meson-mmc-registers.ts';

export interface MesonMmcParts {
  readonly irq: IrqLine;
  readonly master: BusMaster;
  readonly clock: Clock;
  /** `undefined`: nothing is in the slot, and no command is answered. */
  readonly card: MmcCard | undefined;
  /** Where the bus shows this controller: Linux's `amlogic,dram-access-quirk` gives its own SRAM as a bus address. */
  readonly baseAddr: number;
}

const LAYOUTS = { gx: MESON_GX_MMC_REGISTERS, axg: MESON_AXG_MMC_REGISTERS } as const;
export type MesonMmcLayout = keyof typeof LAYOUTS;

const {
  SD_EMMC_CMD_CFG: { fields: CFG },
  SD_EMMC_CMD_DAT: { fields: DAT },
  SD_EMMC_STATUS: { fields: STATUS },
} = MESON_AXG_MMC_REGISTERS;

/** SRC of SD_EMMC_CLOCK: the crystal and FCLK_DIV2, at the rates that the boards' trees assign. */
const SOURCE_HZ = [24e6, 1e9] as const;
const DESCRIPTOR_BYTES = 16;
/** CMD_RSP and CMD_DAT may name a place in the SRAM instead of RAM; all of the addresses' bits count. */
const SRAM_FLAG = 1;
const DEFAULT_LENGTH = 512;
/** What BL_LEN can say at most. */
const BL_LEN_LIMIT = 9;
/** Clock cycles: a command or short response, a long response, the gap between them (N_CR), and what frames a block. */
const [COMMAND_CYCLES, LONG_RESPONSE_CYCLES, GAP_CYCLES, BLOCK_CYCLES] = [48, 136, 8, 20];
/** Fetching a descriptor and waking the bus, even where nothing goes over it. */
const DESCRIPTOR_NS = 200;
const NS_PER_SECOND = 1e9;
const NS_PER_MS = 1e6;

/** A descriptor, and where it lies; −1 where it is the registers. */
interface Descriptor {
  readonly cfg: number;
  readonly arg: number;
  readonly dat: number;
  readonly rsp: number;
  readonly addr: number;
}

/** What is on the bus: it is over after `leftNs`, counted from when the card's clock runs. */
interface Pending {
  readonly descriptor: Descriptor;
  readonly response: readonly number[];
  /** Bits of SD_EMMC_STATUS that it will end with, but for END_OF_CHAIN. */
  readonly errors: number;
  readonly durationNs: number;
  deadlineNs: number | undefined;
}

export class MesonMmc extends RegisterDevice<MesonMmcRegisters> {
  readonly model: string;
  readonly card: MmcCard | undefined;
  readonly #irq: IrqLine;
  readonly #master: BusMaster;
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #sramAddr: number;
  readonly #sram = new Uint8Array(SRAM_BYTES);
  #pending: Pending | undefined;

  constructor(parts: MesonMmcParts, layout: MesonMmcLayout) {
    super(LAYOUTS[layout] as RegisterMap as MesonMmcRegisters, MESON_MMC_WINDOW_BYTES);
    this.model = layout === 'gx' ? 'Meson SD/eMMC (GX)' : 'Meson SD/eMMC';
    this.card = parts.card;
    this.#irq = parts.irq;
    this.#master = parts.master;
    this.#clock = parts.clock;
    this.#sramAddr = parts.baseAddr + SRAM_OFFSET;
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
    const at = offset - SRAM_OFFSET;
    let value = 0;
    for (let byte = sizeBytes - 1; byte >= 0; byte -= 1) value = value * 256 + (this.#sram[at + byte] ?? 0);
    return value;
  }

  override write(offset: number, value: number, sizeBytes: AccessSize): void {
    if (offset < SRAM_OFFSET) {
      super.write(offset, value, sizeBytes);
      return;
    }
    const at = offset - SRAM_OFFSET;
    for (let byte = 0; byte < sizeBytes && at + byte < SRAM_BYTES; byte += 1) {
      this.#sram[at + byte] = value >>> (8 * byte);
    }
  }

  override registerAt(offset: number): string | undefined {
    return offset < SRAM_OFFSET ? super.registerAt(offset) : `SRAM+0x${(offset - SRAM_OFFSET).toString(16)}`;
  }

  override reset(): void {
    this.#stop();
    this.#sram.fill(0);
    this.card?.powerUp();
    super.reset();
  }

  override state(): DeviceState {
    const pending = this.#pending;
    return {
      ...super.state(),
      sram: [...this.#sram],
      pending:
        pending === undefined
          ? null
          : {
              descriptor: { ...pending.descriptor },
              response: pending.response,
              errors: pending.errors,
              durationNs: pending.durationNs,
              deadlineNs: pending.deadlineNs ?? null,
            },
      card: this.card?.state() ?? null,
    };
  }

  override fromState(state: DeviceState): void {
    this.#stop();
    this.#sram.set(state['sram'] as readonly number[]);
    const pending = state['pending'] as (DeviceState & { readonly deadlineNs: number | null }) | null;
    if (pending !== null) {
      const { deadlineNs } = pending;
      this.#pending = { ...(pending as unknown as Pending), deadlineNs: deadlineNs ?? undefined };
      if (deadlineNs !== null) this.#alarm.set(deadlineNs);
    }
    if (state['card'] !== null) this.card?.fromState(state['card'] as DeviceState);
    super.fromState(state);
  }

  protected override changed(): void {
    const events = this.value.SD_EMMC_STATUS & this.field('SD_EMMC_IRQ_EN', 'EVENTS');
    this.#irq.set(events !== 0);
  }

  #status(): number {
    const { DAT_I, CMD_I, DESC_BUSY, CORE_BUSY } = STATUS;
    // Idle lines are high; a card that is busy holds DAT0 low.
    const busyCard = this.#pending !== undefined && fieldOf(this.#pending.descriptor.cfg, CFG.R1B) === 1;
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
    return this.field('SD_EMMC_START', 'DESC_INT') === 1 ? this.#sramAddr + (addr % SRAM_BYTES) : addr;
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
    const view = new DataView(this.#load(addr, DESCRIPTOR_BYTES).buffer);
    const word = (index: number): number => view.getUint32(4 * index, true);
    const descriptor = { cfg: word(0), arg: word(1), dat: word(2), rsp: word(3), addr };
    const owned = fieldOf(descriptor.cfg, CFG.OWNER) === 1 || this.field('SD_EMMC_CFG', 'IGNORE_OWNER') === 1;
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
    let response: CardResponse | undefined;
    let cycles = 0;
    if (fieldOf(cfg, CFG.NO_CMD) === 0) {
      response = this.card?.command(fieldOf(cfg, CFG.CMD_INDEX), arg);
      cycles = COMMAND_CYCLES + 2 ** this.field('SD_EMMC_CFG', 'RC_CC');
      if (fieldOf(cfg, CFG.NO_RESP) === 0) {
        if (response === undefined) {
          cycles += 2 ** this.field('SD_EMMC_CFG', 'RESP_TIMEOUT');
          this.#wait(descriptor, {
            response: [],
            errors: STATUS.RESP_TIMEOUT.mask,
            durationNs: this.#cyclesNs(cycles),
          });
          return;
        }
        const long = response.kind === 'long';
        cycles += GAP_CYCLES + (long ? LONG_RESPONSE_CYCLES : COMMAND_CYCLES);
      }
    }
    const words = response === undefined ? [] : response.kind === 'long' ? response.words : [response.word];
    let errors = 0;
    if (words.length > 0 && (fieldOf(cfg, CFG.RESP_128) === 1) !== words.length > 1) {
      errors = STATUS.RESP_ERR.mask;
    }
    let durationNs = DESCRIPTOR_NS + this.#cyclesNs(cycles);
    if (fieldOf(cfg, CFG.NO_CMD) === 0) durationNs += this.card?.busyNs ?? 0;
    if (errors === 0 && fieldOf(cfg, CFG.DATA_IO) === 1) {
      errors = this.#dataErrors(cfg);
      durationNs +=
        errors === STATUS.DESC_TIMEOUT.mask
          ? NS_PER_MS * 2 ** fieldOf(cfg, CFG.TIMEOUT)
          : this.#cyclesNs(this.#dataCycles(cfg));
    }
    this.#wait(descriptor, { response: words, errors, durationNs });
  }

  /** What is amiss with the data before any of it moves: no data where some was due, or lines and blocks that differ. */
  #dataErrors(cfg: number): number {
    const phase = this.card?.phase;
    const writes = fieldOf(cfg, CFG.DATA_WR) === 1;
    if (this.card === undefined || phase === undefined || (phase.direction === 'to-card') !== writes) {
      return STATUS.DESC_TIMEOUT.mask;
    }
    const { width, dualRate } = this.card.lines;
    const sameLines = width === this.#width() && dualRate === (this.field('SD_EMMC_CFG', 'DDR') === 1);
    if (sameLines && phase.blockBytes === this.#blockBytes(cfg)) return 0;
    return writes ? STATUS.TXD_ERR.mask : withField(0, STATUS.RXD_ERR, 2 ** this.#width() - 1);
  }

  #width(): 1 | 4 | 8 {
    return ([1, 4, 8, 8] as const)[this.field('SD_EMMC_CFG', 'BUS_WIDTH') & 3] ?? 8;
  }

  #blockBytes(cfg: number): number {
    if (fieldOf(cfg, CFG.BLOCK_MODE) === 1)
      return 2 ** Math.min(BL_LEN_LIMIT, this.field('SD_EMMC_CFG', 'BL_LEN'));
    return fieldOf(cfg, CFG.LENGTH) || DEFAULT_LENGTH;
  }

  /** LENGTH counts blocks in block mode, else bytes; 0 stands for one more than it can say. */
  #dataBytes(cfg: number): number {
    const block = this.#blockBytes(cfg);
    return fieldOf(cfg, CFG.BLOCK_MODE) === 1 ? block * (fieldOf(cfg, CFG.LENGTH) || DEFAULT_LENGTH) : block;
  }

  #dataCycles(cfg: number): number {
    const bytes = this.#dataBytes(cfg);
    // At double data rate the bus runs at half of the controller's clock and moves two bits a cycle: the same.
    return (bytes * 8) / this.#width() + (bytes / this.#blockBytes(cfg)) * BLOCK_CYCLES;
  }

  #cyclesNs(cycles: number): number {
    const divider = Math.max(1, this.field('SD_EMMC_CLOCK', 'DIV'));
    const source = SOURCE_HZ[this.field('SD_EMMC_CLOCK', 'SRC') & 1] ?? SOURCE_HZ[0];
    return (cycles * divider * NS_PER_SECOND) / source;
  }

  #wait(descriptor: Descriptor, outcome: Pick<Pending, 'response' | 'errors' | 'durationNs'>): void {
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
    if (errors === 0 && fieldOf(descriptor.cfg, CFG.DATA_IO) === 1 && !this.#moveData(descriptor)) {
      errors = STATUS.DESC_TIMEOUT.mask;
    }
    this.#writeBack(descriptor, response, errors);
    const last = descriptor.addr < 0 || fieldOf(descriptor.cfg, CFG.END_OF_CHAIN) === 1;
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
  #respond({ cfg, rsp, addr }: Descriptor, words: readonly number[]): void {
    if (words.length === 0) return;
    const names = ['SD_EMMC_CMD_RSP', 'SD_EMMC_CMD_RSP1', 'SD_EMMC_CMD_RSP2', 'SD_EMMC_CMD_RSP3'] as const;
    for (const [index, word] of words.entries()) this.value[names[index] ?? names[0]] = word;
    if (addr >= 0 && fieldOf(cfg, CFG.RESP_NUM) === 0) this.#store(this.#place(rsp), bytesOf(words));
  }

  /** The descriptor is the driver's again. */
  #writeBack(descriptor: Descriptor, response: readonly number[], errors: number): void {
    if (descriptor.addr < 0 || errors === STATUS.DESC_ERR.mask) return;
    const cfg = withField(withField(descriptor.cfg, CFG.OWNER, 0), CFG.ERROR, errors === 0 ? 0 : 1);
    this.#store(descriptor.addr, bytesOf([cfg]));
    const [word] = response;
    if (word !== undefined && fieldOf(descriptor.cfg, CFG.RESP_NUM) === 1) {
      this.#store(descriptor.addr + 12, bytesOf([word]));
    }
  }

  #moveData({ cfg, dat }: Descriptor): boolean {
    const sizeBytes = this.#dataBytes(cfg);
    const addr = this.#place(dat & ~DAT.BIG_ENDIAN.mask);
    if (fieldOf(cfg, CFG.DATA_WR) === 1) return this.card?.receive(this.#load(addr, sizeBytes)) ?? false;
    const content = new Uint8Array(sizeBytes);
    const sent = this.card?.send(content) ?? false;
    if (sent) this.#store(addr, content);
    return sent;
  }

  #place(address: number): number {
    const addr = (address & ~3) >>> 0;
    return (address & SRAM_FLAG) === 0 ? addr : this.#sramAddr + (addr % SRAM_BYTES);
  }

  #load(addr: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    const content = new Uint8Array(sizeBytes);
    const inSram = addr - this.#sramAddr;
    if (inSram >= 0 && inSram < SRAM_BYTES) content.set(this.#sram.subarray(inSram, inSram + sizeBytes));
    else this.#master.read(addr, content);
    return content;
  }

  #store(addr: number, content: Uint8Array): void {
    const inSram = addr - this.#sramAddr;
    if (inSram >= 0 && inSram < SRAM_BYTES) this.#sram.set(content.subarray(0, SRAM_BYTES - inSram), inSram);
    else this.#master.write(addr, content);
  }
}

function bytesOf(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return bytes;
}
