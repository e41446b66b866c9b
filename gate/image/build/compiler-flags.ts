/** Options for clang, with which every file of the mm image is compiled. */
import { INCLUDE_FOLDERS } from "./source-layers.ts";

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
  "-gdwarf-4",
  "-gline-tables-only",
  "-fdebug-compilation-dir=.",
  "-Wno-everything",
  "-Werror=implicit-function-declaration",
  "-Werror=implicit-int",
  "-Werror=int-conversion",
  "-Werror=incompatible-pointer-types",
  "-fno-color-diagnostics",
  "-D__KERNEL__",
  "-D__DISABLE_EXPORTS",
  '-DKBUILD_MODNAME="image"',
  '-DKBUILD_BASENAME="image"',
  ...INCLUDE_FOLDERS.map((folder) => `-I${folder}`),
  // As the kernel's build does; then ours.
  ...["linux/kconfig.h", "linux/compiler_types.h", "image.h"].flatMap((header) => ["-include", header]),
];

/** The options for a width. */
export function compilerFlags(is64Bit: boolean): readonly string[] {
  return [`--target=wasm${is64Bit ? "64" : "32"}-unknown-unknown`, ...FLAGS];
}
