/** A compiled kernel that takes notes: which C functions ran, and where they are. For traces. */
import { type Recording, recording } from "../model/kernel/recording.ts";
import type { CompiledFunctions } from "./compiled-functions.ts";
import type { CompiledKernel, ExtractedFunction } from "./compiled-kernel.ts";
import { type Instance, instantiate, type Operation } from "./instance.ts";

/** The C functions that one operation ran. */
interface Noted {
  readonly operation: string;
  readonly result: number;
  readonly calls: readonly { readonly function: ExtractedFunction; readonly depth: number }[];
}

/** A running module whose operations are noted. */
export interface NotingInstance {
  readonly instance: Instance;
  /** What ran since the last time, in order. */
  readonly take: () => readonly Noted[];
  /** Names of every C function that ever ran. */
  readonly reached: ReadonlySet<string>;
}

/** Starts a module that was compiled to note its calls. */
export function instantiateNoting(kernel: CompiledKernel): NotingInstance {
  const started = instantiate(kernel);
  const present = kernel.unit.functions.filter(({ status }) => status !== "missing");
  const reached = new Set<string>();
  let noted: Noted[] = [];
  const wrap =
    (operation: string, run: Operation): Operation =>
    (...parameters) => {
      const result = run(...parameters);
      const calls = started.takeCalls().flatMap(({ position, depth }) => {
        const found = present[position];
        return found === undefined ? [] : [{ function: found, depth }];
      });
      for (const { function: called } of calls) {
        reached.add(called.name);
      }
      noted.push({ operation, result, calls });
      return result;
    };
  const operations = Object.fromEntries(
    Object.entries(started.operations).map(([name, run]) => [name, wrap(name, run)]),
  );
  return {
    instance: { ...started, operations },
    take: () => {
      const taken = noted;
      noted = [];
      return taken;
    },
    reached,
  };
}

/** A recording that also tells what was only asked. */
export interface NotingRecording extends Recording {
  /** The C functions that only look, since the last time: each with what it said and called, once. */
  asked(): string[];
}

/** The kernel of these functions, telling the C functions that ran below each call of the model's. */
export function notingRecording({ kernel }: CompiledFunctions, noting: NotingInstance): NotingRecording {
  const notes = recording(kernel);
  return {
    kernel: notes.kernel,
    take: () => {
      const operations = [...noting.take()].filter(({ operation }) => !isReader(operation));
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
      const readers = noting.take().filter(({ operation }) => isReader(operation));
      const told = readers.map((each) => linesOf(each, 0, ` = ${each.result}`));
      return [...new Map(told.map((lines) => [lines.join("\n"), lines])).values()].flat();
    },
  };
}

/** `__folio_try_share_anon_rmap` and `folio_try_share_anon_rmap_pte` are one function to the model. */
function familyOf(name: string): string {
  return name.replace(/^_+/, "").replace(/_(?:pte|ptes|pmd)$/, "");
}

function isReader(operation: string): boolean {
  return /mapcount$|mapped_shared$|ref_count$/.test(operation) && !/_large_mapcount$/.test(operation);
}

/** @param result what to say of the outermost function's result */
function linesOf({ calls }: Noted, indent: number, result = ""): string[] {
  return calls.map(
    ({ function: { name, file, line }, depth }) =>
      `${" ".repeat(indent + 2 * depth)}C ${name}()${depth === 0 ? result : ""} ${file}:${line}`,
  );
}
