/** CPUs that take turns: each executes an operation, which can stop at its yields and where it waits. */
import { BeyondBounds } from "../../../explore/model/errors.ts";
import { MOST_ITERATIONS } from "../../module/fuel.ts";
import type { WasmGlobal, WasmMemory } from "../../module/web-assembly.ts";
import { STACK_BYTES } from "../build/link-flags.ts";
import { CHUNK_BYTES } from "./dirty-marks.ts";
import type { WaitedFor } from "./image-report.ts";

/** A call of an operation. */
export interface OperationCall {
  readonly operation: string;
  readonly parameters: readonly number[];
}

/** Progress of the operation of a CPU. */
export type CpuPhase =
  | { readonly kind: "ready" }
  | { readonly kind: "yielded" }
  | { readonly kind: "waiting"; readonly for: WaitedFor }
  | { readonly kind: "ended" };

/** Result of running a CPU. `disabled`: its operation cannot begin. */
export type CpuOutcome = CpuPhase | { readonly kind: "disabled" };

/** Yields up to that at which a CPU stops. */
export interface StopAt {
  /** Kinds of points at which it yields: bits of `enum image_yield_kind`; 0 for none. */
  readonly kinds: number;
  /** Number of the yield, from 1. */
  readonly number: number;
}

/** A part of a schedule: a CPU runs, until another one does. */
export interface Turn {
  readonly cpu: number;
  /** Undefined if it runs until it waits or ends. */
  readonly stopAt?: StopAt;
}

/** CPUs in the middle of their operations, with the memory that differs from the loaded state. */
export interface SavedCpus {
  readonly phases: readonly CpuPhase[];
  readonly current: number;
  /** Equal words are equal memory, frames and phases. */
  readonly words: Int32Array;
}

/** The parts of a running image that CPUs need. */
export interface CpuHost {
  readonly exports: Readonly<Record<string, (...parameters: (number | bigint)[]) => number>>;
  readonly memory: WasmMemory;
  readonly stackPointer: WasmGlobal;
  readonly fuel: WasmGlobal;
  readonly dataStart: number;
  /** Makes the memory that of the loaded state. Nothing of the stacks remains in use. */
  undo(): void;
}

/** States of the rewritten code, as asyncify_get_state() returns them. */
const CodeState = { unwinding: 1, rewinding: 2 } as const;

/** Address of the frames of stopped operations, between coverage marks and dirty marks. */
const FRAMES_START = 4 << 20;

/** Bytes for the frames of a CPU, the record of their limits included. */
const FRAME_BYTES = 65_536;

/** Bytes of the stack of a CPU: kernel code uses a few KiB. */
const CPU_STACK_BYTES = STACK_BYTES / 4;

/** Address of saved chunks, on their way back into the memory. */
const CHUNKS_AT = FRAMES_START + 8 * FRAME_BYTES;

const CHUNK_WORDS = CHUNK_BYTES / 4;

interface Cpu {
  readonly call: OperationCall;
  phase: CpuPhase;
  /** Of C variables whose address is taken; the frames of WebAssembly are elsewhere. */
  stackPointer: number;
}

/** The CPUs of a running image that was rewritten for stack switching. */
export class Cpus {
  readonly #host: CpuHost;
  readonly #words: Int32Array;
  readonly #isWide: boolean;
  /** Address of the list of changed chunks. */
  readonly #changed: Uint16Array;
  #cpus: readonly Cpu[] = [];
  #current = 0;
  /** The CPU that runs; undefined while none does. */
  #running: Cpu | undefined;
  #stop: CpuPhase = { kind: "ready" };

  constructor(host: CpuHost) {
    this.#host = host;
    this.#words = new Int32Array(host.memory.buffer);
    this.#isWide = typeof host.stackPointer.value === "bigint";
    this.#changed = new Uint16Array(host.memory.buffer, this.#call("dirty_list"));
  }

  /** Whether a CPU runs an operation that can stop. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get phases(): readonly CpuPhase[] {
    return this.#cpus.map(({ phase }) => phase);
  }

  /** Gives each CPU an operation, none of which has begun. The loaded state must be in memory. */
  start(calls: readonly OperationCall[]): void {
    this.#cpus = calls.map((call, cpu) => ({ call, phase: { kind: "ready" }, stackPointer: stackTop(cpu) }));
    this.#current = 0;
    this.#call("start_race", calls.length, 2 ** calls.length - 1);
  }

  /**
   * Runs a CPU until it stops or its operation ends. Exceptions of the host's functions pass through: the CPUs are
   * unusable then, until the next start() or restore().
   */
  run(number: number, { kinds, number: yieldNumber }: StopAt): CpuOutcome {
    const cpu = this.#cpus[number] as Cpu;
    const { stackPointer } = this.#host;
    stackPointer.value = this.#pointer(cpu.stackPointer);
    if (number !== this.#current) {
      this.#call("enter_cpu", number);
      this.#current = number;
    }
    this.#call("yield_at", kinds, yieldNumber);
    // A turn has the fuel of an operation, whatever other turns consumed.
    this.#host.fuel.value = MOST_ITERATIONS;
    if (cpu.phase.kind !== "ready") {
      this.#call("asyncify_start_rewind", this.#pointer(framesOf(number)));
    }
    this.#running = cpu;
    let result: number;
    try {
      result = this.#call(cpu.call.operation, ...padded(cpu.call.parameters));
    } finally {
      this.#running = undefined;
    }
    if (this.#call("asyncify_get_state") === CodeState.unwinding) {
      this.#call("asyncify_stop_unwind");
      cpu.stackPointer = Number(stackPointer.value);
      if (cpu.stackPointer < stackTop(number) - CPU_STACK_BYTES) {
        throw new BeyondBounds(`the stack of a CPU has no room for ${cpu.call.operation}`);
      }
      cpu.phase = this.#stop;
      return cpu.phase;
    }
    cpu.stackPointer = stackTop(number);
    cpu.phase = { kind: "ended" };
    return result === 0 ? { kind: "disabled" } : cpu.phase;
  }

