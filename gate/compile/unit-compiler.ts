/** The interface of compilers for translation units that hold a part of a tree: the clang of the npm package, or a native one. */
import { CacheEntry } from "../../files/cache-entry.ts";
import { compileC, compilerVersion, flagsOf, recordLayouts, type Source } from "./clang.ts";

/** A compiler. All reject with a CompileError when clang reports an error, or cannot be used. */
export interface UnitCompiler {
  /** Name and version: part of the key of everything that it makes. */
  readonly version: () => Promise<string>;
  /** Compiles and links a unit. @returns the bytes of the module, as the linker wrote them */
  readonly compile: (source: Source) => Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Lays out the structs of a unit as a target would.
   *
   * @param target as clang names it, such as `x86_64-linux-gnu`
   * @returns what `-fdump-record-layouts-complete` prints
   */
  readonly layouts: (text: string, target: string) => Promise<string>;
}

/** The clang of the npm package. */
export const NPM_UNITS: UnitCompiler = {
  version: compilerVersion,
  compile: compileC,
  layouts: recordLayouts,
};

/**
 * The module of a source as the linker writes it, from the cache if it is there.
 *
 * @param folder where modules are cached; without one, it is compiled
 * @throws CompileError when clang reports an error, or cannot be used
 */
export async function linkedModule(
  source: Source,
  folder: string | undefined,
  compiler: UnitCompiler,
): Promise<Uint8Array<ArrayBuffer>> {
  return folder === undefined
    ? compiler.compile(source)
    : new CacheEntry(folder, "module", [await compiler.version(), ...flagsOf(source), source.text]).readOrMake(() =>
        compiler.compile(source),
      );
}
