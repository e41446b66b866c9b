/** What a machine is to whoever explores it: bounds, and a model with the properties that apply. */

import type { Model, Property } from "../explore/model/model.ts";
import type { Pair } from "../explore/model/product.ts";
import type { Bounds } from "../invariants/applicability.ts";
import { type NotChecked, notChecked } from "../invariants/not-checked.ts";
import type { KernelConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import type { Warnings } from "../model/kernel/warnings.ts";
import type { OperationSignature, RaceCalls } from "../model/race/race-calls.ts";

export type { Bounds } from "../invariants/applicability.ts";

/** One bound of a machine. */
export interface BoundDefinition {
  readonly name: string;
  readonly description: string;
  readonly values: readonly number[];
  readonly default: number;
}

/** A model whose types do not matter. */
export type AnyModel = Model<unknown, unknown, unknown>;

/** A machine that can be asked for by name. */
export interface MachineDefinition {
  readonly name: string;
  readonly summary: string;
  readonly bounds: readonly BoundDefinition[];
  /** What is wrong with bounds that are each within their range; undefined when nothing is. */
  readonly conflict: (bounds: Bounds, config: KernelConfig) => string | undefined;
  /**
   * The model at given bounds under a kernel, with every property that applies.
   *
   * @param calls of the race machine: what its CPUs execute; anything when absent
   * @param log where warnings go; a log of the model's own when absent
   */
  readonly build: (bounds: Bounds, kernel: Kernel, calls?: RaceCalls, log?: Warnings) => AnyModel;
  /** Fixed calls of CPUs. Absent where there are no CPUs. */
  readonly calls?: {
    /** The operations that CPUs can be asked to execute. */
    readonly signatures: (bounds: Bounds, kernel: Kernel) => readonly OperationSignature[];
    /** Why CPUs cannot execute calls, as a main clause; undefined when they can. */
    readonly conflict: (bounds: Bounds, kernel: Kernel, calls: RaceCalls) => string | undefined;
  };
  /** How steps are interleaved, in sentences. Absent where every step is a whole operation. */
  readonly interleaving?: (bounds: Bounds, calls?: RaceCalls) => readonly string[];
  /** What says that two kernels in lockstep do the same. */
  readonly equivalence: (bounds: Bounds, kernels: Pair<Kernel>) => readonly Property<Pair<unknown>>[];
  /** What a run at these bounds does not check. */
  readonly notChecked: (bounds: Bounds, kernel: Kernel) => NotChecked[];
}

/** The whole numbers of a range; both ends belong to it. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/**
 * The reason why no PMD can map a folio of so many pages; undefined where one can.
 *
 * @source include/linux/mm.h, folio_entire_mapcount(): on 32-bit a folio of order 1 has none
 */
export function pmdConflict({ pages, pmd = 0 }: Bounds, { is64Bit }: KernelConfig): string | undefined {
  return pmd > 0 && pages === 2 && !is64Bit
    ? "on 32-bit a folio of 2 pages has no entire mapcount, and no PMD maps it: want pages 4 or more, or pmd 0"
    : undefined;
}

/** Not checked on machines whose operations are atomic. */
export const ATOMIC: NotChecked = notChecked(
  "Interleavings",
  "every operation is atomic here; machine race interleaves them",
);
