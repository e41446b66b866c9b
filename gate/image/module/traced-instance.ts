/** A running image that logs the C functions that its operations execute. */
import type { WasmGlobal } from "../../module/web-assembly.ts";
import { LOG_LENGTH } from "./call-log.ts";
import { type CallTree, callTree, type LoggedTurn } from "./call-tree.ts";
import type { CpuOutcome, OperationCall, StopAt, Turn } from "./cpus.ts";
import { type BootParameters, ImageInstance, type Interleaving, type Outcome } from "./image-instance.ts";
import type { TracedImage } from "./image-module.ts";
import type { LockOrders } from "./lock-orders.ts";

/** An instance that records the call trees of its operations. */
export class TracedInstance extends ImageInstance {
  readonly #image: TracedImage;
  readonly #length: WasmGlobal;
  #trees: CallTree[] = [];
  #turns: LoggedTurn[] = [];
  /** Whether turns are logged. A search for interleavings takes many that are not. */
  #takesTurns = false;

  constructor(image: TracedImage, boot: BootParameters, lockOrders: LockOrders) {
    super(image, boot, lockOrders);
    this.#image = image;
    this.#length = (this.exports as unknown as Readonly<Record<typeof LOG_LENGTH, WasmGlobal>>)[LOG_LENGTH];
  }

  override execute(
    operation: string,
    parameters: readonly number[],
    onDone?: Parameters<ImageInstance["execute"]>[2],
    race?: Interleaving,
  ): Outcome {
    this.#beginLog();
    this.#turns.push({ cpu: 0, start: 0 });
    let length: number | undefined;
    const whenDone = (refused: boolean): void => {
      // Functions that read the state for `onDone` are not part of the operation.
      length = this.#lengthOfLog();
      onDone?.(refused);
    };
    const outcome = super.execute(operation, parameters, whenDone, race);
    this.#addTree(length ?? this.#lengthOfLog());
    return outcome;
  }

  protected override runSecond(): void {
    this.#turns.push({ cpu: 1, start: this.#lengthOfLog() });
    super.runSecond();
    this.#turns.push({ cpu: 0, start: this.#lengthOfLog() });
  }

  override executeTurns(calls: readonly OperationCall[], turns: readonly Turn[], onDone?: () => void): Outcome {
    this.#beginLog();
    this.#takesTurns = true;
    let length: number | undefined;
    const whenDone = (): void => {
      length = this.#lengthOfLog();
      onDone?.();
    };
    const outcome = super.executeTurns(calls, turns, whenDone);
    this.#takesTurns = false;
    this.#addTree(length ?? this.#lengthOfLog());
    return outcome;
  }

  override runCpu(cpu: number, stopAt: StopAt): CpuOutcome | Extract<Outcome, { kind: "fault" }> {
    if (this.#takesTurns) {
      this.#turns.push({ cpu, start: this.#lengthOfLog() });
    }
    return super.runCpu(cpu, stopAt);
  }

  /** Returns the call trees of the operations since the last call, in order. */
  take(): readonly CallTree[] {
    const trees = this.#trees;
    this.#trees = [];
    return trees;
  }

  #beginLog(): void {
    this.#length.value = 0;
    this.#turns = [];
  }

  #addTree(length: number): void {
    this.#trees.push(callTree(this.#image.log, this.memory.buffer, length, this.#turns));
  }

  #lengthOfLog(): number {
    return Number(this.#length.value) >>> 0;
  }
}
