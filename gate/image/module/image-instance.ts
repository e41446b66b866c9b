/** A running image: its memory, and calls of its operations. */
import { BeyondBounds } from "../../../explore/model/errors.ts";
import { FUEL } from "../../module/fuel.ts";
import { type WasmGlobal, type WasmMemory, type WasmModule, wasm } from "../../module/web-assembly.ts";
import { type Coverage, type CoverageMap, coverageOf, marksOf } from "./coverage.ts";
import { type CpuOutcome, Cpus, type OperationCall, type SavedCpus, type StopAt, type Turn } from "./cpus.ts";
import { CHUNK_BYTES, MARKED_BYTES, Mark } from "./dirty-marks.ts";
import { functionInStack } from "./function-in-stack.ts";
import { DIRTY_START, type RunnableImage } from "./image-module.ts";
import type { HarnessReport, ImageReport, LockClass, WaitedFor } from "./image-report.ts";
import { LockOrders } from "./lock-orders.ts";
import { StateTree } from "./state-tree.ts";

/** Parameters of a call: a function takes four at most. */
type CallParameters = [a?: number, b?: number, c?: number, d?: number];

/** VMA, architecture and swap device at boot. */
export interface BootParameters {
  /** First page of the VMA of the first process. */
  readonly first: number;
  /** Pages of the VMA. */
  readonly pages: number;
  /** Whether pte_batch_hint() returns more than 1. */
  readonly hint: boolean;
  /** The swap device; absent for none. */
  readonly swap?: { readonly slots: number; readonly synchronous: boolean };
  /** First pages of the mappings of the file; absent without one. */
  readonly file?: { readonly shared?: number; readonly private?: number };
  /** Whether VMAs are registered with a userfaultfd. */
  readonly userfaultfd?: boolean;
}

/** An operation would sleep until another one has run. One for all of them: it is thrown often. */
class Wait extends Error {
  for: WaitedFor = "sleep";
}

/** The kernel broke a rule, or an assertion of its own failed and stopped it. */
class Fault extends Error {
  readonly report: ImageReport;

  constructor(report: ImageReport) {
    // Shown where the image faults before it runs operations.
    super(report.kind === "harness" ? report.report : report.kind);
    this.report = report;
  }
}

/** An operation that runs on the second CPU at a yield of another one. */
export interface Interleaving {
  readonly second: OperationCall;
  /** Kinds of points at which the first operation yields: bits of `enum image_yield_kind`. */
  readonly kinds: number;
  /** Number of the yield, from 1. */
  readonly number: number;
}

/** The operation of the second CPU in a race. */
interface SecondOperation extends OperationCall {
  progress: "not begun" | "runs" | "disabled" | "ended";
}

/** Of the CPUs, as bits. */
const FIRST_CPU = 1;

/** More yields than an operation has. */
const ALL_YIELDS = 0x7fff_ffff;

/** The outcome of an operation. */
export type Outcome =
  | { readonly kind: "disabled" }
  | { readonly kind: "done"; readonly state: number; readonly reports: readonly ImageReport[] }
  | { readonly kind: "waits" }
  /** The last one is what stopped it. */
  | { readonly kind: "fault"; readonly reports: readonly ImageReport[] };

/** CPUs in the middle of their operations, and their reports so far. */
export interface SavedRace {
  readonly cpus: SavedCpus;
  readonly reports: readonly ImageReport[];
}

/** The outcome of reading a state. */
export type Reading =
  | { readonly kind: "read"; readonly words: Int32Array }
  | { readonly kind: "fault"; readonly report: ImageReport };

const DISABLED = 0;
const REFUSED = 2;

/** Which names the form of a state has: as the enumeration of the harness. */
const Naming = { asTheyAre: 0, canonical: 1, permuted: 2 } as const;

/** An address: a bigint in a 64-bit image. */
type Pointer = number | bigint;

/** Bytes from address 0 that nothing may write to. */
const NULL_BYTES = 1024;

const PAGE_BYTES = 65_536;

/** Operations between two checks that the dirty marks are complete. */
const CHECK_INTERVAL = 1024;

