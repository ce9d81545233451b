/**
 * What the engine has in a protection domain, whatever the description gives that: memory for the script's objects, and a stack, of which C
 * below the engine's own limit keeps a part. `symbolsCText` writes them into the program; a run's engine is held to less (room `engine`).
 */
export const ENGINE_LIMITS = {
  /** A monitor's script with all its objects takes about 1 MiB. */
  heapBytes: 4 * 1024 * 1024,
  stackBytes: 256 * 1024,
  stackReserveBytes: 64 * 1024,
} as const;
