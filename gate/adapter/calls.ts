/** Types of the calls from functions of the model's Kernel to the C functions that replace them. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { Folio, KernelState, MmStruct, NodeStats, TrackedFolio } from "../../model/state/structs.ts";
import { MM_PINNED, MM_WITHOUT_ID } from "../harness/harness.ts";
import type { Operation } from "./instance.ts";

/** A C function whose result is an R in the model. */
export interface CFunction<R> {
  readonly code: number;
  readonly run: Operation;
  readonly decode: Decode<R>;
  /** Number of its result in the query cache; −1 for a function that is not read-only. */
  readonly queryNumber: number;
  /** Whether it is not called, because a difference from the model is known. */
  readonly isLeftOut: boolean;
}

/** Converts a value returned by C code to the model's type. */
export type Decode<R> = (returned: number) => R;

export const nothing: Decode<void> = () => undefined;
export const itself: Decode<number> = (returned) => returned;
export const isTrue: Decode<boolean> = (returned) => returned !== 0;
/** Converts an error code: 0 is true. */
export const succeeds: Decode<boolean> = (returned) => returned === 0;

/** Returns the C function with a name; undefined if the tree or the configuration does not have it. */
export type CFunctionOf = <R>(name: string, decode: Decode<R>) => CFunction<R> | undefined;

/**
 * Calls a C function on a folio, with at most four arguments.
 *
 * @param stats the statistics that it may change
 * @param model the model's function that the C function replaces
 * @param swapArea the model with the folio's swap slots, if the call can remove the folio from the swap cache
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
  swapArea?: KernelState,
) => R;

/** Queries a read-only C function about a folio, or about one page of it. */
export type Query<F extends TrackedFolio> = <R>(called: CFunction<R>, folio: F, page?: number) => R;

/** The ways to call C code, for the Kernel functions that it replaces. */
export interface Calls {
  readonly base: Kernel;
  /** Whether the C code runs without the model. */
  readonly isAlone: boolean;
  /** Encodes an MM as an argument. */
  readonly argumentOf: (mm: MmStruct) => number;
  readonly operation: CFunctionOf;
  /** As `operation`, for read-only functions. */
  readonly queryFunction: CFunctionOf;
  readonly call: Call<Folio>;
  readonly callTracked: Call<TrackedFolio>;
  readonly query: Query<Folio>;
  /** Returns the result of a function without its effects on the folio. */
  readonly preview: <R>(called: CFunction<R>, folio: Folio, a: number, b: number) => R;
  readonly queryTracked: Query<TrackedFolio>;
  /**
   * Frees a folio; its fields are not read afterwards.
   *
   * @param damage damage of one of its struct pages: a value of PageDamage
   * @param page number of that struct page, from 0
   */
  readonly free: (called: CFunction<boolean>, folio: Folio, model: () => void, damage: number, page: number) => void;
}

/** Encodes an MM as an argument: its id number, with MM_PINNED and MM_WITHOUT_ID as flags. */
export function argumentOf(mm: MmStruct): number {
  return mm.idNumber | (mm.hasPinned ? MM_PINNED : 0) | (mm.hasId ? 0 : MM_WITHOUT_ID);
}
