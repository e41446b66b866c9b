/** Builds images for exploration, one after another, with one compiler. */

import type { Patch } from "../change/patch.ts";
import { enableMemory64 } from "../module/memory64.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { buildImage } from "./build/build-image.ts";
import { type ClangChoice, openCompiler } from "./build/clang-choice.ts";
import type { Compiler } from "./build/compiler.ts";
import type { ImageProgress } from "./build/kernel-image.ts";
import { compileImage, EXPLORED_LAYOUT, type ImageModule } from "./module/image-module.ts";

/** A tree to build an image of. */
export interface ImageTree {
  /** A kernel source tree. */
  readonly tree: string;
  /** Applied to the files of the tree as they are read. */
  readonly patch?: Patch;
}

/** Options of an ImageBuilder. */
export interface ImageBuilderOptions {
  readonly clang: ClangChoice;
  /** Folder of the object cache; without it, every file is compiled. */
  readonly cacheFolder?: string;
  /** Called with the progress of a build, and with undefined when the build has ended. */
  readonly onProgress?: (progress: BuildProgress | undefined) => void;
}

/** Progress of the build of an image. */
export interface BuildProgress extends ImageProgress {
  readonly configuration: GateConfiguration;
}

/** Builds images, one at a time. */
export class ImageBuilder {
  readonly #options: ImageBuilderOptions;
  readonly #stop = new AbortController();
  #compiler: Promise<Compiler> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ImageBuilderOptions) {
    this.#options = options;
  }

  /**
   * Builds the image of a tree in one configuration. Requests are served in order.
   *
   * @param switches whether to rewrite it for stack switching, too
   * @throws TreeError when the folder is no kernel tree, or the patch does not apply
   * @throws CompileError when a file does not compile, or there is no compiler
   */
  build(tree: ImageTree, configuration: GateConfiguration, switches = false): Promise<ImageModule> {
    const built = this.#last.then(() => this.#build(tree, configuration, switches));
    this.#last = built.catch(() => {});
    return built;
  }

  /** Cancels pending builds and closes the compiler. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the build of the image was cancelled"));
    await this.#last;
    await (await this.#compiler?.catch(() => undefined))?.close();
  }

  async #build(tree: ImageTree, configuration: GateConfiguration, switches: boolean): Promise<ImageModule> {
    const { clang, cacheFolder, onProgress } = this.#options;
    if (configuration.is64Bit) {
      enableMemory64();
    }
    this.#compiler ??= openCompiler(clang);
    try {
      const image = await buildImage({
        ...tree,
        configuration,
        compiler: await this.#compiler,
        layout: EXPLORED_LAYOUT,
        signal: this.#stop.signal,
        ...(cacheFolder === undefined ? {} : { cacheFolder }),
        onProgress: (progress) => onProgress?.({ ...progress, configuration }),
      });
      return await compileImage(image, { switches, ...(cacheFolder === undefined ? {} : { cacheFolder }) });
    } finally {
      onProgress?.(undefined);
    }
  }
}