/** Of an image without marks. */
const NOTHING_COVERED: Coverage = { files: [], functions: [] };

/** An instance of an image, with its states. */
export class ImageInstance {
  protected readonly exports: Readonly<Record<string, (...parameters: number[]) => number>>;
  /** Those that every operation calls. */
  private readonly harness: Readonly<Record<"canonicalize" | "load" | "undo", (parameter?: number) => number>>;
  protected readonly memory: WasmMemory;
  private readonly fuel: WasmGlobal;
  private readonly stackPointer: WasmGlobal;
  private readonly stackTop: number | bigint;
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  /** Of the chunks that two states differ in: their positions, and the numbers of their contents. */
  private readonly changed: Uint16Array;
  private readonly contents: Int32Array;
  private readonly tree: StateTree;
  private readonly coverageMap: CoverageMap | undefined;
  private readonly marks: Uint8Array;
  /** The dirty marks of what nothing may write to: from address 0 on, and beyond stack and data. */
  private readonly nullMarks: Int32Array;
  private readonly elsewhere: Uint8Array;
  private readonly waiting: Wait = new Wait();
  /** Undefined for an image that is not rewritten for stack switching. */
  protected readonly cpus: Cpus | undefined;
  /** The operation of the second CPU; undefined without a race. */
  private second: SecondOperation | undefined;
  /** The reports of the operation, each once. */
  private reports: ImageReport[] = [];
  /** Whether the memory may differ from the state that it has. */
  private touched = false;
  /** Of the states that operations lead to. */
  private naming: number = Naming.asTheyAre;
  private executed = 0;

