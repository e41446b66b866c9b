/** Linker options of the mm image. */

/** Memory layout and exports of a module. */
export interface ImageLayout {
  /** Address of the first byte of data. The stack of 64 KiB, which grows downwards, is below. */
  readonly dataStart: number;
  /** Functions and variables to export, in addition to those that the C code exports itself. */
  readonly exports: readonly string[];
  /** Initial size of the memory in bytes, a multiple of 64 KiB; by default, the size that the data needs. */
  readonly memoryBytes?: number;
}

/** Bytes of the stack. Its region begins at address 0, so that an overflow traps. */
export const STACK_BYTES = 65_536;

export const DEFAULT_LAYOUT: ImageLayout = { dataStart: 2 * STACK_BYTES, exports: [] };

/** Returns the options for a layout. */
export function linkFlags({ dataStart, exports, memoryBytes }: ImageLayout, is64Bit: boolean): readonly string[] {
  return [
    ...(is64Bit ? ["-mwasm64"] : []),
    "--no-entry",
    "--stack-first",
    ...["-z", `stack-size=${STACK_BYTES}`],
    `--global-base=${dataStart}`,
    ...(memoryBytes === undefined ? [] : [`--initial-memory=${memoryBytes}`]),
    // Only for functions: an undefined variable is an error, as it would have the address 0.
    "--import-undefined",
    "--error-limit=0",
    ...["__stack_pointer", "__data_end", "__heap_base", ...exports].map((name) => `--export=${name}`),
  ];
}
