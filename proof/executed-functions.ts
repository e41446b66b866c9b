/** Functions under proof that can be executed: those of the model. */
import { at } from "../explore/model/schema.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { reportingTo, type WarningName, Warnings, warningName } from "../model/kernel/warnings.ts";
import type { TrackedFolio } from "../model/state/structs.ts";
import type { OperationName } from "./operations.ts";
import type { Limits, StoredFolio } from "./tracked-state.ts";

/** A kernel assertion that failed: of the model, or a place of a tree. */
export type FailedAssertion =
  | { readonly kind: "model"; readonly name: WarningName }
  | { readonly kind: "site"; readonly file: string; readonly line: number; readonly condition: string };

/** Effects of an operation. */
export interface Outcome {
  readonly after: StoredFolio<boolean, number>;
  /** The returned mapcount; of `set`, undefined. */
  readonly result: number | undefined;
  /** The first kernel assertion that failed. */
  readonly warning: FailedAssertion | undefined;
}

/** Owner tracking that can be executed on numbers. */
export interface ExecutedFunctions {
  readonly limits: Limits;
  /** Executes an operation on a folio. @param mmId id of the MM that acts */
  readonly run: (
    operation: OperationName,
    folio: StoredFolio<boolean, number>,
    nrPages: number,
    diff: number,
    mmId: number,
  ) => Outcome;
  /** folio_maybe_mapped_shared(). */
  readonly verdict: (folio: StoredFolio<boolean, number>, nrPages: number) => boolean;
}

/** Ids of the model's MMs are small numbers, so any maximum does. */
const MODEL_ID_MAX = 2 ** 15 - 1;

/** The limits of a kernel of the model. */
export function limitsOf({ config }: Kernel): Limits {
  return { slotMax: config.mmIdMapcountMax, idMax: MODEL_ID_MAX };
}

/** The functions of a kernel of the model. */
export function modelFunctions(silent: Kernel): ExecutedFunctions {
  const warnings = new Warnings();
  const kernel = reportingTo(warnings, silent);
  return {
    limits: limitsOf(kernel),
    run: (operation, before, nrPages, diff, mmId) => {
      const folio = folioOf(before, nrPages);
      const mm = { idNumber: mmId, hasId: true, hasPinned: false };
      warnings.first = 0;
      const result = execute(kernel, operation, folio, diff, mm);
      const name = warningName(warnings.first);
      warnings.first = 0;
      return { after: storedIn(folio), result, warning: name && { kind: "model", name } };
    },
    verdict: (folio, nrPages) => kernel.folioMaybeMappedShared(folioOf(folio, nrPages)),
  };
}

type ActingMm = Parameters<Kernel["folioSetLargeMapcount"]>[2];

/** Executes an operation of a kernel on its folio. @returns the mapcount, if the function returns one */
function execute(
  kernel: Kernel,
  operation: OperationName,
  folio: TrackedFolio,
  diff: number,
  mm: ActingMm,
): number | undefined {
  switch (operation) {
    case "set":
      kernel.folioSetLargeMapcount(folio, diff, mm);
      return undefined;
    case "add":
      return kernel.folioAddReturnLargeMapcount(folio, diff, mm);
    case "sub":
      return kernel.folioSubReturnLargeMapcount(folio, diff, mm);
  }
}

function folioOf({ largeMapcount, slots, shared }: StoredFolio<boolean, number>, nrPages: number): TrackedFolio {
  return {
    nrPages,
    largeMapcount,
    mmIdsShared: shared,
    slots: slots.map(({ id, count }) => ({ mmId: id, mapcount: count })),
    pages: [],
  };
}

/** The values that a folio of the model stores. Its lock is held only while a function executes. */
export function storedIn(folio: TrackedFolio): StoredFolio<boolean, number> {
  const [slot0, slot1] = [at(folio.slots, 0), at(folio.slots, 1)];
  return {
    largeMapcount: folio.largeMapcount,
    slots: [
      { id: slot0.mmId, count: slot0.mapcount },
      { id: slot1.mmId, count: slot1.mapcount },
    ],
    shared: folio.mmIdsShared,
    locked: false,
  };
}