  /** @param lockOrders the orders of locks that other instances of the image saw */
  constructor(
    { module, dataStart, coverage, treeFunctions = new Set() }: RunnableImage,
    { first, pages, hint, swap, file, userfaultfd }: BootParameters,
    lockOrders: LockOrders = new LockOrders(),
  ) {
    const callingFunction = (): string => functionInStack(treeFunctions);
    const image = {
      atomic_sleep: (file: Pointer, line: number) => {
        const place = Number(file) === 0 ? {} : { place: { file: this.text(file), line } };
        this.add({ kind: "atomic-sleep", function: callingFunction(), ...place });
      },
      lock_order: (held: Pointer, taken: Pointer) => {
        const report = lockOrders.add(this.lockClass(held), this.lockClass(taken), callingFunction);
        if (report !== undefined) {
          this.add(report);
        }
        return report === undefined ? 1 : 0;
      },
      warn: (file: Pointer, line: number, name: Pointer) => {
        this.add(this.assertion("WARN", file, line, name));
      },
      bug: (file: Pointer, line: number, name: Pointer) => {
        throw new Fault(this.assertion("BUG", file, line, name));
      },
      report: (code: Pointer) => {
        this.add({ kind: "harness", report: this.text(code) as HarnessReport });
      },
      wait: (code: Pointer) => {
        const waitedFor = this.text(code) as WaitedFor;
        if (this.cpus?.isRunning === true) {
          this.cpus.stopOrContinue({ kind: "waiting", for: waitedFor });
          return;
        }
        this.waiting.for = waitedFor;
        throw this.waiting;
      },
      full: (reason: Pointer) => {
        throw new BeyondBounds(`${this.text(reason)}: the image is too small for these bounds`);
      },
      fault: (code: Pointer) => {
        throw new Fault({ kind: "harness", report: this.text(code) as HarnessReport });
      },
      yield: () => {
        if (this.cpus?.isRunning === true) {
          this.cpus.stopOrContinue({ kind: "yielded" });
        } else {
          this.runSecond();
        }
      },
    };
    const instance = new wasm.Instance(module, { image, env: missingFunctions(module) });
    const {
      memory,
      __stack_pointer,
      __data_end,
      __heap_base,
      [FUEL]: fuel,
    } = instance.exports as unknown as {
      readonly memory: WasmMemory;
      readonly __stack_pointer: WasmGlobal;
      readonly __data_end: WasmGlobal;
      readonly __heap_base: WasmGlobal;
      readonly [FUEL]: WasmGlobal;
    };
    this.fuel = fuel;
    this.exports = instance.exports as ImageInstance["exports"];
    const { canonicalize, load, undo } = instance.exports as unknown as ImageInstance["harness"];
    this.harness = { canonicalize, load, undo };
    this.memory = memory;
    this.stackPointer = __stack_pointer;
    this.stackTop = __stack_pointer.value;
    const size = Math.ceil((Number(__data_end.value) - dataStart) / CHUNK_BYTES) * CHUNK_BYTES;
    // Behind everything that has dirty marks of its own: the image itself must not write to them.
    const behind = Math.max(Number(__heap_base.value), dataStart + MARKED_BYTES);
    const copies = Math.ceil(behind / PAGE_BYTES) * PAGE_BYTES;
    const store = copies + 2 * size;
    if (store > memory.buffer.byteLength) {
      throw new Error("the memory of the image has no room for two copies of its data");
    }
    this.words = new Int32Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    this.coverageMap = coverage;
    this.marks =
      coverage === undefined
        ? new Uint8Array()
        : this.bytes.subarray(coverage.address, coverage.address + marksOf(coverage));
    this.nullMarks = new Int32Array(memory.buffer, DIRTY_START, NULL_BYTES / CHUNK_BYTES / 4);
    this.elsewhere = this.bytes.subarray(DIRTY_START + Mark.elsewhere, DIRTY_START + Mark.count);
    this.cpus =
      instance.exports["asyncify_start_unwind"] === undefined
        ? undefined
        : new Cpus({
            exports: this.exports as ConstructorParameters<typeof Cpus>[0]["exports"],
            memory,
            stackPointer: this.stackPointer,
            fuel,
            dataStart,
            undo: () => {
              this.stackPointer.value = this.stackTop;
              this.undo();
            },
          });
    this.call("boot", first, pages, hint ? 1 : 0);
    if (swap !== undefined) {
      this.call("swap_on", swap.slots, swap.synchronous ? 1 : 0);
    }
    if (file !== undefined) {
      this.call("map_file", file.shared ?? 0, file.private ?? 0);
    }
    if (userfaultfd === true) {
      this.call("register_userfaultfd");
    }
    this.call("chunk_setup", store, memory.buffer.byteLength);
    this.call("canonical_setup", dataStart, dataStart + size, copies, DIRTY_START + Mark.data);
    const chunks = size / CHUNK_BYTES;
    this.changed = new Uint16Array(memory.buffer, this.call("changed_chunks"), chunks);
    this.contents = new Int32Array(memory.buffer, this.call("changed_numbers"), chunks);
    this.tree = new StateTree(chunks);
    this.call("canonicalize", Naming.canonical);
    this.call("begin");
    // Writes of the harness are marked, too.
    this.undo();
    // Code that runs at boot belongs to no operation.
    this.marks.fill(0);
  }

  /** Code that ran since boot, also in operations that were abandoned, and in queries of claims. */
  reached(): Coverage {
    return this.coverageMap === undefined ? NOTHING_COVERED : coverageOf(this.coverageMap, this.marks);
  }

  /** Bytes that the states take. */
  get stateBytes(): number {
    return this.tree.bytes + this.call("chunk_bytes");
  }

  /** The number of the state that the memory has. */
  get state(): number {
    return this.tree.root;
  }

  /** Makes a state that was seen before the one that the memory has. */
  load(state: number): void {
    if (this.touched) {
      this.undo();
      this.touched = false;
    }
    if (state !== this.tree.root) {
      this.harness.load(this.tree.load(state, this.changed, this.contents));
    }
  }

  /**
   * Sets whether operations lead to canonical states: one stands for all that differ in the numbers of processes, the ids of their MMs
   * and the bytes that they wrote. If not, those are kept.
   */
  canonicalizeInSteps(isOn: boolean): void {
    this.naming = isOn ? Naming.canonical : Naming.asTheyAre;
  }

  /** Whether operations lead to canonical states. */
  get canonicalizesInSteps(): boolean {
    return this.naming === Naming.canonical;
  }

  /** The canonical state among those that differ from a state in such names only. */
  canonical(state: number): number {
    return this.renamed(state, Naming.canonical);
  }

