/** generated/bounds.h: constants that the kernel's build reads off the assembly text of kernel/bounds.c. */
import { CompileError } from "../../compile/clang.ts";

/** The tree's file that has the constants. */
export const BOUNDS_SOURCE = "kernel/bounds.c";

/** A line such as `.ascii "->NR_PAGEFLAGS 23 __NR_PAGEFLAGS"`: name, value. Some targets write `$` before the value. */
const MARKER = /\.ascii\s+"->(\w+) \$*(-?\d+)/g;

/**
 * The header.
 *
 * @param assembly what the compiler made of kernel/bounds.c
 * @throws CompileError when there are no constants in it
 */
export function boundsHeader(assembly: string): string {
  const constants = [...assembly.matchAll(MARKER)].map(([, name, value]) => `#define ${name} ${value}\n`);
  if (constants.length === 0) {
    throw new CompileError(`${BOUNDS_SOURCE}:1: error: no constants are in its assembly text`);
  }
  return constants.join("");
}
