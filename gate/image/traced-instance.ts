/** A running image that logs which C functions its operations run. */
import type { WasmGlobal } from "../web-assembly.ts";
import { LOG_LENGTH } from "./call-log.ts";
import { type CallTree, callTree } from "./call-tree.ts";
import { ImageInstance, type Outcome } from "./image-instance.ts";
import type { TracedImage } from "./image-module.ts";

/** An instance with the call trees of its operations. */
export class TracedInstance extends ImageInstance {
  readonly #image: TracedImage;
  readonly #length: WasmGlobal;
  #trees: CallTree[] = [];

  constructor(image: TracedImage, first: number, pages: number, hint: boolean) {
    super(image, first, pages, hint);
    this.#image = image;
    this.#length = (this.exports as unknown as Readonly<Record<typeof LOG_LENGTH, WasmGlobal>>)[LOG_LENGTH];
  }

  override execute(...call: Parameters<ImageInstance["execute"]>): Outcome {
    this.#length.value = 0;
    const outcome = super.execute(...call);
    this.#trees.push(callTree(this.#image.log, this.memory.buffer, Number(this.#length.value) >>> 0));
    return outcome;
  }

  /** Call trees of the operations since the last time, in their order. */
  take(): readonly CallTree[] {
    const taken = this.#trees;
    this.#trees = [];
    return taken;
  }
}
