/** The result of building an mm image. */

/** Progress of a build, in files. */
export interface ImageProgress {
  readonly total: number;
  readonly compiled: number;
  /** Taken from the cache. */
  readonly cached: number;
}

/** A linked image, and the inputs that it was built from. */
export interface KernelImage {
  /**
   * Output of the linker, with debug information. To run a 64-bit image in Node.js, call enableMemory64() and convert
   * it with withoutTable64().
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Functions without a definition: imports of the module `env`, sorted. */
  readonly undefinedFunctions: readonly string[];
  readonly linkerWarnings: readonly string[];
  /** Compiled files: those of the tree, and ours. */
  readonly files: readonly string[];
  /** Files that compilations read, headers included, sorted. */
  readonly inputs: readonly string[];
  /** Numbers of compiled files and of cached objects. */
  readonly progress: ImageProgress;
  /** Names and versions of compiler and linker. */
  readonly compiler: string;
  /** Name of the model kernel that the tree is compared with. */
  readonly modelKernel: string;
}
