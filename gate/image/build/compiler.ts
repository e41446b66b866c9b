/** Interface of compilers for the mm image: a native clang, or that of the npm package. */
import type { SourceLayers } from "./source-layers.ts";

/** A file to compile. */
export interface Compilation {
  /** Its path in the sources. */
  readonly file: string;
  readonly flags: readonly string[];
  /** `assembly` is text. */
  readonly output: "object" | "assembly";
}

/** A compiled file. */
export interface CompiledFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Files that the compiler read, the compiled one included, by their paths in the sources. */
  readonly inputs: readonly string[];
}

/** A linked module. */
export interface LinkedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Warnings of the linker, such as calls with other parameters than the definition has. */
  readonly warnings: readonly string[];
}

/** Compiles and links one set of sources. */
export interface Workspace {
  /**
   * Compiles a file. Up to `slots` compilations run in parallel.
   *
   * @throws CompileError with the first error of the compiler, such as `mm/rmap.c:12:3: error: …`
   */
  compile(compilation: Compilation): Promise<CompiledFile>;

  /** Updates a file that was added to the sources or replaced. */
  update(file: string): Promise<void>;

  /**
   * Links objects, in their order, to a module.
   *
   * @param objects by path in the sources
   * @throws CompileError when the linker reports an error
   */
  link(objects: ReadonlyMap<string, Uint8Array>, flags: readonly string[]): Promise<LinkedModule>;

  /** Stops running compilations and removes temporary files. */
  close(): Promise<void>;
}

/** A compiler with its linker. */
export interface Compiler {
  /** Names and versions of compiler and linker; part of each cache key. */
  readonly version: string;
  /** Maximum number of parallel compilations. */
  readonly slots: number;
  /** Opens sources. Files that are added to them later must be passed to update(). */
  open(sources: SourceLayers): Promise<Workspace>;
  /** Stops its threads. */
  close(): Promise<void>;
}
