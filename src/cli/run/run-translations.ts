/** What a run translates, kept between runs unless the command line says otherwise. */
import type { Host } from '../../base/index.ts';
import { INITRD_UP_LINE } from '../../payload/index.ts';
import { TextWatch } from '../../run/index.ts';
import { type Run, type RunInputs, TranslationFile } from '../../workspace/index.ts';
import { build } from '../version.ts';
import type { RunOptions } from './options.ts';

export class RunTranslations {
  readonly #file: TranslationFile;
  /** For the run that is to use it. */
  readonly given: { readonly kept: Uint8Array };
  /** Waits for the end of a boot: whatever comes of the run, the next one boots faster. */
  #boot: TextWatch | undefined = new TextWatch(INITRD_UP_LINE);

  private constructor(file: TranslationFile) {
    this.#file = file;
    this.given = { kept: file.read() };
  }

  static of(
    host: Host,
    inputs: RunInputs,
    { translate, keepTranslations, coverage }: RunOptions,
  ): RunTranslations | undefined {
    // Coverage is of what this run has decoded.
    if (coverage !== undefined || translate === false || keepTranslations === false) return undefined;
    return new RunTranslations(new TranslationFile(host, inputs, build()));
  }

  /** A console said this. */
  heard(byte: number): void {
    this.#boot?.add(0, byte);
  }

  /** Between two steps of the session. */
  step(run: Run): void {
    if (this.#boot?.found !== true) return;
    this.#boot = undefined;
    this.keep(run);
  }

  keep(run: Run): void {
    const { translations } = run;
    if (translations !== undefined) this.#file.keep(translations);
  }
}
