/** From addresses to lines: line number programs, run (DWARF version 5, section 6.2.5; versions 2 to 4 are the same here). */
import { Refusal } from '../../base/index.ts';
import { DwarfReader } from './dwarf-reader.ts';
import { type LineHeader, type LineStrings, readLineHeader } from './line-header.ts';

/** Standard opcodes with operands that mean something here. */
const DW_LNS = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const DW_LNE = { endSequence: 1, setAddress: 2 } as const;
const ADDRESS_BYTES = 8;

/** The instructions of a line: from one address to another, as distances from a base. */
export type VisitLine = (from: number, to: number, path: string, line: number) => void;

/** Sections of lines, and what stands against each unit that can't be read. */
export interface LineSections extends LineStrings {
  readonly lines: Uint8Array;
  readonly onDamage: (offset: number, reason: string) => void;
}

/** Runs all programs of `.debug_line`. Where several rows have one address, the last one counts. */
export function visitLines(sections: LineSections, base: bigint, visit: VisitLine): void {
  const { lines, onDamage } = sections;
  for (let at = 0; at < lines.length; ) {
    const start = at;
    try {
      const outer = new DwarfReader(lines, at);
      const unitBytes = outer.unitLength();
      at = outer.at + unitBytes;
      if (at > lines.length) throw new Refusal('a unit goes beyond its section');
      const reader = new DwarfReader(lines, outer.at, at);
      reader.is64 = outer.is64;
      if (unitBytes > 0) runProgram(reader, readLineHeader(reader, sections), base, visit);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      onDamage(start, error.message);
      // A length that can't be right leads nowhere.
      if (at <= start || at > lines.length) return;
    }
  }
}

/** The registers of the state machine that are used here. */
class Sequence {
  readonly #header: LineHeader;
  readonly #visit: VisitLine;
  readonly #paths = new Map<number, string | undefined>();
  address = 0;
  #operation = 0;
  file = 1;
  line = 1;
  #row: { readonly address: number; readonly file: number; readonly line: number } | undefined;

  constructor(header: LineHeader, visit: VisitLine) {
    this.#header = header;
    this.#visit = visit;
  }

  advance(operations: number): void {
    const { minimumInstructionLength, maximumOperations } = this.#header;
    if (maximumOperations === 1) {
      this.address += minimumInstructionLength * operations;
      return;
    }
    const next = this.#operation + operations;
    this.address += minimumInstructionLength * Math.floor(next / maximumOperations);
    this.#operation = next % maximumOperations;
  }

  moveTo(address: number): void {
    this.address = address;
    this.#operation = 0;
  }

  row(): void {
    this.#finishRow();
    this.#row = { address: this.address, file: this.file, line: this.line };
  }

  end(): void {
    this.#finishRow();
    this.#row = undefined;
    this.moveTo(0);
    this.file = 1;
    this.line = 1;
  }

  #finishRow(): void {
    const row = this.#row;
    if (row === undefined || this.address <= row.address || row.line <= 0) return;
    const path = this.#pathOf(row.file);
    if (path !== undefined) this.#visit(row.address, this.address, path, row.line);
  }

  #pathOf(file: number): string | undefined {
    const known = this.#paths.get(file);
    if (known !== undefined) return known;
    const path = this.#header.pathOf(file);
    this.#paths.set(file, path);
    return path;
  }
}

function runProgram(reader: DwarfReader, header: LineHeader, base: bigint, visit: VisitLine): void {
  const { lineBase, lineRange, opcodeBase } = header;
  const sequence = new Sequence(header, visit);
  while (!reader.isAtEnd) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      sequence.advance(Math.floor(adjusted / lineRange));
      sequence.line += lineBase + (adjusted % lineRange);
      sequence.row();
      continue;
    }
    switch (opcode) {
      case 0:
        runExtended(reader, sequence, base);
        break;
      case DW_LNS.copy:
        sequence.row();
        break;
      case DW_LNS.advancePc:
        sequence.advance(reader.uleb());
        break;
      case DW_LNS.advanceLine:
        sequence.line += reader.sleb();
        break;
      case DW_LNS.setFile:
        sequence.file = reader.uleb();
        break;
      case DW_LNS.constAddPc:
        sequence.advance(Math.floor((255 - opcodeBase) / lineRange));
        break;
      case DW_LNS.fixedAdvancePc:
        sequence.moveTo(sequence.address + reader.u16());
        break;
      default:
        for (let left = header.opcodeOperands[opcode - 1] ?? 0; left > 0; left--) reader.uleb();
    }
  }
}

function runExtended(reader: DwarfReader, sequence: Sequence, base: bigint): void {
  const sizeBytes = reader.uleb();
  const end = reader.at + sizeBytes;
  if (end > reader.end) throw new Refusal('a line number program goes beyond its unit');
  if (sizeBytes === 0) return;
  const opcode = reader.u8();
  if (opcode === DW_LNE.endSequence) sequence.end();
  else if (opcode === DW_LNE.setAddress) {
    if (sizeBytes !== 1 + ADDRESS_BYTES)
      throw new Refusal('a line number program has addresses of another size');
    sequence.moveTo(Number(reader.bigU64() - base));
  }
  // What else there may be says nothing of addresses.
  reader.at = end;
}
