/** The interface of compilers for translation units: the clang of the npm package, or one of the host. */
import { CacheEntry } from "../../files/cache-entry.ts";
import { compileC, compilerVersion, flagsOf, recordLayouts, type Source } from "./clang.ts";

/** A compiler. All methods reject with a CompileError if clang reports an error or cannot be used. */
export interface UnitCompiler {
  /** Returns name and version: part of the cache keys of its output. */
  readonly version: () => Promise<string>;
  /** Compiles and links a unit. @returns the linker's output */
  readonly compile: (source: Source) => Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Prints the layouts of the structs of a unit for a target.
   *
   * @param target target triple of clang, such as `x86_64-linux-gnu`
   * @returns the output of `-fdump-record-layouts-complete`
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
 * Compiles and links a source, or takes the linker's output from the cache.
 *
 * @param folder folder of the cache of modules; without it, the source is always compiled
 * @throws CompileError if clang reports an error or cannot be used
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
