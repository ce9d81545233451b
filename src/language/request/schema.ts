/** What a schema says of a place: requests and settings declare their keys once, and everything here follows from that. */
import { requestSchema, type shapes } from '../../plan/index.ts';
import { settingsSchema } from '../../workspace/index.ts';
import type { YamlPath } from './scan.ts';

/** The part of JSON Schema that our shapes use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly examples?: readonly string[];
  readonly format?: string;
  readonly required?: readonly string[];
}

const asSchema = (schema: shapes.JsonSchema): Schema => schema as Schema;

/** The schema of a kind of file. */
export function schemaOf(kind: 'request' | 'settings'): Schema {
  return asSchema(kind === 'request' ? requestSchema() : settingsSchema());
}

/** Every alternative that a place allows, the outermost first. */
export function alternativesAt(schema: Schema, path: YamlPath): readonly Schema[] {
  let here = alternativesOf(schema);
  for (const step of path) here = here.flatMap((each) => stepInto(each, step).flatMap(alternativesOf));
  return here;
}

function stepInto(schema: Schema, step: string | number): readonly Schema[] {
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items];
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, step)) {
    const property = properties[step];
    return property === undefined ? [] : [property];
  }
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

function alternativesOf(schema: Schema): readonly Schema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(alternativesOf);
}

/** A key's own words. */
export function aboutKey(schema: Schema, parent: YamlPath, key: string): string | undefined {
  for (const { properties } of alternativesAt(schema, parent)) {
    if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key]?.description;
  }
  return undefined;
}
