/** One function of the subset as C (see subset.ts): each statement and expression, with its type, or why it is none of the subset's. */
import type { Expression, Statement } from 'oxc-parser';
import {
  type CompiledFunction,
  checkName,
  refuse,
  type Signature,
  type StateKind,
  type ValueType,
} from './subset.ts';

/** What is known outside of a function: other functions, and the names of constants. */
export interface Surroundings {
  readonly functions: ReadonlyMap<string, CompiledFunction>;
  readonly constants: ReadonlySet<string>;
}

interface Printed {
  readonly text: string;
  readonly type: ValueType;
  /** Needs no parentheses as an operand. */
  readonly isPrimary?: boolean;
  /** A cell that may not be there: to be compared, or to be given something in its place. */
  readonly isCell?: boolean;
}

const C_TYPE: Readonly<Record<ValueType, string>> = {
  number: 'int64_t',
  boolean: 'bool',
  void: 'void',
};

/** Operators whose result in JavaScript is a number of 32 bits, with a sign. */
const ON_32_BITS: ReadonlySet<string> = new Set(['&', '|', '^']);
const SHIFTS: Readonly<Record<string, string>> = { '<<': 'SHL', '>>': 'SAR', '>>>': 'SHR' };
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*']);
const ORDERS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const EQUALITIES: Readonly<Record<string, string>> = { '===': '==', '!==': '!=' };

export class FunctionPrinter {
  readonly #function: CompiledFunction;
  readonly #surroundings: Surroundings;
  readonly #locals: Map<string, ValueType | StateKind>[];

  constructor(compiled: CompiledFunction, surroundings: Surroundings) {
    this.#function = compiled;
    this.#surroundings = surroundings;
    this.#locals = [new Map(compiled.parameters.map(({ name, type }) => [name, type]))];
  }

  body(): string {
    return `{\n${this.#block(this.#function.body, '    ')}}\n`;
  }

  #refuse(node: { readonly start: number }, what: string): never {
    return refuse(this.#function.module, node, what);
  }

  // ---- Statements ----

  #block(statements: readonly Statement[], indent: string): string {
    this.#locals.push(new Map());
    const text = statements.map((each) => this.#statement(each, indent)).join('');
    this.#locals.pop();
    return text;
  }

