/**
 * A small part of TypeScript as C: modules of constants and functions over whole numbers, truth values and typed arrays. What it is, is in
 * docs/compiled.md; whatever else a module has is refused with its place.
 *
 * Numbers are `int64_t`. They are exact as in JavaScript as long as they are safe integers there, which the library's numbers are; operators
 * on 32 bits cut to 32 bits. A cell beyond the end of its array is `undefined` there and NO_CELL here.
 */
import { readFileSync } from 'node:fs';
import {
  type Comment,
  type Expression,
  type Function as FunctionNode,
  parseSync,
  type Statement,
} from 'oxc-parser';
import type { CellLayout } from '../src/base/index.ts';

export type ValueType = 'number' | 'boolean' | 'void';

/** A state: the interface's name in TypeScript, the variable's in C, the arrays, and what is called through it. */
export interface StateKind {
  readonly type: string;
  readonly variable: string;
  readonly layout: CellLayout;
  readonly calls: ReadonlyMap<string, Signature>;
}

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly returns: ValueType;
}

interface Parameter {
  readonly name: string;
  readonly type: ValueType | StateKind;
}

export interface CompiledFunction {
  readonly name: string;
  readonly comment: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly returns: ValueType;
  readonly body: readonly Statement[];
  readonly module: Module;
}

export interface Module {
  readonly path: string;
  readonly text: string;
  readonly constants: readonly { readonly name: string; readonly value: Expression }[];
  readonly functions: readonly CompiledFunction[];
  /** What it imports, but for types. */
  readonly imports: readonly { readonly name: string; readonly from: string }[];
}

/** Names that are C's own. */
const C_KEYWORDS: ReadonlySet<string> = new Set(
  'auto char double enum extern float goto inline int long register restrict short signed sizeof static struct typedef union unsigned volatile'.split(
    ' ',
  ),
);

/** Something that is not of the subset. */
export class SubsetError extends Error {}

/** A name that C can have, too. */
export function checkName(
  module: Pick<Module, 'path' | 'text'>,
  node: Placed & { readonly name: string },
): string {
  return C_KEYWORDS.has(node.name) ? refuse(module, node, `${node.name} is a word of C's own`) : node.name;
}

type Placed = { readonly start: number };

export function refuse(module: Pick<Module, 'path' | 'text'>, node: Placed, what: string): never {
  const before = module.text.slice(0, node.start).split('\n');
  throw new SubsetError(`${module.path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${what}`);
}

/** Reads a module of the subset: what it declares; bodies are looked at when they are printed. */
export function readModule(
  path: string,
  states: readonly StateKind[],
  text = readFileSync(path, 'utf8'),
): Module {
  const { program, errors, comments } = parseSync(path, text);
  const place = { path, text };
  if (errors[0] !== undefined) throw new SubsetError(`${path}: ${errors[0].message}`);
  const constants: { readonly name: string; readonly value: Expression }[] = [];
  const functions: Omit<CompiledFunction, 'module'>[] = [];
  const imports: { readonly name: string; readonly from: string }[] = [];
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      for (const each of node.specifiers) {
        if (each.type !== 'ImportSpecifier') refuse(place, each, 'imports are of names');
        const isType = node.importKind === 'type' || each.importKind === 'type';
        if (!isType) imports.push({ name: each.local.name, from: node.source.value });
      }
      continue;
    }
    const declared = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declared?.type === 'FunctionDeclaration') {
      functions.push(readFunction(place, declared, commentBefore(text, comments, node.start), states));
    } else if (declared?.type === 'VariableDeclaration' && declared.kind === 'const') {
      for (const { id, init } of declared.declarations) {
        if (id.type !== 'Identifier' || init === null)
          refuse(place, id, 'a constant is a name and its value');
        constants.push({ name: id.name, value: init });
      }
    } else {
      refuse(place, node, 'a module has imports, constants and functions');
    }
  }
  const module: Module = { path, text, constants, functions: [], imports };
  return Object.assign(module, { functions: functions.map((each) => ({ ...each, module })) });
}

function commentBefore(text: string, comments: readonly Comment[], start: number): string | undefined {
  const comment = comments.findLast((each) => each.end <= start && text.slice(each.end, start).trim() === '');
  return comment?.type === 'Block' ? text.slice(comment.start, comment.end) : undefined;
}

function readFunction(
  place: Pick<Module, 'path' | 'text'>,
  node: FunctionNode,
  comment: string | undefined,
  states: readonly StateKind[],
): Omit<CompiledFunction, 'module'> {
  if (node.id === null || node.body === null || node.async || node.generator)
    refuse(place, node, 'a function has a name and a body');
  const parameters = node.params.map((each): Parameter => {
    if (each.type !== 'Identifier') refuse(place, each, 'a parameter is a name');
    const annotation = each.typeAnnotation?.typeAnnotation;
    const state =
      annotation?.type === 'TSTypeReference' && annotation.typeName.type === 'Identifier'
        ? states.find(
            ({ type }) => annotation.typeName.type === 'Identifier' && type === annotation.typeName.name,
          )
        : undefined;
    return { name: checkName(place, each), type: state ?? valueType(place, each, annotation?.type) };
  });
  const returns = valueType(place, node, node.returnType?.typeAnnotation.type);
  return { name: checkName(place, node.id), comment, parameters, returns, body: node.body.body };
}

function valueType(place: Pick<Module, 'path' | 'text'>, node: Placed, type: string | undefined): ValueType {
  if (type === 'TSNumberKeyword') return 'number';
  if (type === 'TSBooleanKeyword') return 'boolean';
  if (type === 'TSVoidKeyword') return 'void';
  return refuse(place, node, 'a type is number, boolean, void for what is returned, or a state');
}

/** The methods of an interface, as `calls` has them. */
export function readCalls(path: string, name: string): ReadonlyMap<string, Signature> {
  const text = readFileSync(path, 'utf8');
  const place = { path, text };
  const calls = new Map<string, Signature>();
  for (const node of parseSync(path, text).program.body) {
    const declared = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declared?.type !== 'TSInterfaceDeclaration' || declared.id.name !== name) continue;
    for (const member of declared.body.body) {
      if (member.type !== 'TSMethodSignature' || member.key.type !== 'Identifier')
        refuse(place, member, 'a call is a method');
      const parameters = member.params.map((each) =>
        valueType(
          place,
          each,
          each.type === 'Identifier' ? each.typeAnnotation?.typeAnnotation.type : undefined,
        ),
      );
      const returns = valueType(place, member, member.returnType?.typeAnnotation.type);
      calls.set(member.key.name, { parameters, returns });
    }
  }
  return calls;
}
