/** How sources are read: what device trees and system descriptions that go through a preprocessor need. */
import type { ReadDeviceTreeOptions } from '../devicetree/index.ts';
import type { ReadSystemFileOptions, SdfDialect } from '../microkit/index.ts';

/** What device tree sources are read with: directories, `NAME=VALUE` macros. */
export interface SourceOptions {
  /** Directories in which source finds the files that it includes. */
  readonly include?: readonly string[];
  /** Macros, `NAME` or `NAME=VALUE`. */
  readonly define?: readonly string[];
}

/** What system descriptions are read with. */
export interface DescriptionOptions extends SourceOptions {
  readonly dialect?: SdfDialect;
  /** Whether descriptions go through the C preprocessor; found out from the file where nothing is said. */
  readonly cpp?: boolean;
}

/** The same as the reader of trees takes it. */
export function sourceReading({ include, define }: SourceOptions): ReadDeviceTreeOptions {
  return {
    ...(include === undefined ? {} : { includeDirectories: include }),
    ...(define === undefined ? {} : { defines: define }),
  };
}

/** The same as the reader of descriptions takes it. */
export function descriptionReading(options: DescriptionOptions): ReadSystemFileOptions {
  return {
    dialect: options.dialect,
    preprocess: options.cpp,
    defines: options.define,
    includeDirectories: options.include,
  };
}
