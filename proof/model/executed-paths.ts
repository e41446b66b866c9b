/** Functions of a kernel of the model, executed on every path with symbols. */
import { at } from "../../explore/model/schema.ts";
import * as atomic from "../../model/kernel/atomic.ts";
import * as hugeMemory from "../../model/kernel/huge-memory.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import * as largeMapcount from "../../model/kernel/large-mapcount.ts";
import * as locks from "../../model/kernel/locks.ts";
import * as mm from "../../model/kernel/mm.ts";
import * as pageAlloc from "../../model/kernel/page-alloc.ts";
import * as rmap from "../../model/kernel/rmap.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import * as structs from "../../model/state/structs.ts";
import { NotExecutable } from "../symbolic/not-executable.ts";
import { and, choose, constant, equal, FALSE, not, or, type Term, TRUE, truth } from "../symbolic/term.ts";
import { INTEGER_BITS } from "../symbolic/terms-logic.ts";
import { isNotZero } from "../symbolic/tracked-terms.ts";
import { Interpreter, type Surroundings, Thrown } from "./interpreter.ts";
import { allPaths, type Path, type Paths } from "./paths.ts";
import { asNumber, asTruth, larger, smaller } from "./symbolic-value.ts";

/** Imports of the functions of the model. */
const SURROUNDINGS: Surroundings = {
  exported: exportsOf([mm, largeMapcount, locks, pageAlloc, structs, atomic, rmap, hugeMemory, { Warning, at, Math }]),
  natives: new Map<unknown, (...parameters: readonly unknown[]) => unknown>([
    [at, elementAt],
    [Math.min, (...numbers) => numbers.reduce(smaller)],
    [Math.max, (...numbers) => numbers.reduce(larger)],
  ]),
};

/** @throws RangeError when two modules export one name */
function exportsOf(modules: readonly object[]): ReadonlyMap<string, unknown> {
  const all = modules.flatMap((module) => Object.entries(module));
  const exported = new Map(all);
  if (exported.size < all.length) {
    throw new RangeError("cannot distinguish exports: two modules have one of the same name");
  }
  return exported;
}

/** `at()`, whose exception is one of the function that calls it. */
function elementAt(items: unknown, index: unknown): unknown {
  if (!Array.isArray(items) || typeof index !== "number") {
    throw new NotExecutable("an element whose index depends on a value");
  }
  if (items[index] === undefined) {
    throw new Thrown(`no element ${index}`);
  }
  return items[index];
}

/** The arguments of a call. They are made anew for each path, because the function stores in it. */
export interface Start<R> {
  readonly parameters: readonly unknown[];
  /** Reads the result after the function has returned a value. */
  readonly read: (value: unknown) => R;
}

type End<R> =
  /** `site` is the first kernel assertion that failed; 0 for none. */
  { readonly kind: "returned"; readonly result: R; readonly site: Term } | { readonly kind: "threw" };

/** The results of a function on all of its paths. */
export class ExecutedPaths<R> {
  readonly #paths: Paths<End<R>>;

  constructor(paths: Paths<End<R>>) {
    this.#paths = paths;
  }

  /** A term of all paths that return: chosen by their branches. @throws NotExecutable when none returns */
  chosen(termOf: (result: R) => Term): Term {
    return chosenOf(this.#paths, (end) => termOf(end.result));
  }

  /** When the function returns and a condition holds. */
  when(holds: (result: R) => Term): Term {
    return whenIn(this.#paths, (end) => (end.kind === "threw" ? FALSE : holds(end.result)));
  }

  /** The first kernel assertion that fails; 0 for none. */
  get site(): Term {
    return chosenOf(this.#paths, (end) => end.site);
  }

  /** When the function throws. */
  get threw(): Term {
    return whenIn(this.#paths, ({ kind }) => truth(kind === "threw"));
  }

  /** When the function throws, or a kernel assertion fails. */
  get failed(): Term {
    return whenIn(this.#paths, (end) => (end.kind === "threw" ? TRUE : isNotZero(end.site)));
  }
}

/**
 * Executes a function of a kernel on every path.
 *
 * @param assumed conditions: the results are those where they hold
 * @throws NotExecutable when it does what cannot be executed with symbols
 */
export function executedPaths<R>(
  kernel: Kernel,
  name: keyof Kernel,
  start: () => Start<R>,
  assumed: readonly Term[] = [],
): ExecutedPaths<R> {
  if (kernel.vmWarnOn !== mm.vmWarnOn) {
    throw new NotExecutable("a vmWarnOn() of its own");
  }
  return new ExecutedPaths(allPaths((path) => endOf(path, kernel, name, start()), assumed));
}

function endOf<R>(path: Path, kernel: Kernel, name: keyof Kernel, { parameters, read }: Start<R>): End<R> {
  let site = constant(0, INTEGER_BITS);
  // Machines collect warnings in the same way: the first one counts.
  const warn = (condition: unknown, warning: unknown): void => {
    const first = and(equal(site, constant(0, INTEGER_BITS)), truthOf(condition));
    site = choose(first, asNumber(warning).term, site);
  };
  const reporting = { ...kernel, vmWarnOn: warn };
  const natives = new Map([...SURROUNDINGS.natives, [warn, warn as (...parameters: readonly unknown[]) => unknown]]);
  const interpreter = new Interpreter({ ...SURROUNDINGS, natives }, path);
  try {
    const returned = interpreter.call(kernel[name], reporting, parameters);
    return { kind: "returned", result: read(returned), site };
  } catch (error) {
    if (error instanceof Thrown) {
      return { kind: "threw" };
    }
    throw error;
  }
}

/** @throws NotExecutable for what is no truth value */
export function truthOf(value: unknown): Term {
  const term = asTruth(value);
  if (term === undefined) {
    throw new NotExecutable("a condition that is no truth value");
  }
  return term;
}

type Returned<R> = Extract<End<R>, { readonly kind: "returned" }>;

function chosenOf<R>(paths: Paths<End<R>>, termOf: (end: Returned<R>) => Term): Term {
  const term = chosenIn(paths, termOf);
  if (term === undefined) {
    throw new NotExecutable("a function that never returns");
  }
  return term;
}

function chosenIn<R>(paths: Paths<End<R>>, termOf: (end: Returned<R>) => Term): Term | undefined {
  if (paths.kind === "end") {
    return paths.result.kind === "threw" ? undefined : termOf(paths.result);
  }
  const [one, other] = [chosenIn(paths.ifTrue, termOf), chosenIn(paths.ifFalse, termOf)];
  return one === undefined || other === undefined ? (one ?? other) : choose(paths.condition, one, other);
}

/** When a condition holds at the end of the path. */
function whenIn<R>(paths: Paths<End<R>>, holds: (end: End<R>) => Term): Term {
  if (paths.kind === "end") {
    return holds(paths.result);
  }
  const { condition } = paths;
  return or(and(condition, whenIn(paths.ifTrue, holds)), and(not(condition), whenIn(paths.ifFalse, holds)));
}
