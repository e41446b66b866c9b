/** Common part of the counting machines, which track the owners of one folio by counts. */
import type { Property } from "../explore/model/model.ts";
import type { Pair } from "../explore/model/product.ts";
import {
  type Applicability,
  allOf,
  applicable,
  needsLargeFolios,
  needsMmId,
  needsMms,
  situationOf,
  skipped,
} from "../invariants/applicability.ts";
import * as equivalence from "../invariants/equivalence.ts";
import { notChecked } from "../invariants/not-checked.ts";
import { TRACKING } from "../invariants/tracking.ts";
import * as witnesses from "../invariants/witnesses.ts";
import type { View } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import type { Warnings } from "../model/kernel/warnings.ts";
import { type AnyModel, ATOMIC, type Bounds, type MachineDefinition } from "./machine.ts";

/** Claims about owners in the counting machines. */
export const COUNTS: readonly Applicability<View>[] = [
  ...TRACKING,
  { property: witnesses.slotUnderflows, unless: allOf(needsMmId, needsMms(3), needsLargeFolios) },
];

/** Builds a counting machine. @param make builds its model, with the claims that apply */
export function countingMachine<V>(
  { name, summary, bounds: boundDefinitions }: Pick<MachineDefinition, "name" | "summary" | "bounds">,
  claims: readonly Applicability<V>[],
  make: (bounds: Bounds, kernel: Kernel, properties: readonly Property<V>[], log: Warnings | undefined) => unknown,
): MachineDefinition {
  return {
    name,
    summary,
    bounds: boundDefinitions,
    conflict: ({ pages = 0 }, config) => {
      if (!config.mmId) {
        return `machine ${name} needs mm-id: without it there is nothing to track`;
      }
      return pages - 1 > config.mmIdMapcountMax
        ? `a folio of ${pages} pages needs mm-id-mapcount-max=${pages - 1} or more`
        : undefined;
    },
    build: (bounds, kernel, _calls, log) =>
      make(bounds, kernel, applicable(claims, situationOf(bounds, kernel)), log) as AnyModel,
    equivalence: () => equivalence.TRACKING as Property<Pair<unknown>>[],
    notChecked: (bounds, kernel) => [
      ...skipped(claims, situationOf(bounds, kernel)),
      notChecked("Page tables", "this machine counts mappings and does not say which pages they map"),
      notChecked("Everything but mapping and unmapping", "see the other machines"),
      ATOMIC,
    ],
  };
}
