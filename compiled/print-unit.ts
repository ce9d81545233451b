/** Modules of the subset as one C file and its header. */
import type { CellKind } from '../src/base/index.ts';
import { FunctionPrinter, prototype, type Surroundings } from './print-function.ts';
import { type CompiledFunction, type Module, refuse, type StateKind, SubsetError } from './subset.ts';

export interface Unit {
  /** The header's name. */
  readonly header: string;
  /** What the files begin with, without the signs of a comment. */
  readonly comment: string;
  readonly modules: readonly Module[];
  readonly states: readonly StateKind[];
  /** The functions that are called from outside. */
  readonly entries: ReadonlySet<string>;
  /** The value of a constant that a module imports from one that is not compiled. */
  constant(module: Module, name: string, from: string): unknown;
}

const CELL_TYPE: Readonly<Record<CellKind, string>> = { u8: 'uint8_t', u16: 'uint16_t', u32: 'uint32_t' };

/** What the subset's operators and cells are in C. A cell is never negative: NO_CELL is equal to none. */
const PRELUDE = `#define NO_CELL (-1)
#define I32(value) ((int64_t)(int32_t)(value))
#define SHL(value, count) I32((uint64_t)(value) << ((count) & 31))
#define SHR(value, count) ((int64_t)((uint32_t)(value) >> ((count) & 31)))
#define SAR(value, count) I32((int32_t)(value) >> ((count) & 31))
#define COUNT(cells) ((int64_t)(sizeof(cells) / sizeof((cells)[0])))
#define CELL(kind, cells, at) cell_##kind(cells, COUNT(cells), at, NO_CELL)
#define READ(kind, cells, at) cell_##kind(cells, COUNT(cells), at, 0)
#define WRITE(kind, cells, at, value) write_##kind(cells, COUNT(cells), at, value)

static inline int64_t clz32(int64_t value)
{
    return (uint32_t)value == 0 ? 32 : __builtin_clz((uint32_t)value);
}
`;

function accessors(kind: CellKind): string {
  const type = CELL_TYPE[kind];
  return `
static inline int64_t cell_${kind}(const ${type} *cells, int64_t count, int64_t at, int64_t otherwise)
{
    return at >= 0 && at < count ? cells[at] : otherwise;
}

static inline void write_${kind}(${type} *cells, int64_t count, int64_t at, int64_t value)
{
    if (at >= 0 && at < count) cells[at] = (${type})value;
}
`;
}

export function headerText({ comment, states, modules, entries }: Unit): string {
  const structs = states.map(({ type, variable, layout, calls }) => {
    const cells = Object.entries(layout).map(
      ([name, [kind, count]]) => `    ${CELL_TYPE[kind]} ${name}[${count}];\n`,
    );
    const called = [...calls].map(([name, signature]) => `${prototype(`call_${name}`, signature)};\n`);
    return `/* ${type} */\nextern _Alignas(16) struct ${variable} {\n${cells.join('')}} ${variable};\n\n${called.join('')}`;
  });
  const functions = modules.flatMap((module) => module.functions).filter(({ name }) => entries.has(name));
  const prototypes = functions.map(
    (each) => `${each.comment ?? ''}\n${prototype(each.name, signatureOf(each))};\n`,
  );
  return `/* ${comment} */
#pragma once

#include <stdbool.h>
#include <stdint.h>

${structs.join('\n')}
${prototypes.join('\n')}`;
}

export function sourceText(unit: Unit): string {
  const functions = new Map<string, CompiledFunction>();
  const constants = new Map<string, string>();
  for (const module of unit.modules) {
    for (const each of module.functions) {
      if (functions.has(each.name))
        throw new SubsetError(`${module.path}: there are two functions ${each.name}`);
      functions.set(each.name, each);
    }
  }
  const surroundings: Surroundings = { functions, constants: new Set() };
  const known = surroundings.constants as Set<string>;
  const define = (module: Module, name: string, text: string): void => {
    if (constants.has(name) && constants.get(name) !== text)
      throw new SubsetError(`${module.path}: there are two constants ${name}`);
    constants.set(name, text);
    known.add(name);
  };
  // Of other modules first: those of the subset may be made of them.
  for (const module of unit.modules) {
    for (const { name, from } of module.imports) {
      if (
        functions.has(name) ||
        unit.modules.some((each) => each.constants.some((known) => known.name === name))
      )
        continue;
      const value = unit.constant(module, name, from);
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        throw new SubsetError(
          `${module.path}: ${name} of ${from} is neither a function of the subset nor a whole number`,
        );
      define(module, name, `INT64_C(${value})`);
    }
  }
  for (const module of unit.modules) {
    for (const { name, value } of module.constants) {
      if (value.type === 'Literal' && typeof value.value === 'number' && Number.isSafeInteger(value.value)) {
        define(module, name, `INT64_C(${(value.raw ?? '').replaceAll('_', '')})`);
      } else if (
        value.type === 'UnaryExpression' &&
        value.operator === '-' &&
        value.argument.type === 'Literal' &&
        typeof value.argument.value === 'number'
      ) {
        define(module, name, `(-INT64_C(${(value.argument.raw ?? '').replaceAll('_', '')}))`);
      } else {
        refuse(module, value, 'a constant is a whole number, written out');
      }
    }
  }
  const defines = [...constants].map(([name, text]) => `#define ${name} ${text}\n`);
  const storage = (name: string): string => (unit.entries.has(name) ? '' : 'static ');
  const all = [...functions.values()];
  const declared = all
    .filter(({ name }) => !unit.entries.has(name))
    .map((each) => `static ${prototype(each.name, signatureOf(each))};\n`);
  const printed = all.map((each) => {
    const names = each.parameters.flatMap(({ name, type }) => (typeof type === 'string' ? [name] : []));
    const head = prototype(each.name, signatureOf(each)).replace(/\((.*)\)$/, (whole, types: string) =>
      names.length === 0
        ? whole
        : `(${types
            .split(', ')
            .map((type, index) => `${type} ${names[index]}`)
            .join(', ')})`,
    );
    const comment = each.comment === undefined ? '' : `${each.comment}\n`;
    return `\n${comment}${storage(each.name)}${head}\n${new FunctionPrinter(each, surroundings).body()}`;
  });
  const variables = unit.states.map(({ variable }) => `_Alignas(16) struct ${variable} ${variable};\n`);
  const kinds = Object.keys(CELL_TYPE) as CellKind[];
  return `/* ${unit.comment} */
#include "${unit.header}"

${PRELUDE}${kinds.map(accessors).join('')}
${variables.join('')}
${defines.join('')}
${declared.join('')}${printed.join('')}`;
}

function signatureOf({ parameters, returns }: CompiledFunction) {
  return {
    parameters: parameters.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])),
    returns,
  };
}
