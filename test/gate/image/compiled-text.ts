/** Compiles small C texts to modules that are linked in the same way as an image, with debug information. */
import { loadClangPackage } from "../../../gate/compile/clang.ts";
import { DEBUG_FLAGS } from "../../../gate/image/build/compiler-flags.ts";

/**
 * Returns the compiled module.
 *
 * @param optimisation such as `-O2`
 * @param more additional flags
 */
export async function compiledText(
  text: string,
  optimisation: string,
  is64Bit: boolean,
  more: readonly string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const {
    commands: { clang },
  } = await loadClangPackage();
  const flags = [
    `--target=wasm${is64Bit ? "64" : "32"}-unknown-unknown`,
    ...["-std=gnu11", "-ffreestanding", "-fno-builtin", "-Wno-everything", "-nostdlib"],
    ...[optimisation, ...DEBUG_FLAGS, ...more],
    ...["-Wl,--no-entry", "-Wl,--allow-undefined", "-Wl,--initial-memory=1048576"],
  ];
  const files = await clang([...flags, "-o", "unit.wasm", "unit.c"], { "unit.c": text });
  return new Uint8Array(files?.["unit.wasm"] as Uint8Array);
}