  /**
   * A state with its processes exchanged, in which they wrote something else.
   *
   * @param permutation number of one, from 0, which exchanges none; those below 2 leave the third process where it is
   */
  permuted(state: number, permutation: number): number {
    return this.renamed(state, Naming.permuted + permutation);
  }

  private renamed(state: number, naming: number): number {
    this.load(state);
    try {
      return this.rootOf(this.call("rename", naming));
    } finally {
      this.undo();
    }
  }

  /**
   * Executes an operation on the loaded state. The memory keeps the state before it.
   *
   * @param onDone called while the memory has the state after it, with the frames of the state before it; told whether the operation
   *   was refused with an error
   * @param race another operation that runs in the middle. Disabled: the operation has no such yield, or the other one cannot run
   *   there, because it is disabled or would wait
   */
  execute(
    operation: string,
    parameters: readonly number[],
    onDone?: (refused: boolean) => void,
    race?: Interleaving,
  ): Outcome {
    this.reports = [];
    try {
      this.startRace(race);
      const result = this.run(operation, parameters);
      if (result === DISABLED || !this.isRaceOver()) {
        return { kind: "disabled" };
      }
      onDone?.(result === REFUSED);
      const state = this.stateOfMemory(this.naming);
      if (this.executed++ % CHECK_INTERVAL === 0) {
        this.requireSameWithoutMarks(state);
      }
      this.requireOwnMemory();
      return { kind: "done", state, reports: this.reports };
    } catch (error) {
      this.stackPointer.value = this.stackTop;
      if (error instanceof BeyondBounds) {
        throw error;
      }
      if (this.second?.progress === "disabled") {
        return { kind: "disabled" };
      }
      if (error instanceof Wait) {
        return { kind: this.second?.progress === "runs" ? "disabled" : "waits" };
      }
      return { kind: "fault", reports: [...this.reports, this.faultOf(error)] };
    } finally {
      this.undo();
    }
  }

  /**
   * Gives CPUs an operation each, in the loaded state. runCpu() executes them.
   *
   * @throws Error for an image that is not rewritten for stack switching
   */
  startCpus(calls: readonly OperationCall[]): void {
    this.reports = [];
    this.switched.start(calls);
  }

  /** Runs a CPU until it stops or its operation ends. After a fault, only startCpus() or restoreCpus() may follow. */
  runCpu(cpu: number, stopAt: StopAt): CpuOutcome | Extract<Outcome, { kind: "fault" }> {
    try {
      const outcome = this.switched.run(cpu, stopAt);
      this.requireOwnMemory();
      return outcome;
    } catch (error) {
      return this.faulted(error);
    }
  }

  /** Whether the operations of all CPUs have ended. */
  get haveCpusEnded(): boolean {
    return this.switched.phases.every(({ kind }) => kind === "ended");
  }

  /** @param forgetsAttempts see Cpus.save() */
  saveCpus(forgetsAttempts: boolean): SavedRace {
    return { cpus: this.switched.save(forgetsAttempts), reports: this.reports };
  }

  restoreCpus({ cpus, reports }: SavedRace): void {
    this.switched.restore(cpus);
    this.reports = [...reports];
  }

  /**
   * Returns the state after all operations have ended, or the fault that its canonical form shows: a leak, or a reference
   * to free memory. The memory keeps the loaded state.
   */
  finishCpus(onDone?: () => void): Extract<Outcome, { kind: "done" | "fault" }> {
    this.stackPointer.value = this.stackTop;
    try {
      this.switched.finish();
      onDone?.();
      const after = this.stateOfMemory(this.naming);
      // Without a change it is the loaded state, which need not be canonical: another outcome may have its canonical form.
      const isLoaded = after === this.tree.root && this.naming === Naming.canonical;
      const state = isLoaded ? this.rootOf(this.call("rename", Naming.canonical)) : after;
      return { kind: "done", state, reports: this.reports };
    } catch (error) {
      return this.faulted(error);
    } finally {
      this.undo();
    }
  }

