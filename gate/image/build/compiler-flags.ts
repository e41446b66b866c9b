/** Clang options for all files of the mm image. */
import { posix } from "node:path";
import { INCLUDE_FOLDERS, OWN_FOLDER } from "./source-layers.ts";

/** Headers that are included first in every file: those of the kernel's build, then ours. */
export const FORCED_HEADERS: readonly string[] = [
  "include/linux/kconfig.h",
  "include/linux/compiler_types.h",
  posix.join(OWN_FOLDER, "image.h"),
];

/**
 * Debug information: line table, functions including inlined ones, and their definitions. Version 4 is the one that is
 * decoded.
 */
export const DEBUG_FLAGS: readonly string[] = ["-gdwarf-4", "-gline-tables-only", "-fdebug-info-for-profiling"];

const FLAGS: readonly string[] = [
  "-std=gnu11",
  "-nostdinc",
  "-ffreestanding",
  "-fno-builtin",
  "-O2",
  "-fno-strict-aliasing",
  "-fwrapv",
  "-fshort-wchar",
  "-fms-extensions",
  "-funsigned-char",
  // Keeps endless loops that have no side effect.
  "-fno-finite-loops",
  // Without it, clang 16 compiles memset() to a call of itself.
  "-mbulk-memory",
  // One section for each variable, so that the linker drops unreferenced ones.
  "-fdata-sections",
  ...DEBUG_FLAGS,
  "-fdebug-compilation-dir=.",
  // Removes `./` from the names of files in the top folder.
  "-ffile-prefix-map=./=",
  // A clang built with assertions verifies its code and names all values by default, which takes time.
  ...["-Xclang", "-disable-llvm-verifier", "-fdiscard-value-names"],
  "-Wno-everything",
  "-Werror=implicit-function-declaration",
  "-Werror=implicit-int",
  "-Werror=int-conversion",
  "-Werror=incompatible-pointer-types",
  "-fno-color-diagnostics",
  "-fno-caret-diagnostics",
  "-D__KERNEL__",
  "-D__DISABLE_EXPORTS",
  '-DKBUILD_MODNAME="image"',
  '-DKBUILD_BASENAME="image"',
  ...INCLUDE_FOLDERS.map((folder) => `-I${folder}`),
  ...FORCED_HEADERS.flatMap((header) => ["-include", header]),
];

/** Returns the options for a word size. */
export function compilerFlags(is64Bit: boolean): readonly string[] {
  return [`--target=wasm${is64Bit ? "64" : "32"}-unknown-unknown`, ...FLAGS];
}
