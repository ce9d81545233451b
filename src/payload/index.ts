/** Kernels, initial ramdisks and device trees: got from wherever they are, looked into, and made. */
export * from './debian/index.ts';
