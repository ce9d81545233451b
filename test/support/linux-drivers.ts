/**
 * What Linux's drivers ask for, read from their sources: which getter of the reset, GPIO and regulator frameworks a driver
 * uses for which name, the ordinary one, whose failure ends a probe, or the optional one. A file counts with the files of its
 * directory whose functions it calls, as far as those have getters too (`dw_mmc-rockchip.c` with `dw_mmc.c`).
 */
import { readFileSync } from 'node:fs';
import { filesUnder } from './files.ts';

/** `resets/phy`, `reset-gpios`, `vref-supply`; `resets/*` where a driver says no name, or a variable one. */
export interface DriverAsks {
  readonly required: ReadonlySet<string>;
  readonly optional: ReadonlySet<string>;
}

interface SourceFile {
  readonly path: string;
  readonly compatibles: ReadonlySet<string>;
  readonly asks: DriverAsks;
  readonly directory: string;
  /** Functions and objects that other files may use. */
  readonly defines: ReadonlySet<string>;
  readonly mentions: ReadonlySet<string>;
}

const COMPATIBLE = /\.compatible\s*=\s*"([^"]+)"/g;
/** Macros whose argument is a `compatible`, such as `CLK_OF_DECLARE(name, "vendor,chip", …)`. */
const DECLARED = /\b[A-Z0-9_]*(?:DECLARE|MATCH)[A-Z0-9_]*\s*\([^")]*"([A-Za-z0-9_.+-]+,[^"]+)"/g;
const RESET = /\b(?:devm_|of_|__)*reset_control(_array|_bulk)?_get(\w*)\s*\(([^;]*?)\)\s*;/g;
const DEVICE_RESET = /\bdevice_reset(_optional)?\s*\(/g;
const GPIO =
  /\b(?:devm_|fwnode_)*gpiod_get(?:_index|_array|_from_of_node)?(_index)?(_optional)?\s*\(([^;]*?)\)\s*;/g;
const VOLTAGE = /\b(?:devm_)?regulator_get_(?:enable_read_voltage\s*\([^;"]*"([^"]+)"|voltage\s*\()/g;
const SUPPLY = /\b(?:devm_)?regulator_get(_exclusive)?\s*\([^;"]*"([^"]+)"/g;
const OBJECT = /^(?:const )?struct \w+ (\w+)(?:\[\w*\])? =/gm;
const DEFINITION = /^(?!static|#|\s|\/|\*)[A-Za-z_][\w\s*]*?\b(\w+)\([^;{}]*\)\s*\n?\{/gm;

/** A getter for a PHY's node, which is another device. */
const OTHER_NODE = /^\s*[\w>-]*phy_?node\b/;

const literal = (argumentsText: string): string | undefined => /"([^"]*)"/.exec(argumentsText)?.[1];

function asksOf(text: string, path: string): DriverAsks {
  const required = new Set<string>();
  const optional = new Set<string>();
  for (const [, array = '', suffix = '', args = ''] of text.matchAll(RESET)) {
    if (suffix.startsWith('_count') || OTHER_NODE.test(args)) continue;
    const flagged = array === '_array' && /^\s*$/.test(suffix) && /,\s*true\s*$/.test(args);
    const isOptional = suffix.includes('optional') || flagged;
    (isOptional ? optional : required).add(`resets/${literal(args) ?? '*'}`);
  }
  for (const [, isOptional] of text.matchAll(DEVICE_RESET)) {
    (isOptional === undefined ? required : optional).add('resets/*');
  }
  for (const [, , isOptional, args = ''] of text.matchAll(GPIO)) {
    const name = literal(args);
    if (name !== undefined) (isOptional === undefined ? required : optional).add(`${name}-gpios`);
  }
  if (path.startsWith('drivers/iio/')) {
    const reads = [...text.matchAll(VOLTAGE)];
    for (const [, name] of reads) if (name !== undefined) required.add(`${name}-supply`);
    if (reads.length > 0) for (const [, , name] of text.matchAll(SUPPLY)) required.add(`${name}-supply`);
  }
  for (const [, exclusive, name] of text.matchAll(SUPPLY)) {
    if (exclusive !== undefined) required.add(`${name}-supply`);
  }
  return { required, optional };
}

/** The drivers of a source tree that hold `compatible` strings. */
export class LinuxDrivers {
  readonly #files: readonly SourceFile[];
  readonly #definers = new Map<string, SourceFile>();
  readonly #byCompatible = new Map<string, SourceFile[]>();

  constructor(source: string) {
    const paths = ['drivers', 'sound']
      .flatMap((directory) => filesUnder(`${source}/${directory}`))
      .filter((path) => path.endsWith('.c'));
    this.#files = paths.map((path) => readSource(path, path.slice(source.length + 1)));
    for (const file of this.#files) {
      for (const name of file.compatibles) {
        this.#byCompatible.set(name, [...(this.#byCompatible.get(name) ?? []), file]);
      }
      if (file.asks.required.size + file.asks.optional.size === 0) continue;
      for (const name of file.defines) this.#definers.set(`${file.directory} ${name}`, file);
    }
  }

  compatiblesUnder(directory: string): readonly string[] {
    return this.#files.flatMap(({ path, compatibles }) =>
      path.startsWith(directory) ? [...compatibles] : [],
    );
  }

  /** The driver of a device, with what it asks for; `undefined` where no file of the tree has one. */
  driverOf(compatible: string): { readonly path: string; readonly asks: DriverAsks } | undefined {
    const files = this.#byCompatible.get(compatible);
    const first = files?.find(({ asks }) => asks.required.size + asks.optional.size > 0) ?? files?.[0];
    if (files === undefined || first === undefined) return undefined;
    const reached = new Set(files);
    for (const file of reached) {
      for (const name of file.mentions) {
        const definer = this.#definers.get(`${file.directory} ${name}`);
        if (definer !== undefined) reached.add(definer);
      }
    }
    const required = new Set([...reached].flatMap(({ asks }) => [...asks.required]));
    const optional = new Set([...reached].flatMap(({ asks }) => [...asks.optional]));
    // What the driver's own file says goes before what a file says that it calls.
    for (const { asks } of files) {
      for (const item of asks.optional) if (!asks.required.has(item)) required.delete(item);
    }
    for (const item of required) optional.delete(item);
    return { path: first.path, asks: { required, optional } };
  }
}

function readSource(file: string, path: string): SourceFile {
  const text = readFileSync(file, 'latin1').replace(/\/\*[\s\S]*?\*\//g, ' ');
  const compatibles = new Set(
    [...text.matchAll(COMPATIBLE), ...text.matchAll(DECLARED)].map(([, name]) => name ?? ''),
  );
  const asks = asksOf(text, path);
  const isAsking = asks.required.size + asks.optional.size > 0;
  return {
    path,
    compatibles,
    asks,
    directory: path.slice(0, path.lastIndexOf('/')),
    defines: new Set(
      isAsking ? [...text.matchAll(DEFINITION), ...text.matchAll(OBJECT)].map(([, name]) => name ?? '') : [],
    ),
    mentions: new Set(
      compatibles.size > 0 || isAsking ? [...text.matchAll(/\b([a-z]\w+)\b/g)].map(([word]) => word) : [],
    ),
  };
}
