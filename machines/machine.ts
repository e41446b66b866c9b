/** Definition of a machine: its bounds, and its model with the properties that apply. */

import type { Model, Property } from "../explore/model/model.ts";
import type { Pair } from "../explore/model/product.ts";
import type { Bounds } from "../invariants/applicability.ts";
import { type NotChecked, notChecked } from "../invariants/not-checked.ts";
import type { KernelConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import type { Warnings } from "../model/kernel/warnings.ts";
import type { OperationSignature, RaceCalls } from "../model/race/race-calls.ts";

export type { Bounds } from "../invariants/applicability.ts";

/** Bound of a machine. */
export interface BoundDefinition {
  readonly name: string;
  readonly description: string;
  readonly values: readonly number[];
  readonly default: number;
}

/** Model with any types. */
export type AnyModel = Model<unknown, unknown, unknown>;

/** Machine that can be selected by name. */
export interface MachineDefinition {
  readonly name: string;
  readonly summary: string;
  readonly bounds: readonly BoundDefinition[];
  /** Returns the reason why bounds that are each within their range are invalid; undefined if they are valid. */
  readonly conflict: (bounds: Bounds, config: KernelConfig) => string | undefined;
  /**
   * Builds the model for given bounds and a kernel, with every property that applies.
   *
   * @param calls fixed calls of the race machine; if absent, CPUs execute any calls
   * @param log log of warnings; a new one by default
   */
  readonly build: (bounds: Bounds, kernel: Kernel, calls?: RaceCalls, log?: Warnings) => AnyModel;
  /** Support of fixed calls of CPUs; absent for machines without CPUs. */
  readonly calls?: {
    /** Returns the operations that CPUs can execute. */
    readonly signatures: (bounds: Bounds, kernel: Kernel) => readonly OperationSignature[];
    /** Returns the reason why CPUs cannot execute the calls, as a main clause; undefined if they can. */
    readonly conflict: (bounds: Bounds, kernel: Kernel, calls: RaceCalls) => string | undefined;
  };
  /** Describes the interleaving of steps, in sentences; absent if every step is a whole operation. */
  readonly interleaving?: (bounds: Bounds, calls?: RaceCalls) => readonly string[];
  /** Returns the properties of equivalence of two kernels in lockstep. */
  readonly equivalence: (bounds: Bounds, kernels: Pair<Kernel>) => readonly Property<Pair<unknown>>[];
  /** Returns the items that a run at these bounds does not check. */
  readonly notChecked: (bounds: Bounds, kernel: Kernel) => NotChecked[];
}

/** Returns the integers of a range, both ends included. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/**
 * Returns the reason why no PMD can map a folio of this size; undefined if one can.
 *
 * @source include/linux/mm.h, folio_entire_mapcount(): on 32-bit a folio of order 1 has none
 */
export function pmdConflict({ pages, pmd = 0 }: Bounds, { is64Bit }: KernelConfig): string | undefined {
  return pmd > 0 && pages === 2 && !is64Bit
    ? "on 32-bit a folio of 2 pages has no entire mapcount, and no PMD maps it: want pages 4 or more, or pmd 0"
    : undefined;
}

/** Item that machines with atomic operations do not check. */
export const ATOMIC: NotChecked = notChecked(
  "Interleavings",
  "every operation is atomic here; machine race interleaves them",
);
