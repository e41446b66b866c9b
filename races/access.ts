/**
 * Accesses of threads to shared memory, one at a time. A thread is a deterministic function of the values that its
 * accesses return; between two accesses it touches no memory that is visible to other threads.
 */

/** Ordering of an access. `full`: like smp_mb() before and after, as for value-returning atomics. */
export type Order = "relaxed" | "acquire" | "release" | "full";

/**
 * Kind of an access. An await (`lock` is one) is enabled only if its condition holds. An `rmw` with a condition takes a
 * lock that threads also try to take; the reductions treat such a lock as protecting nothing.
 */
export type AccessKind = "load" | "store" | "rmw" | "lock" | "unlock" | "await" | "fence";

/** Memory as seen by the CPU that performs an access. */
export interface Memory {
  /** @param cell index of a cell: the smallest unit of shared memory */
  read(cell: number): number;
  write(cell: number, value: number): void;
}

/** A line of a C file, from 1. */
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
   * Name of the accessed C object, such as `folio->_mm_ids`: accesses conflict if they share a cell or this name.
   */
  readonly object: string;
  /**
   * READ_ONCE(), WRITE_ONCE(), atomics, bit operations and locks. Otherwise plain: plain accesses can be in a data
   * race.
   */
  readonly marked: boolean;
  readonly order: Order;
  /** Whether it is an addition whose result the thread does not receive: such accesses to one cell commute. */
  readonly isVoidAdd?: boolean;
  /** The access as text: `load _large_mapcount`, `set_bit(PG_partially_mapped)`. */
  readonly text: string;
  /** File and line of the C code, if known. */
  readonly place?: AccessPlace;
  /**
   * Reads and writes the cells. For an await: called only if it is enabled.
   *
   * @returns the value for the thread, a 32-bit integer, reduced to the bits that the thread uses: 0 for a store
   */
  readonly perform: (memory: Memory) => number;
  /** For an await: whether it can be performed now. */
  readonly enabled?: (memory: Memory) => boolean;
}

/** The interface of threads to shared memory. */
export interface Port {
  /**
   * Performs an access.
   *
   * @returns the result of `perform`. Throws if the thread must stop before this access; the thread must not catch that
   */
  access(access: Access): number;
  /** A function begins. Values that it reads before `leave` may influence its caller through its result only. */
  enter(name: string): void;
  /** The function ends. @param result its result, with any other influence on its caller, as one value */
  leave(result: number | string): void;
}

/** Indices of cells by path, such as `folios[0].largeMapcount` or `mms[0].vmas[0].ptes[1].folio`. */
export interface CellIndex {
  /** @throws RangeError for an unknown path */
  cell(path: string): number;
}
