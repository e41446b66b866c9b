/** An mm image as it is built. */

/** How far a build is: files. */
export interface ImageProgress {
  readonly total: number;
  readonly compiled: number;
  /** Taken from the cache. */
  readonly cached: number;
}

/** A module, and what is to be known of it. */
export interface KernelImage {
  /**
   * As the linker wrote it, with debug information. For a 64-bit configuration, Node.js compiles it after enableMemory64(), as
   * withoutTable64() makes it.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Functions that no file defines: imports of the module `env`, sorted. */
  readonly undefinedFunctions: readonly string[];
  readonly linkerWarnings: readonly string[];
  /** Files that were compiled: those of the tree, and ours. */
  readonly files: readonly string[];
  /** Files that any compilation read, headers included, sorted. */
  readonly read: readonly string[];
  /** How many of the files were compiled, and how many objects came from the cache. */
  readonly progress: ImageProgress;
  /** Names and versions of compiler and linker. */
  readonly compiler: string;
  /** Name of the kernel of the model that the tree is compared with. */
  readonly modelKernel: string;
}
