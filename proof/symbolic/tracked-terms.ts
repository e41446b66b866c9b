/** States and steps of the C functions as terms: the compiled code is executed on symbols, once for each operation. */
import { type Changer, exportedName, type Reader } from "../c/harness.ts";
import type { ProofModule } from "../c/proof-module.ts";
import { type Call, OPERATIONS, type OperationName, type Step, truthAfter } from "../operations.ts";
import type { Limits, StoredFolio, TrackedState, Truth } from "../tracked-state.ts";
import { SymbolicInstance } from "./execute.ts";
import { constant, equal, forgetTerms, not, shiftLeft, signExtend, type Term, variable, zeroExtend } from "./term.ts";
import { INTEGER_BITS, TERMS } from "./terms-logic.ts";
import { NotExecutable } from "./wasm-module.ts";

/** A state in terms. */
export type TermState = TrackedState<Term, Term>;

/** A step in terms. */
export interface TermStep extends Step<Term, Term> {
  /** Number of the kernel assertion that failed; 0 for none. */
  readonly site: Term;
  /** Whether the execution is stopped by WebAssembly. */
  readonly trapped: Term;
}

/** What the C functions make of symbols. */
export interface TermFunctions {
  readonly limits: Limits;
  /** Any state; assumptions about it are for the queries. */
  readonly before: TermState;
  /** Order of the folio, 32 bits, and its number of pages. */
  readonly order: Term;
  readonly nrPages: Term;
  readonly steps: { readonly [operation in OperationName]: TermStep };
  /** The values of a folio that prep_compound_head() made out of any memory. */
  readonly fresh: StoredFolio<Term, Term> & { readonly warned: Term };
  /** folio_maybe_mapped_shared() in the state before; whether a kernel assertion fails in it. */
  readonly verdict: Term;
  readonly verdictWarned: Term;
  /** Time of the execution. */
  readonly milliseconds: number;
}

/** The names of the symbols. */
export const SYMBOLS = {
  order: "order",
  largeMapcount: "large_mapcount",
  id0: "mm_id[0]",
  id1: "mm_id[1]",
  count0: "mm_id_mapcount[0]",
  count1: "mm_id_mapcount[1]",
  shared: "shared",
  locked: "locked",
  diff: "diff",
  pages: "pages of the diff",
  actorId: "mm_id of the actor",
  mappings: "T",
  ofOwner0: "m(owner of slot 0)",
  ofOwner1: "m(owner of slot 1)",
  ofActor: "m(actor)",
  ofOthers: "m(others)",
  some: "others map it",
  many: "two others map it",
  exact: "premise of C2",
} as const;

const int = (name: string): Term => variable(name, 32);
const integer = (name: string): Term => variable(name, INTEGER_BITS);
const condition = (name: string): Term => variable(name, 0);

/**
 * Executes the functions. Terms of an earlier execution must not be used any more.
 *
 * @throws NotExecutable when one of them does what cannot be executed with symbols
 */
export function termFunctions({ decoded }: ProofModule): TermFunctions {
  const started = performance.now();
  forgetTerms();
  const empty = new SymbolicInstance(decoded);
  const number = (reader: Reader): number => {
    const value = read(empty, reader);
    if (value.op !== "const") {
      throw new NotExecutable(`the limit ${reader}, which is no constant`);
    }
    return Number(value.value);
  };
  const limits: Limits = { slotMax: number("count_max"), idMax: number("id_max") };
  const loaded = empty.clone();
  const order = int(SYMBOLS.order);
  const { largeMapcount, id0, id1, count0, count1 } = SYMBOLS;
  const bit = (name: string): Term => zeroExtend(variable(name, 1), 32);
  change(
    loaded,
    "load",
    order,
    ...[largeMapcount, id0, id1, count0, count1].map(int),
    bit(SYMBOLS.shared),
    bit(SYMBOLS.locked),
  );
  const stored = storedIn(loaded);
  const actorId = int(SYMBOLS.actorId);
  const before: TermState = { ...stored, ...truth(stored, asInteger(actorId)) };
  const nrPages = asInteger(shiftLeft(constant(1, 32), order));
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
    fresh: { ...storedIn(made), warned: isNotZero(read(made, "warning")) },
    verdict,
    verdictWarned: isNotZero(read(asked, "warning")),
    milliseconds: performance.now() - started,
  };
}

function change(instance: SymbolicInstance, name: Changer, ...parameters: readonly Term[]): Term | undefined {
  return instance.call(exportedName(name), parameters);
}

function read(instance: SymbolicInstance, name: Reader): Term {
  return instance.call(exportedName(name), []) as Term;
}

/** An int of C as an integer of the logic. */
function asInteger(term: Term): Term {
  return signExtend(term, INTEGER_BITS);
}

function isNotZero(term: Term): Term {
  return not(equal(term, constant(0, term.width)));
}

function storedIn(instance: SymbolicInstance): StoredFolio<Term, Term> {
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

/** Any truth. */
function truth({ slots: [slot0, slot1] }: StoredFolio<Term, Term>, actor: Term): Truth<Term, Term> {
  return {
    mappings: integer(SYMBOLS.mappings),
    mms: [
      { id: slot0.id, mappings: integer(SYMBOLS.ofOwner0) },
      { id: slot1.id, mappings: integer(SYMBOLS.ofOwner1) },
      { id: actor, mappings: integer(SYMBOLS.ofActor) },
    ],
    others: {
      mappings: integer(SYMBOLS.ofOthers),
      some: condition(SYMBOLS.some),
      many: condition(SYMBOLS.many),
    },
    exact: condition(SYMBOLS.exact),
  };
}
