/**
 * Accesses of threads to shared memory, one at a time. A thread is a deterministic function of the values that its
 * accesses return; between two accesses it touches nothing that another thread can see.
 */

/** How an access is ordered against others. `full`: as smp_mb() before and after, which value-returning atomics are. */
export type Order = "relaxed" | "acquire" | "release" | "full";

/**
 * Kind of an access. An await (`lock` is one) is enabled only where its condition holds. An `rmw` with a condition takes a lock
 * that threads also try to take: such a lock protects nothing as far as the reductions know.
 */
export type AccessKind = "load" | "store" | "rmw" | "lock" | "unlock" | "await" | "fence";

/** Memory as the CPU sees it that performs an access. */
export interface Memory {
  /** @param cell index of a cell: the smallest unit of shared memory */
  read(cell: number): number;
  write(cell: number, value: number): void;
}

/** A line of a file of C code, from 1. */
export interface AccessPlace {
  readonly file: string;
  readonly line: number;
}

/** One access. */
export interface Access {
  readonly kind: AccessKind;
  /** Cells that it reads or writes; empty for a fence. */
  readonly cells: readonly number[];
  /**
   * Name of the C object that it accesses, such as `folio->_mm_ids`: accesses conflict when they have a cell or this name in
   * common.
   */
  readonly object: string;
  /** READ_ONCE(), WRITE_ONCE(), atomics, bit operations and locks. Plain otherwise: two that conflict are a data race. */
  readonly marked: boolean;
  readonly order: Order;
  /** Whether it is an addition whose result the thread does not get: such accesses to one cell commute. */
  readonly isVoidAdd?: boolean;
  /** The access as text: `load _large_mapcount`, `set_bit(PG_partially_mapped)`. */
  readonly text: string;
  /** File and line of C code, where they are known. */
  readonly place?: AccessPlace;
  /**
   * Reads and writes the cells. Of an await: performed only where it is enabled.
   *
   * @returns the value that the thread gets, a 32-bit integer, and no more of it than the thread uses: 0 for a store
   */
  readonly perform: (memory: Memory) => number;
  /** Of an await: whether it can be performed now. */
  readonly enabled?: (memory: Memory) => boolean;
}

/** Interface that threads call. */
export interface Port {
  /**
   * Performs an access.
   *
   * @returns what `perform` returned. Does not return when the thread is to stop before this access: it throws, and the
   *   thread lets that pass
   */
  access(access: Access): number;
  /** A function begins. Nothing that it reads before `leave` can influence its caller but by its result. */
  enter(name: string): void;
  /** The function ends. @param result its result, and everything else by which it may influence its caller, as one value */
  leave(result: number | string): void;
}

/** Indices of cells by path, such as `folios[0].largeMapcount` or `mms[0].vmas[0].ptes[1].folio`. */
export interface CellIndex {
  /** @throws RangeError when there is no such cell */
  cell(path: string): number;
}