  /** Stops the running CPU, or lets it continue if it just did. Called by functions that the image imports. */
  stopOrContinue(phase: CpuPhase): void {
    if (this.#call("asyncify_get_state") === CodeState.rewinding) {
      this.#call("asyncify_stop_rewind");
      return;
    }
    const frames = framesOf(this.#current);
    const [first, last] = [frames + 16, frames + FRAME_BYTES];
    this.#words.set(this.#isWide ? [first, 0, last, 0] : [first, last], frames / 4);
    this.#stop = phase;
    this.#call("asyncify_start_unwind", this.#pointer(frames));
  }

  /** Makes the first CPU the current one, after all operations have ended. */
  finish(): void {
    if (this.#current !== 0) {
      this.#call("enter_cpu", 0);
      this.#current = 0;
    }
  }

  /**
   * Saves the CPUs, and the memory that differs from the loaded state, but for counters of events.
   *
   * @param forgetsAttempts whether a loop that calls cond_resched() starts to count its iterations again. It then never
   *   reaches the number after which it waits, which matters unless other CPUs can run at any yield
   */
  save(forgetsAttempts: boolean): SavedCpus {
    const { dataStart, stackPointer } = this.#host;
    // Below what the CPUs use.
    stackPointer.value = this.#pointer(Math.min(...this.#cpus.map((cpu) => cpu.stackPointer)));
    this.#call("forget_counters", forgetsAttempts ? 1 : 0);
    const count = this.#call("find_dirty");
    const ranges = this.#cpus.flatMap(({ phase, stackPointer }, cpu) =>
      phase.kind === "yielded" || phase.kind === "waiting" ? this.#rangesOf(cpu, stackPointer) : [],
    );
    const length = ranges.reduce((sum, [from, to]) => sum + 1 + (to - from) / 4, 0) + count * (1 + CHUNK_WORDS);
    const saved = new Int32Array(this.#cpus.length + 1 + length);
    let at = 0;
    for (const { phase } of this.#cpus) {
      saved[at++] = phaseNumber(phase);
    }
    saved[at++] = count;
    for (let i = 0; i < count; i++) {
      const chunk = this.#changed[i] as number;
      saved[at++] = chunk;
      let from = dataStart / 4 + chunk * CHUNK_WORDS;
      // A call of set() takes longer for so few words.
      for (const end = at + CHUNK_WORDS; at < end; at++) {
        saved[at] = this.#words[from++] as number;
      }
    }
    for (const [from, to] of ranges) {
      saved[at++] = from;
      saved.set(this.#words.subarray(from / 4, to / 4), at);
      at += (to - from) / 4;
    }
    return { phases: this.phases, current: this.#current, words: saved };
  }

  /** Restores saved CPUs. The state that was loaded then must be the loaded one. */
  restore({ phases, current, words: saved }: SavedCpus): void {
    this.#host.undo();
    let at = phases.length;
    const count = saved[at++] as number;
    const chunks = saved.subarray(at, at + count * (1 + CHUNK_WORDS));
    this.#words.set(chunks, CHUNKS_AT / 4);
    this.#call("put_chunks", count, CHUNKS_AT);
    at += chunks.length;
    this.#current = current;
    this.#cpus.forEach((cpu, number) => {
      cpu.phase = phases[number] as CpuPhase;
      cpu.stackPointer = stackTop(number);
      if (cpu.phase.kind !== "yielded" && cpu.phase.kind !== "waiting") {
        return;
      }
      cpu.stackPointer = saved[at] as number;
      for (const stackEnd of [stackTop(number), undefined]) {
        const from = saved[at++] as number;
        // The first word of the frames is their end.
        const length = ((stackEnd ?? (saved[at] as number)) - from) / 4;
        this.#words.set(saved.subarray(at, at + length), from / 4);
        at += length;
      }
    });
  }

  /** Returns the addresses of the stack and the frames of a stopped CPU. */
  #rangesOf(cpu: number, stackPointer: number): readonly (readonly [from: number, to: number])[] {
    const frames = framesOf(cpu);
    return [
      [stackPointer, stackTop(cpu)],
      [frames, this.#words[frames / 4] as number],
    ];
  }

  #pointer(address: number): number | bigint {
    return this.#isWide ? BigInt(address) : address;
  }

  #call(name: string, ...parameters: (number | bigint)[]): number {
    return (this.#host.exports[name] as (...parameters: (number | bigint)[]) => number)(...parameters);
  }
}

/** The stack of the first CPU is the highest. */
function stackTop(cpu: number): number {
  return STACK_BYTES - cpu * CPU_STACK_BYTES;
}

function framesOf(cpu: number): number {
  return FRAMES_START + cpu * FRAME_BYTES;
}

function phaseNumber(phase: CpuPhase): number {
  return ["ready", "yielded", "waiting", "ended"].indexOf(phase.kind);
}

function padded([a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[]): number[] {
  return [a, b, c, d, e];
}
