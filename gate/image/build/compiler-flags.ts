/** Options for clang, with which every file of the mm image is compiled. */
import { posix } from "node:path";
import { INCLUDE_FOLDERS, OWN_FOLDER } from "./source-layers.ts";

/** Headers that every file includes first, as in the kernel's build; then ours. */
export const FORCED_HEADERS: readonly string[] = [
  "include/linux/kconfig.h",
  "include/linux/compiler_types.h",
  posix.join(OWN_FOLDER, "image.h"),
];

/** Lines of instructions, in the version that is read; functions that code is of, and where they are defined. */
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
  // An endless loop that does nothing is still one.
  "-fno-finite-loops",
  // Without them, clang 16 makes memset() call itself.
  "-mbulk-memory",
  // One segment for each variable: the linker leaves out what nothing refers to.
  "-fdata-sections",
  ...DEBUG_FLAGS,
  "-fdebug-compilation-dir=.",
  // What is found in the top folder is named as everywhere else.
  "-ffile-prefix-map=./=",
  // Clang that is built with assertions verifies its code and names all values unless it is disabled.
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

/** The options for a width. */
export function compilerFlags(is64Bit: boolean): readonly string[] {
  return [`--target=wasm${is64Bit ? "64" : "32"}-unknown-unknown`, ...FLAGS];
}
