/** The header of a unit's line number program: how it is written, and the files that it speaks of (DWARF version 5, section 6.2.4). */
import { Refusal } from '../../base/index.ts';
import type { DwarfReader } from './dwarf-reader.ts';
import { textAt } from './elf.ts';

const [LOWEST_VERSION, HIGHEST_VERSION] = [2, 5];
/** Of entries' contents. */
const [DW_LNCT_path, DW_LNCT_directory_index] = [1, 2];
/** Files of one unit; the kernel's have hundreds. */
const ENTRIES_LIMIT = 0x10_0000;

/** The sections that headers name texts of. */
export interface LineStrings {
  /** `.debug_line_str` and `.debug_str`, read when they are first wanted. */
  readonly lineStrings: () => Uint8Array;
  readonly strings: () => Uint8Array;
}

export interface LineHeader {
  readonly minimumInstructionLength: number;
  readonly maximumOperations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands each standard opcode has, from opcode 1 on. */
  readonly opcodeOperands: readonly number[];
  /** The path of a file by its number in the program; `undefined` where the header has none. */
  readonly pathOf: (file: number) => string | undefined;
}

interface Entry {
  readonly path: string;
  readonly directory: number;
}

/** The reader stands behind the unit's length, and then at the program. */
export function readLineHeader(reader: DwarfReader, strings: LineStrings): LineHeader {
  const version = reader.u16();
  if (version < LOWEST_VERSION || version > HIGHEST_VERSION)
    throw new Refusal(`its lines are of DWARF version ${version}`);
  // Sizes of an address and of a segment's selector.
  if (version >= 5) reader.skip(2);
  const headerBytes = reader.offset();
  const program = reader.at + headerBytes;
  if (program > reader.end) throw new Refusal('a header of lines goes beyond its unit');
  const minimumInstructionLength = reader.u8();
  const maximumOperations = version >= 4 ? Math.max(1, reader.u8()) : 1;
  reader.skip(1);
  const lineBase = reader.s8();
  const lineRange = reader.u8();
  if (lineRange === 0) throw new Refusal('a header of lines has a line_range of 0');
  const opcodeBase = reader.u8();
  const opcodeOperands = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8());
  const pathOf = version >= 5 ? readEntries(reader, strings) : readOldEntries(reader);
  reader.at = program;
  return {
    minimumInstructionLength,
    maximumOperations,
    lineBase,
    lineRange,
    opcodeBase,
    opcodeOperands,
    pathOf,
  };
}

/** Until version 4, what file 0 and directory 0 are is said by `.debug_info` alone: such a path stays as short as it is. */
function readOldEntries(reader: DwarfReader): LineHeader['pathOf'] {
  const directories = [''];
  for (let text = reader.text(); text !== ''; text = reader.text()) directories.push(text);
  const files: Entry[] = [];
  for (let path = reader.text(); path !== ''; path = reader.text()) {
    files.push({ path, directory: reader.uleb() });
    reader.uleb();
    reader.uleb();
  }
  return (file) => pathOf(files[file - 1], directories);
}

function readEntries(reader: DwarfReader, strings: LineStrings): LineHeader['pathOf'] {
  const directories = entriesOf(reader, strings).map(({ path }) => path);
  const files = entriesOf(reader, strings);
  return (file) => pathOf(files[file], directories);
}

function entriesOf(reader: DwarfReader, strings: LineStrings): readonly Entry[] {
  const formats = Array.from({ length: reader.u8() }, () => ({
    content: reader.uleb(),
    form: reader.uleb(),
  }));
  const count = reader.uleb();
  if (count > ENTRIES_LIMIT || (formats.length === 0 && count > 0))
    throw new Refusal(`a header of lines has ${count} files or directories`);
  return Array.from({ length: count }, () => {
    let [path, directory] = ['', 0];
    for (const { content, form } of formats) {
      const value = readForm(reader, form, strings);
      if (content === DW_LNCT_path && typeof value === 'string') path = value;
      if (content === DW_LNCT_directory_index && typeof value === 'number') directory = value;
    }
    return { path, directory };
  });
}

/** A value by its form (section 7.5.6): those that headers of lines may have. */
function readForm(reader: DwarfReader, form: number, strings: LineStrings): string | number | undefined {
  switch (form) {
    case 0x08: // DW_FORM_string
      return reader.text();
    case 0x0e: // DW_FORM_strp
      return textAt(strings.strings(), reader.offset()) ?? '';
    case 0x1f: // DW_FORM_line_strp
      return textAt(strings.lineStrings(), reader.offset()) ?? '';
    case 0x0b: // DW_FORM_data1
      return reader.u8();
    case 0x05: // DW_FORM_data2
      return reader.u16();
    case 0x06: // DW_FORM_data4
      return reader.u32();
    case 0x07: // DW_FORM_data8
      return reader.u64();
    case 0x0f: // DW_FORM_udata
      return reader.uleb();
    case 0x1e: // DW_FORM_data16
      reader.skip(16);
      return undefined;
    case 0x09: // DW_FORM_block
      reader.skip(reader.uleb());
      return undefined;
    default:
      throw new Refusal(`a header of lines has a value of form 0x${form.toString(16)}`);
  }
}

function pathOf(entry: Entry | undefined, directories: readonly string[]): string | undefined {
  if (entry === undefined || entry.path === '') return undefined;
  const directory = directories[entry.directory] ?? '';
  // Directory 0 is where the compiler stood, and the others may be seen from there.
  const parts = [entry.path, directory, directories[0] ?? ''];
  const rooted = parts.findIndex((part) => part.startsWith('/'));
  const used = rooted === -1 ? parts.slice(0, 2) : parts.slice(0, rooted + 1);
  return normalised(used.filter((part) => part !== '').reverse());
}

function normalised(parts: readonly string[]): string {
  const path = parts.join('/');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..' && names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (name !== '..' || !path.startsWith('/')) names.push(name);
  }
  return (path.startsWith('/') ? '/' : '') + names.join('/');
}