  /** Executes a schedule of operations on the loaded state. The memory keeps that. */
  executeTurns(calls: readonly OperationCall[], turns: readonly Turn[], onDone?: () => void): Outcome {
    this.startCpus(calls);
    try {
      for (const { cpu, stopAt = { kinds: 0, number: 1 } } of turns) {
        const outcome = this.runCpu(cpu, stopAt);
        if (outcome.kind === "fault") {
          return outcome;
        }
      }
      if (!this.haveCpusEnded) {
        return { kind: "waits" };
      }
      return this.finishCpus(onDone);
    } finally {
      this.abandonCpus();
    }
  }

  /** Makes the memory that of the loaded state. */
  abandonCpus(): void {
    this.stackPointer.value = this.stackTop;
    this.undo();
  }

  private get switched(): Cpus {
    if (this.cpus === undefined) {
      throw new Error("the image is not rewritten for stack switching");
    }
    return this.cpus;
  }

  /**
   * Returns the number of yields of an operation that is executed alone; 0 if it is not enabled, would block, or is
   * stopped by a fault.
   */
  yieldsOf(operation: string, parameters: readonly number[], kinds: number): number {
    this.reports = [];
    try {
      this.call("start_race", 2, FIRST_CPU);
      this.call("yield_at", kinds, ALL_YIELDS);
      return this.run(operation, parameters) === DISABLED ? 0 : ALL_YIELDS - this.call("yields_left");
    } catch (error) {
      this.stackPointer.value = this.stackTop;
      if (error instanceof BeyondBounds) {
        throw error;
      }
      return 0;
    } finally {
      this.undo();
    }
  }

  private run(operation: string, [a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[]): number | undefined {
    return this.exports[operation]?.(a, b, c, d, e);
  }

  /**
   * Runs the operation of the second CPU, on the stack of the first one, which continues behind it. If it is disabled, the
   * first one continues, since exceptions are slow; its result does not count.
   */
  protected runSecond(): void {
    const second = this.second as SecondOperation;
    second.progress = "runs";
    this.call("enter_cpu", 1);
    const result = this.run(second.operation, second.parameters);
    this.call("enter_cpu", 0);
    second.progress = result === DISABLED ? "disabled" : "ended";
  }

  private startRace(race: Interleaving | undefined): void {
    this.second = race && { ...race.second, progress: "not begun" };
    if (race !== undefined) {
      this.call("start_race", 2, FIRST_CPU);
      this.call("yield_at", race.kinds, race.number);
    }
  }

  /** Whether the operation of the second CPU ran to its end; true without a race. */
  private isRaceOver(): boolean {
    return this.second === undefined || this.second.progress === "ended";
  }

  private undo(): void {
    this.harness.undo();
    this.elsewhere[0] = 0;
    if (this.isNullWritten()) {
      this.nullMarks.fill(0);
      this.words.fill(0, 0, NULL_BYTES / 4);
    }
    if (this.executed % CHECK_INTERVAL === CHECK_INTERVAL / 2 && this.call("is_changed") !== 0) {
      throw new Error("the memory of an image was not undone: a store has no dirty mark");
    }
  }

  /** The number of the state that the memory has after an operation. */
  private stateOfMemory(naming: number): number {
    return this.rootOf(this.harness.canonicalize(naming));
  }

  /** The number of a state that differs in so many chunks from the one that was loaded last. */
  private rootOf(count: number): number {
    try {
      return this.tree.rootOf(this.changed, this.contents, count);
    } catch (error) {
      throw error instanceof RangeError
        ? new BeyondBounds("the states take more memory than can be had", { cause: error })
        : error;
    }
  }

  /** @throws Error unless the canonical form of all of the memory is that of the chunks that are marked */
  private requireSameWithoutMarks(state: number): void {
    // Without a change the state is the loaded one, which need not be canonical. If it is, it may be the form of another
    // memory, in which processes wrote other bytes.
    const namings = state === this.tree.root ? [Naming.asTheyAre, this.naming] : [this.naming];
    const isSame = namings.some((naming) => {
      this.call("mark_all");
      return this.stateOfMemory(naming) === state;
    });
    if (!isSame) {
      throw new Error("the canonical form of an image depends on the dirty marks");
    }
  }

  /** Calls an exported function that is no operation. */
  call(name: string, ...parameters: CallParameters): number {
    const [a = 0, b = 0, c = 0, d = 0] = parameters;
    return (this.exports[name] as (...parameters: number[]) => number)(a, b, c, d);
  }

  /**
   * Reads the loaded state with code of the tree, of which nothing stays.
   *
   * @param words of the result
   */
  read(name: string, words: number, ...parameters: CallParameters): Reading {
    this.reports = [];
    this.touched = true;
    try {
      const address = this.call(name, ...parameters);
      this.requireOwnMemory();
      const [report] = this.reports;
      return report === undefined ? { kind: "read", words: this.view(address, words) } : { kind: "fault", report };
    } catch (error) {
      this.stackPointer.value = this.stackTop;
      if (error instanceof BeyondBounds) {
        throw error;
      }
      const report: ImageReport = error instanceof Wait ? { kind: "would-wait", for: error.for } : this.faultOf(error);
      return { kind: "fault", report: this.reports[0] ?? report };
    }
  }

  /** A view of a part of the memory. */
  view(address: number, words: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, words);
  }

