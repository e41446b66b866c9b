/**
 * Functions under proof in terms: any state, and what each operation makes of it. C code and the model's functions are
 * executed to these.
 */
import type { OperationOf, Topic, Topics } from "../theory.ts";
import type { Limits } from "../tracked-state.ts";
import type { Term } from "./term.ts";

/** A state in terms. */
export type TermState<T extends Topic = "tracking"> = Topics<Term, Term>[T]["state"];

/** A step in terms. */
export type TermStep<T extends Topic = "tracking"> = Topics<Term, Term>[T]["step"] & {
  /** Number of the kernel assertion that failed; 0 for none. */
  readonly site: Term;
  /** Whether the execution is stopped: by a trap of WebAssembly, or an exception. */
  readonly trapped: Term;
};

/** The functions under proof, executed with symbols. */
export interface TermFunctions<T extends Topic = "tracking"> {
  readonly limits: Limits;
  /** Any state; assumptions about it are for the queries. */
  readonly before: TermState<T>;
  /** Order of the folio, 32 bits, and its number of pages. */
  readonly order: Term;
  readonly nrPages: Term;
  readonly steps: { readonly [operation in OperationOf<T>]: TermStep<T> };
  /** A folio that prep_compound_head() made out of any memory, and that nothing maps. */
  readonly fresh: { readonly state: TermState<T>; readonly warned: Term };
  /** folio_maybe_mapped_shared() in the state before; whether a kernel assertion fails in it. */
  readonly verdict: Term;
  readonly verdictWarned: Term;
  /** Time of the execution. */
  readonly milliseconds: number;
}
