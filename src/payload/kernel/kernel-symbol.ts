/** One symbol of a kernel's. */
export interface KernelSymbol {
  readonly name: string;
  /** From `_text`, where the Image begins. */
  readonly offset: number;
}