  /** @throws Fault where an operation wrote to what is no memory of the image */
  private requireOwnMemory(): void {
    if (this.elsewhere[0] !== 0) {
      throw new Fault({ kind: "stray-write", through: "wild pointer" });
    }
    if (this.isNullWritten()) {
      throw new Fault({ kind: "stray-write", through: "null" });
    }
  }

  private isNullWritten(): boolean {
    for (let i = 0; i < this.nullMarks.length; i++) {
      if (this.nullMarks[i] !== 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns the outcome of an operation that an exception ended. */
  private faulted(error: unknown): Extract<Outcome, { kind: "fault" }> {
    this.stackPointer.value = this.stackTop;
    if (error instanceof BeyondBounds) {
      throw error;
    }
    return { kind: "fault", reports: [...this.reports, this.faultOf(error)] };
  }

  private add(report: ImageReport): void {
    const key = JSON.stringify(report);
    if (!this.reports.some((each) => JSON.stringify(each) === key)) {
      this.reports.push(report);
    }
  }

  private assertion(severity: "WARN" | "BUG", file: Pointer, line: number, name: Pointer): ImageReport {
    return {
      kind: "assertion",
      severity,
      function: this.text(name),
      place: { file: this.text(file), line },
    };
  }

  private faultOf(error: unknown): ImageReport {
    if (error instanceof Fault) {
      return error.report;
    }
    if (error instanceof wasm.RuntimeError) {
      return this.fuel.value === 0
        ? { kind: "not-ended", reason: "iterations" }
        : { kind: "not-ended", reason: "trap", message: error.message };
    }
    if (error instanceof RangeError) {
      return { kind: "not-ended", reason: "nesting" };
    }
    throw error;
  }

  /** Reads a `struct lock_class` of the harness. */
  private lockClass(pointer: Pointer): LockClass {
    const step = typeof pointer === "bigint" ? 2 : 1;
    const words = this.view(Number(pointer), 4 * step);
    const [kind = 0, name = 0, offset = 0, subclass = 0] = [0, 1, 2, 3].map((field) => words[field * step]);
    return {
      ...(kind === 0 ? {} : { kind: this.text(kind) }),
      ...(name === 0 ? {} : { name: this.text(name) }),
      offset,
      subclass,
    };
  }

  private text(pointer: Pointer): string {
    const address = Number(pointer);
    const end = this.bytes.indexOf(0, address);
    return Buffer.from(this.bytes.subarray(address, end)).toString("utf8");
  }
}

/** Functions that no file of the image defines: one that is reached ends the search, which is incomplete then. */
function missingFunctions(module: WasmModule): Readonly<Record<string, () => never>> {
  const names = wasm.Module.imports(module).filter((each) => each.module === "env");
  return Object.fromEntries(
    names.map(({ name }) => [
      name,
      () => {
        throw new BeyondBounds(`${name}() was reached, which the image does not have`);
      },
    ]),
  );
}
