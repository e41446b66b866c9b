/** A running image that logs the C functions that its operations execute. */
import type { WasmGlobal } from "../../module/web-assembly.ts";
import { LOG_LENGTH } from "./call-log.ts";
import { type CallTree, callTree, type LogRange } from "./call-tree.ts";
import { ImageInstance, type Interleaving, type Outcome } from "./image-instance.ts";
import type { TracedImage } from "./image-module.ts";

/** An instance that records the call trees of its operations. */
export class TracedInstance extends ImageInstance {
  readonly #image: TracedImage;
  readonly #length: WasmGlobal;
  #trees: CallTree[] = [];
  #second: LogRange | undefined;

  constructor(image: TracedImage, first: number, pages: number, hint: boolean) {
    super(image, first, pages, hint);
    this.#image = image;
    this.#length = (this.exports as unknown as Readonly<Record<typeof LOG_LENGTH, WasmGlobal>>)[LOG_LENGTH];
  }

  override execute(
    operation: string,
    parameters: readonly number[],
    onDone?: Parameters<ImageInstance["execute"]>[2],
    race?: Interleaving,
  ): Outcome {
    this.#length.value = 0;
    this.#second = undefined;
    let length: number | undefined;
    const whenDone = (refused: boolean): void => {
      // Functions that read the state for `onDone` are not part of the operation.
      length = this.#lengthOfLog();
      onDone?.(refused);
    };
    const outcome = super.execute(operation, parameters, whenDone, race);
    length ??= this.#lengthOfLog();
    this.#trees.push(callTree(this.#image.log, this.memory.buffer, length, this.#second));
    return outcome;
  }

  protected override runSecond(): void {
    const start = this.#lengthOfLog();
    this.#second = { start, end: Number.POSITIVE_INFINITY };
    super.runSecond();
    this.#second = { start, end: this.#lengthOfLog() };
  }

  #lengthOfLog(): number {
    return Number(this.#length.value) >>> 0;
  }

  /** Returns the call trees of the operations since the last call, in order. */
  take(): readonly CallTree[] {
    const trees = this.#trees;
    this.#trees = [];
    return trees;
  }
}
