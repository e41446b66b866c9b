/** The C functions of a tree in terms: the compiled code is executed on symbols, once for each operation. */
import { type Call, OPERATIONS, type OperationName, truthAfter } from "../operations.ts";
import { SymbolicInstance } from "../symbolic/execute.ts";
import { forgetTerms, type Term, variable, zeroExtend } from "../symbolic/term.ts";
import type { TermFunctions, TermState, TermStep } from "../symbolic/term-functions.ts";
import { TERMS } from "../symbolic/terms-logic.ts";
import { anyTruth, asInteger, int, isNotZero, pagesOf, SYMBOLS, unmappedTruth } from "../symbolic/tracked-terms.ts";
import type { Limits, StoredFolio } from "../tracked-state.ts";
import type { Reader } from "./harness.ts";
import type { ProofModule } from "./proof-module.ts";
import { change, constantOf, read } from "./symbolic-calls.ts";

/**
 * Executes the functions. Terms of an earlier execution must not be used any more.
 *
 * @throws NotExecutable when one of them does what cannot be executed with symbols
 */
export function compiledTerms({ decoded }: ProofModule): TermFunctions {
  const started = performance.now();
  forgetTerms();
  const empty = new SymbolicInstance(decoded);
  const limits: Limits = { slotMax: constantOf(empty, "count_max"), idMax: constantOf(empty, "id_max") };
  const order = int(SYMBOLS.order);
  const loaded = loadedFolio(empty, order);
  const stored = storedIn(loaded);
  const actorId = int(SYMBOLS.actorId);
  const before: TermState = { ...stored, ...anyTruth(stored, asInteger(actorId)) };
  const nrPages = pagesOf(order);
  const diff = int(SYMBOLS.diff);
  const stepOf = (operation: OperationName): TermStep => {
    const instance = loaded.clone();
    const returned = change(instance, operation, diff, int(SYMBOLS.pages), actorId);
    const call: Call<Term, Term> = { operation, before, diff: asInteger(diff), nrPages };
    const site = read(instance, "warning");
    return {
      ...call,
      after: { ...storedIn(instance), ...truthAfter(TERMS, call, limits) },
      result: operation === "set" ? undefined : asInteger(returned as Term),
      warned: isNotZero(site),
      site,
      trapped: instance.trapped,
    };
  };
  const made = empty.clone();
  change(made, "fresh", order);
  const asked = loaded.clone();
  const verdict = isNotZero(read(asked, "verdict"));
  const [set, add, sub] = OPERATIONS.map(stepOf) as [TermStep, TermStep, TermStep];
  return {
    limits,
    before,
    order,
    nrPages,
    steps: { set, add, sub },
    fresh: { state: { ...storedIn(made), ...unmappedTruth() }, warned: isNotZero(read(made, "warning")) },
    verdict,
    verdictWarned: isNotZero(read(asked, "warning")),
    milliseconds: performance.now() - started,
  };
}

/** The module after any values of owner tracking were written to the folio. */
export function loadedFolio(empty: SymbolicInstance, order: Term): SymbolicInstance {
  const loaded = empty.clone();
  const { largeMapcount, id0, id1, count0, count1, shared, locked } = SYMBOLS;
  change(loaded, "load", order, ...[largeMapcount, id0, id1, count0, count1].map(int), bit(shared), bit(locked));
  return loaded;
}

/** A flag as an int of C. */
export function bit(name: string): Term {
  return zeroExtend(variable(name, 1), 32);
}

/** The values of owner tracking that the folio stores. */
export function storedIn(instance: SymbolicInstance): StoredFolio<Term, Term> {
  const value = (name: Reader): Term => asInteger(read(instance, name));
  return {
    largeMapcount: value("large_mapcount"),
    slots: [
      { id: value("id_0"), count: value("count_0") },
      { id: value("id_1"), count: value("count_1") },
    ],
    shared: isNotZero(read(instance, "shared")),
    locked: isNotZero(read(instance, "locked")),
  };
}
