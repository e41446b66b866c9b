/** Generates bounds.h: constants that the kernel's build extracts from the assembly text of kernel/bounds.c. */
import { CompileError } from "../../compile/clang.ts";

/** File of the tree that defines the constants. */
export const BOUNDS_SOURCE = "kernel/bounds.c";

/**
 * Matches a line such as `.ascii "->NR_PAGEFLAGS 23 __NR_PAGEFLAGS"`: name, value. Some targets write `$` before the
 * value.
 */
const MARKER = /\.ascii\s+"->(\w+) \$*(-?\d+)/g;

/**
 * Returns the text of bounds.h.
 *
 * @param assembly assembly text of kernel/bounds.c
 * @throws CompileError when it contains no constants
 */
export function boundsHeader(assembly: string): string {
  const constants = [...assembly.matchAll(MARKER)].map(([, name, value]) => `#define ${name} ${value}\n`);
  if (constants.length === 0) {
    throw new CompileError(`${BOUNDS_SOURCE}:1: error: no constants are in its assembly text`);
  }
  return constants.join("");
}
