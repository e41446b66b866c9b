/** A compiled kernel that takes notes: which C functions ran, and where they are. For traces. */
import { type Recording, recording } from "../model/kernel/recording.ts";
import { type CompiledFunctions, placeOf } from "./compiled-functions.ts";
import type { CompiledKernel, ExtractedFunction } from "./compiled-kernel.ts";
import { MOST_CALLS, READERS } from "./driver.ts";
import { type Instance, instantiate, type Operation } from "./instance.ts";

/** The C functions that one operation ran. */
interface Noted {
  readonly operation: string;
  readonly result: number;
  readonly calls: readonly NotedCall[];
  /** Of a call that was stopped, where it was then. */
  readonly stoppedIn: NotedCall | undefined;
}

interface NotedCall {
  readonly function: ExtractedFunction;
  readonly depth: number;
}

/** A running module whose operations are noted. */
interface NotingInstance {
  readonly instance: Instance;
  /** What ran since the last time, in order. */
  readonly take: () => readonly Noted[];
}

/** Starts a module that was compiled to note its calls. */
export function instantiateNoting(kernel: CompiledKernel): NotingInstance {
  const present = notedFunctions(kernel);
  let noted: Noted[] = [];
  const instance = listening(kernel, (operation, result, log) => {
    const calls = callsIn(log, present);
    noted.push({ operation, result, calls, stoppedIn: innermost(calls, log[1] as number) });
  });
  return {
    instance: {
      ...instance,
      trap: () => {
        const where = noted.at(-1)?.stoppedIn?.function;
        return where === undefined ? instance.trap() : `${instance.trap()}, in ${placeOf(kernel.unit, where.name)}`;
      },
    },
    take: () => {
      const taken = noted;
      noted = [];
      return taken;
    },
  };
}

/** The calls in a log. C code that was stopped may have written anything there. */
function callsIn(log: Int32Array, functions: readonly ExtractedFunction[]): NotedCall[] {
  const count = Math.max(0, Math.min(log[0] as number, MOST_CALLS));
  return Array.from({ length: count }, (_, i) => 2 + 2 * i).flatMap((at) => {
    const called = functions[log[at] as number];
    return called === undefined ? [] : [{ function: called, depth: log[at + 1] as number }];
  });
}

/** The last call that is not over, of so many that are inside of each other, as far as it was noted. */
function innermost(calls: readonly NotedCall[], active: number): NotedCall | undefined {
  const found = calls.findLast(({ depth }) => depth === active - 1);
  // Later calls were not noted: only the outermost is certain.
  return calls.length === MOST_CALLS && active > 1 ? undefined : found;
}

/** A recording that also tells what was only asked. */
interface NotingRecording extends Recording {
  /** The C functions that only look, since the last time: each with what it said and called, once. */
  asked(): string[];
}

/** In the order of their positions in the log of calls. */
function notedFunctions({ unit }: CompiledKernel): readonly ExtractedFunction[] {
  return unit.functions.filter(({ status }) => status !== "missing");
}

/** Starts a module, and has somebody hear of the calls of each operation. */
function listening(
  kernel: CompiledKernel,
  hear: (operation: string, result: number, log: Int32Array) => void,
): Instance {
  const started = instantiate(kernel);
  const { callLog } = started;
  if (callLog === undefined) {
    throw new Error("the module was not compiled to note its calls");
  }
  const wrap =
    (operation: string, run: Operation): Operation =>
    (...parameters) => {
      const result = run(...parameters);
      hear(operation, result, callLog);
      callLog.fill(0, 0, 2);
      return result;
    };
  const wrapped = (operations: Readonly<Record<string, Operation>>): Record<string, Operation> =>
    Object.fromEntries(Object.entries(operations).map(([name, run]) => [name, wrap(name, run)]));
  return { ...started, operations: wrapped(started.operations), answers: wrapped(started.answers) };
}

/** The kernel of these functions, telling the C functions that ran below each call of the model's. */
export function notingRecording({ kernel }: CompiledFunctions, noting: NotingInstance): NotingRecording {
  const notes = recording(kernel);
  return {
    kernel: notes.kernel,
    take: () => {
      const operations = [...noting.take()].filter(({ operation }) => !READERS.includes(operation));
      const lines = notes.take().flatMap((line) => {
        const family = familyOf(/^\s*(\w+)\(/.exec(line)?.[1] ?? "");
        const at = operations.findIndex(({ operation }) => familyOf(operation) === family);
        if (at < 0) {
          return [line];
        }
        const [found] = operations.splice(at, 1);
        const indent = line.length - line.trimStart().length + 2;
        return [line, ...linesOf(found as Noted, indent)];
      });
      // What the model has no name for, or does not tell: the checks of a folio that is freed, say.
      return [...lines, ...operations.flatMap((each) => linesOf(each, 0))];
    },
    asked: () => {
      const readers = noting.take().filter(({ operation }) => READERS.includes(operation));
      const told = readers.map((each) => linesOf(each, 0, ` = ${each.result}`));
      return [...new Map(told.map((lines) => [lines.join("\n"), lines])).values()].flat();
    },
  };
}

/** `__folio_try_share_anon_rmap` and `folio_try_share_anon_rmap_pte` are one function to the model. */
function familyOf(name: string): string {
  return name.replace(/^_+/, "").replace(/_(?:pte|ptes|pmd)$/, "");
}

/** @param result what to say of the outermost function's result */
function linesOf({ calls, stoppedIn }: Noted, indent: number, result = ""): string[] {
  return calls.map((call) => {
    const {
      function: { name, file, line },
      depth,
    } = call;
    const stopped = call === stoppedIn ? " (stopped here)" : "";
    return `${" ".repeat(indent + 2 * depth)}C ${name}()${depth === 0 ? result : ""} ${file}:${line}${stopped}`;
  });
}
