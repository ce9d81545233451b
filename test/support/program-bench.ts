/** A program alone: its symbols, the regions behind them, and what it told whom. */
import {
  HOST_CHANNEL,
  type Microkit,
  type Program,
  type ProgramFactory,
  type RegisterWindow,
} from '../../src/sel4/index.ts';
import { mappedRegion } from './mapped-region.ts';

/** A program that was started, and what it has done since. */
export interface ProgramBench {
  readonly program: Program;
  /** Channels, in the order in which they were told. */
  readonly told: number[];
  readonly acknowledged: number[];
  readonly log: string[];
}

/** Starts it, with these regions behind its symbols. */
export function programBench(
  create: ProgramFactory,
  regions: Readonly<Record<string, Uint8Array>>,
  channels: Readonly<Record<string, number>>,
  registers?: RegisterWindow,
): ProgramBench {
  const names = Object.keys(regions);
  const [told, acknowledged, log]: [number[], number[], string[]] = [[], [], []];
  const calls: Partial<Microkit> = {
    name: 'pd',
    setvar: (symbol) => {
      if (symbol === 'regs') return registers === undefined ? undefined : 0x2000_0000;
      const at = names.indexOf(symbol);
      return at < 0 ? channels[symbol] : 0x1000_0000 + at * 0x100_0000;
    },
    region: (vaddr) => {
      const name = names[(vaddr - 0x1000_0000) / 0x100_0000] ?? '';
      const content = regions[name];
      return content && mappedRegion(name, vaddr, content);
    },
    registers: () => registers,
    notify: (channel) => told.push(channel),
    irqAck: (channel) => acknowledged.push(channel),
    dbgPuts: (line) => log.push(line),
    hostSignal: () => () => program.notified(HOST_CHANNEL),
  };
  const program = create(calls as Microkit);
  program.init();
  return { program, told, acknowledged, log };
}