  #nested(node: Statement, indent: string): string {
    const statements = node.type === 'BlockStatement' ? node.body : [node];
    return `{\n${this.#block(statements, `${indent}    `)}${indent}}`;
  }

  #statement(node: Statement, indent: string): string {
    switch (node.type) {
      case 'ReturnStatement': {
        const { returns } = this.#function;
        if (node.argument === null) return `${indent}return;\n`;
        return `${indent}return ${this.#of(node.argument, returns).text};\n`;
      }
      case 'ExpressionStatement':
        return `${indent}${this.#effect(node.expression)};\n`;
      case 'VariableDeclaration':
        return `${indent}${this.#declaration(node)};\n`;
      case 'BlockStatement':
        return `${indent}${this.#nested(node, indent)}\n`;
      case 'IfStatement': {
        const then = `if (${this.#of(node.test, 'boolean').text}) ${this.#nested(node.consequent, indent)}`;
        if (node.alternate === null) return `${indent}${then}\n`;
        const otherwise =
          node.alternate.type === 'IfStatement'
            ? this.#statement(node.alternate, indent).trim()
            : this.#nested(node.alternate, indent);
        return `${indent}${then} else ${otherwise}\n`;
      }
      case 'WhileStatement':
        return `${indent}while (${this.#of(node.test, 'boolean').text}) ${this.#nested(node.body, indent)}\n`;
      case 'ForStatement': {
        const { init, test, update } = node;
        if (init?.type !== 'VariableDeclaration' || test === null || update === null)
          return this.#refuse(node, 'a for has a variable, a condition and a step');
        this.#locals.push(new Map());
        const head = `${this.#declaration(init)}; ${this.#of(test, 'boolean').text}; ${this.#effect(update)}`;
        const text = `${indent}for (${head}) ${this.#nested(node.body, indent)}\n`;
        this.#locals.pop();
        return text;
      }
      case 'ContinueStatement':
      case 'BreakStatement':
        if (node.label !== null) this.#refuse(node, 'there are no labels');
        return `${indent}${node.type === 'BreakStatement' ? 'break' : 'continue'};\n`;
      default:
        return this.#refuse(node, `no statement of the subset: ${node.type}`);
    }
  }

  #declaration(node: Extract<Statement, { type: 'VariableDeclaration' }>): string {
    const [declared, ...more] = node.declarations;
    if (
      declared?.id.type !== 'Identifier' ||
      declared.init === null ||
      more.length > 0 ||
      node.kind === 'var'
    )
      return this.#refuse(node, 'a variable is declared alone, with its first value');
    const value = this.#expression(declared.init);
    if (value.type === 'void' || value.isCell === true) this.#refuse(declared, 'a variable has a value');
    this.#locals.at(-1)?.set(checkName(this.#function.module, declared.id), value.type);
    return `${node.kind === 'const' ? 'const ' : ''}${C_TYPE[value.type]} ${declared.id.name} = ${value.text}`;
  }

  /** What is done for its effect: an assignment or a call. */
  #effect(node: Expression): string {
    if (node.type === 'CallExpression') return this.#call(node).text;
    if (node.type !== 'AssignmentExpression')
      return this.#refuse(node, 'what is done is a call or an assignment');
    const { left, operator, right } = node;
    const value = this.#of(right, 'number');
    if (left.type === 'MemberExpression') {
      if (operator !== '=') this.#refuse(node, 'a cell is assigned with =');
      const { kind, cells, at } = this.#cell(left);
      return `WRITE(${kind}, ${cells}, ${at}, ${value.text})`;
    }
    if (left.type !== 'Identifier' || this.#local(left.name) !== 'number')
      return this.#refuse(left, 'what is assigned is a cell, or a variable that is a number');
    if (operator === '=' || operator === '+=' || operator === '-=')
      return `${left.name} ${operator} ${value.text}`;
    const on32 = operator.slice(0, -1);
    if (!ON_32_BITS.has(on32)) this.#refuse(node, `no assignment of the subset: ${operator}`);
    return `${left.name} = I32(${left.name} ${on32} ${operand(value)})`;
  }

  // ---- Expressions ----

  #of(node: Expression, type: ValueType): Printed {
    const printed = this.#expression(node);
    if (printed.type !== type) this.#refuse(node, `a ${type} is needed here, and this is a ${printed.type}`);
    if (printed.isCell === true) this.#refuse(node, 'a cell may not be there: ?? 0');
    return printed;
  }

  #expression(node: Expression): Printed {
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.#expression(node.expression);
      case 'Literal':
        if (typeof node.value === 'boolean')
          return { text: String(node.value), type: 'boolean', isPrimary: true };
        if (typeof node.value !== 'number' || !Number.isSafeInteger(node.value))
          return this.#refuse(node, 'a value is a whole number, true or false');
        return { text: numberText(node.value, node.raw ?? ''), type: 'number', isPrimary: true };
      case 'Identifier': {
        const local = this.#local(node.name);
        if (local === 'number' || local === 'boolean')
          return { text: node.name, type: local, isPrimary: true };
        if (this.#surroundings.constants.has(node.name))
          return { text: node.name, type: 'number', isPrimary: true };
        return this.#refuse(node, `${node.name} is not known here`);
      }
      case 'MemberExpression': {
        const { kind, cells, at, isThere } = this.#cell(node);
        if (isThere) return { text: `${cells}[${at}]`, type: 'number', isPrimary: true, isCell: true };
        return { text: `CELL(${kind}, ${cells}, ${at})`, type: 'number', isPrimary: true, isCell: true };
      }
      case 'UnaryExpression':
        return this.#unary(node);
      case 'BinaryExpression':
        return this.#binary(node);
      case 'LogicalExpression':
        return this.#logical(node);
      case 'ConditionalExpression': {
        const test = this.#of(node.test, 'boolean');
        const then = this.#expression(node.consequent);
        const otherwise = this.#of(node.alternate, then.type);
        if (then.isCell === true) this.#refuse(node.consequent, 'a cell may not be there: ?? 0');
        return { text: `${operand(test)} ? ${operand(then)} : ${operand(otherwise)}`, type: then.type };
      }
      case 'CallExpression':
        return this.#call(node);
      default:
        return this.#refuse(node, `no expression of the subset: ${node.type}`);
    }
  }

  #unary(node: Extract<Expression, { type: 'UnaryExpression' }>): Printed {
    if (node.operator === '!')
      return { text: `!${operand(this.#of(node.argument, 'boolean'))}`, type: 'boolean' };
    const value = operand(this.#of(node.argument, 'number'));
    if (node.operator === '-') return { text: `-${value}`, type: 'number' };
    if (node.operator === '~') return { text: `I32(~${value})`, type: 'number', isPrimary: true };
    return this.#refuse(node, `no operator of the subset: ${node.operator}`);
  }

  #binary(node: Extract<Expression, { type: 'BinaryExpression' }>): Printed {
    const { operator } = node;
    if (node.left.type === 'PrivateIdentifier') return this.#refuse(node, 'there are no classes');
    const equality = EQUALITIES[operator];
    if (equality !== undefined) return this.#equality(node.left, node.right, equality);
    const left = operand(this.#of(node.left, 'number'));
    const right = operand(this.#of(node.right, 'number'));
    if (ORDERS.has(operator)) return { text: `${left} ${operator} ${right}`, type: 'boolean' };
    if (ARITHMETIC.has(operator)) return { text: `${left} ${operator} ${right}`, type: 'number' };
    // The upper bits of the operands don't reach the lower ones of the result.
    if (ON_32_BITS.has(operator))
      return { text: `I32(${left} ${operator} ${right})`, type: 'number', isPrimary: true };
    const shift = SHIFTS[operator];
    if (shift !== undefined) return { text: `${shift}(${left}, ${right})`, type: 'number', isPrimary: true };
    const isConstant = node.right.type === 'Identifier' && this.#surroundings.constants.has(node.right.name);
    if (operator === '%' && isConstant) return { text: `${left} % ${right}`, type: 'number' };
    return this.#refuse(node, `no operator of the subset: ${operator}`);
  }

  /** A cell that is not there is equal to nothing: what it is compared with can't be NO_CELL, since it is named or written out. */
  #equality(leftNode: Expression, rightNode: Expression, equality: string): Printed {
    const left = this.#expression(leftNode);
    const right = this.#of(rightNode, 'number');
    if (left.type !== 'number') this.#refuse(leftNode, 'numbers are compared');
    const isConstant =
      rightNode.type === 'Literal' ||
      (rightNode.type === 'Identifier' && this.#surroundings.constants.has(rightNode.name));
    if (left.isCell === true && !isConstant) this.#refuse(rightNode, 'a cell is compared with a constant');
    return { text: `${operand(left)} ${equality} ${operand(right)}`, type: 'boolean' };
  }

  #logical(node: Extract<Expression, { type: 'LogicalExpression' }>): Printed {
    if (node.operator !== '??') {
      const [left, right] = [this.#of(node.left, 'boolean'), this.#of(node.right, 'boolean')];
      return { text: `${operand(left)} ${node.operator} ${operand(right)}`, type: 'boolean' };
    }
    if (node.right.type !== 'Literal' || node.right.value !== 0)
      this.#refuse(node.right, 'in place of a cell comes 0');
    if (node.left.type !== 'MemberExpression') return this.#refuse(node.left, 'only cells may not be there');
    const { kind, cells, at, isThere } = this.#cell(node.left);
    const text = isThere ? `${cells}[${at}]` : `READ(${kind}, ${cells}, ${at})`;
    return { text: isThere ? `(int64_t)${text}` : text, type: 'number', isPrimary: true };
  }

  /** `s.name[at]`. */
  #cell(node: Extract<Expression, { type: 'MemberExpression' }>): {
    readonly kind: string;
    readonly cells: string;
    readonly at: string;
    readonly isThere: boolean;
  } {
    const { object, property } = node;
    if (
      !node.computed ||
      object.type !== 'MemberExpression' ||
      object.computed ||
      property.type === 'PrivateIdentifier'
    )
      return this.#refuse(node, 'a cell is one of a state’s arrays');
    const state = this.#state(object.object);
    const name = object.property.type === 'Identifier' ? object.property.name : '';
    const array = state.layout[name];
    if (array === undefined) return this.#refuse(object, `${state.type} has no cells ${name}`);
    const [kind, count] = array;
    const isThere =
      property.type === 'Literal' && typeof property.value === 'number' && property.value < count;
    return { kind, cells: `${state.variable}.${name}`, at: this.#of(property, 'number').text, isThere };
  }

  #call(node: Extract<Expression, { type: 'CallExpression' }>): Printed {
    const { callee } = node;
    if (callee.type === 'Identifier') {
      const called = this.#surroundings.functions.get(callee.name);
      if (called === undefined) return this.#refuse(callee, `${callee.name} is no function of the subset`);
      const texts = called.parameters.flatMap(({ type }, index) => {
        const value = node.arguments[index];
        if (value === undefined || value.type === 'SpreadElement')
          return this.#refuse(node, 'an argument is missing');
        if (typeof type === 'string') return [this.#of(value, type).text];
        if (this.#state(value) !== type) this.#refuse(value, `a ${type.type} is needed here`);
        return [];
      });
      return { text: `${callee.name}(${texts.join(', ')})`, type: called.returns, isPrimary: true };
    }
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || callee.computed)
      return this.#refuse(node, 'no call of the subset');
    const { object, property } = callee;
    if (object.type === 'Identifier' && object.name === 'Math') {
      const [value] = node.arguments;
      if (property.name !== 'clz32' || value === undefined || value.type === 'SpreadElement')
        return this.#refuse(node, 'of Math there is clz32');
      return { text: `clz32(${this.#of(value, 'number').text})`, type: 'number', isPrimary: true };
    }
    if (
      object.type !== 'MemberExpression' ||
      object.property.type !== 'Identifier' ||
      object.property.name !== 'calls'
    )
      return this.#refuse(node, 'no call of the subset');
    const signature = this.#state(object.object).calls.get(property.name);
    if (signature === undefined) return this.#refuse(property, `there is no call ${property.name}`);
    const texts = signature.parameters.map((type, index) => {
      const value = node.arguments[index];
      if (value === undefined || value.type === 'SpreadElement')
        return this.#refuse(node, 'an argument is missing');
      return this.#of(value, type).text;
    });
    return { text: `call_${property.name}(${texts.join(', ')})`, type: signature.returns, isPrimary: true };
  }

  #state(node: Expression | { readonly type: 'Super'; readonly start: number }): StateKind {
    const local = node.type === 'Identifier' ? this.#local(node.name) : undefined;
    return typeof local === 'object' ? local : this.#refuse(node, 'a state is a parameter');
  }

  #local(name: string): ValueType | StateKind | undefined {
    return this.#locals.findLast((scope) => scope.has(name))?.get(name);
  }
}

/** A call's parameters and result in C. */
export function prototype(name: string, { parameters, returns }: Signature): string {
  const types = parameters.map((type) => C_TYPE[type]).join(', ');
  return `${C_TYPE[returns]} ${name}(${types === '' ? 'void' : types})`;
}

function operand({ text, isPrimary }: Printed): string {
  return isPrimary === true ? text : `(${text})`;
}

/** C counts small literals in 32 bits. */
function numberText(value: number, raw: string): string {
  const text = raw === '' ? String(value) : raw.replaceAll('_', '');
  return Math.abs(value) > 0x7fff_ffff ? `INT64_C(${text})` : text;
}
