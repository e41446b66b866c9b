/** Options for the linker of the mm image. */

/** How a module is laid out, and what of it can be reached. */
export interface ImageLayout {
  /** Address of the first byte of data. The stack, 64 KiB that grow downwards, is below. */
  readonly dataStart: number;
  /** Names of functions and variables that the module exports, besides those that the C code exports itself. */
  readonly exports: readonly string[];
  /** Bytes of the memory at the start: a multiple of 64 KiB. What the data needs, when absent. */
  readonly memoryBytes?: number;
}

/** Bytes of the stack: it begins above address 0, so that an overflow traps. */
export const STACK_BYTES = 65_536;

export const DEFAULT_LAYOUT: ImageLayout = { dataStart: 2 * STACK_BYTES, exports: [] };

/** The options for a layout. */
export function linkFlags({ dataStart, exports, memoryBytes }: ImageLayout, is64Bit: boolean): readonly string[] {
  return [
    ...(is64Bit ? ["-mwasm64"] : []),
    "--no-entry",
    "--stack-first",
    ...["-z", `stack-size=${STACK_BYTES}`],
    `--global-base=${dataStart}`,
    ...(memoryBytes === undefined ? [] : [`--initial-memory=${memoryBytes}`]),
    // Functions only: a variable that no file defines is an error, as it would be at address 0.
    "--import-undefined",
    "--error-limit=0",
    ...["__stack_pointer", "__data_end", "__heap_base", ...exports].map((name) => `--export=${name}`),
  ];
}
