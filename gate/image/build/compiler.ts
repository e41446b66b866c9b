/** The interface of compilers for the mm image: a native clang, or the one of the npm package. */
import type { SourceLayers } from "./source-layers.ts";

/** One file to compile. */
export interface Compilation {
  /** Its path among the sources. */
  readonly file: string;
  readonly flags: readonly string[];
  /** `object`, or the text of `assembly`. */
  readonly output: "object" | "assembly";
}

/** A compiled file. */
export interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Files that the compiler read, itself among them, by their paths among the sources. */
  readonly read: readonly string[];
}

/** A linked module. */
export interface Linked {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Warnings of the linker: functions that are called with other parameters than they have, for instance. */
  readonly warnings: readonly string[];
}

/** Compilations of the same sources. */
export interface Workspace {
  /**
   * Compiles a file. As many run side by side as the compiler has slots.
   *
   * @throws CompileError when the compiler reports an error; its first, as `mm/rmap.c:12:3: error: …`
   */
  compile(compilation: Compilation): Promise<Compiled>;

  /** Takes over a file that was added to the sources. */
  update(file: string): Promise<void>;

  /**
   * Links objects to a module, in their order.
   *
   * @param objects by their path among the sources
   * @throws CompileError when the linker reports an error
   */
  link(objects: ReadonlyMap<string, Uint8Array>, flags: readonly string[]): Promise<Linked>;

  /** Ends what still runs, and removes temporary files. */
  close(): Promise<void>;
}

/** A compiler with its linker. */
export interface Compiler {
  /** Names and versions of both: part of the key of everything that they make. */
  readonly version: string;
  /** Compilations that run side by side. */
  readonly slots: number;
  /** Opens sources. A file that is added to them afterwards is passed to update(). */
  open(sources: SourceLayers): Promise<Workspace>;
  /** Ends the threads that it has started. */
  close(): Promise<void>;
}
