/** What was measured of a guest's images; what was not measured is assumed, and the plan says so. */
export interface PayloadFacts {
  readonly kernel?: {
    readonly textOffsetBytes: number;
    readonly imageSizeBytes: number;
    readonly fileBytes: number;
    /** Where RAM must begin for a kernel that can't run elsewhere. */
    readonly ramBase?: number;
    /** The flat binary or ELF file that this Image was made of. */
    readonly madeFrom?: string;
  };
  readonly initrdBytes?: number;
  /** The `compatible` strings in the kernel and its ramdisk's modules; absent where they can't be looked into. */
  readonly compatibles?: ReadonlySet<string>;
}
