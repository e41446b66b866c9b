/** How functions of the model call those of the C code that stand in their places. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { Folio, Machine, MmStruct, NodeStats, TrackedFolio } from "../../model/state/structs.ts";
import { MM_PINNED, MM_WITHOUT_ID } from "../harness/harness.ts";
import type { Operation } from "./instance.ts";

/** A C function that answers with an R. */
export interface CFunction<R> {
  readonly code: number;
  readonly run: Operation;
  readonly says: Says<R>;
  /** Number of its answer, when it only looks. */
  readonly answer: number;
  /** Whether it is known to do something else than the model, and not called. */
  readonly isLeftOut: boolean;
}

/** What a value that C code returned means to the model. */
export type Says<R> = (returned: number) => R;

export const nothing: Says<void> = () => undefined;
export const itself: Says<number> = (returned) => returned;
export const isTrue: Says<boolean> = (returned) => returned !== 0;
/** Of an error code. */
export const succeeds: Says<boolean> = (returned) => returned === 0;

/** The C function of this name; undefined when the tree or the configuration does not have it. */
export type CFunctionOf = <R>(name: string, says: Says<R>) => CFunction<R> | undefined;

/**
 * Calls a C function on a folio, with at most four arguments.
 *
 * @param stats the statistics that it may change
 * @param model what the model does in its place
 * @param swapArea where the folio's swap slots are, when the call can take it out of the swap cache
 */
export type Call<F extends TrackedFolio> = <R>(
  called: CFunction<R>,
  stats: NodeStats | undefined,
  folio: F,
  model: () => R,
  a?: number,
  b?: number,
  c?: number,
  d?: number,
  swapArea?: Machine,
) => R;

/** Asks a C function that only looks, perhaps about a page. */
export type Ask<F extends TrackedFolio> = <R>(called: CFunction<R>, folio: F, page?: number) => R;

/** The ways to call C code, for the functions in the places of which it stands. */
export interface Calls {
  readonly base: Kernel;
  /** Whether C code alone is the kernel. */
  readonly isAlone: boolean;
  /** An MM as an argument. */
  readonly argumentOf: (mm: MmStruct) => number;
  readonly operation: CFunctionOf;
  /** The same for those that only look. */
  readonly answer: CFunctionOf;
  readonly call: Call<Folio>;
  readonly callTracked: Call<TrackedFolio>;
  readonly ask: Ask<Folio>;
  /** What a function would return, without what it would change. */
  readonly askBefore: <R>(called: CFunction<R>, folio: Folio, a: number, b: number) => R;
  readonly askTracked: Ask<TrackedFolio>;
  /**
   * Frees a folio, whose fields nobody looks at afterwards.
   *
   * @param damage what is wrong with one of its struct pages: one of PageDamage
   * @param page that one, from 0
   */
  readonly free: (called: CFunction<boolean>, folio: Folio, model: () => void, damage: number, page: number) => void;
}

/** An MM as an argument. */
export function argumentOf(mm: MmStruct): number {
  return mm.idNumber | (mm.hasPinned ? MM_PINNED : 0) | (mm.hasId ? 0 : MM_WITHOUT_ID);
}
