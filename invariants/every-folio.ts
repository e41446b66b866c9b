/** Builders of properties that quantify over the folios of a state. */

import {
  always,
  type DeepReadonly,
  type Property,
  type PropertyText,
  sometimes,
  sometimesStep,
} from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { FolioTruth } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { type Fault, ofEach } from "./fault.ts";

/** Part of a view that these properties read. */
export interface FoliosView<T extends FolioTruth> {
  readonly kernel: Kernel;
  readonly folios: readonly T[];
}

type OfFolio<T> = (truth: DeepReadonly<T>, kernel: Kernel) => boolean;

/** Builds a property that holds if `holds` is true of every folio for which `when` is; vacuous if there is none. */
export function everyFolio<T extends FolioTruth>(
  property: PropertyText & {
    readonly when?: OfFolio<T>;
    readonly holds: OfFolio<T>;
    /** Returns the faults of a folio that violates the property, with places relative to the folio. */
    readonly faults: (truth: DeepReadonly<T>, kernel: Kernel) => readonly Fault[];
  },
): Property<FoliosView<T>> {
  const { id, claim, source, when, holds, faults } = property;
  return always<FoliosView<T>>({
    id,
    claim,
    source,
    holds: loopOver(when, holds),
    faults: ({ folios, kernel }) =>
      ofEach(folios as DeepReadonly<readonly T[]>, (truth, folio) =>
        when?.(truth, kernel) === false || holds(truth, kernel)
          ? []
          : faults(truth, kernel).map((each) => ({ folio, ...each })),
      ),
  });
}

/**
 * Generates the loop over the folios as separate code for each property: closures of one function expression share
 * their type feedback in V8, which then inlines neither condition. This is the hot path of the checker.
 */
function loopOver<T extends FolioTruth>(
  when: OfFolio<T> | undefined,
  holds: OfFolio<T>,
): (view: DeepReadonly<FoliosView<T>>) => boolean | undefined {
  const source = `
    const when = whenArgument, holds = holdsArgument;
    return ({ folios, kernel }) => {
      let nonVacuous = false;
      for (let f = 0; f < folios.length; f++) {
        const truth = folios[f];
        ${when === undefined ? "" : "if (!when(truth, kernel)) continue;"}
        nonVacuous = true;
        if (!holds(truth, kernel)) return false;
      }
      return nonVacuous ? true : undefined;
    };`;
  return new Function("whenArgument", "holdsArgument", source)(when, holds);
}

/** Builds a property that is reached if `reached` is true of some folio in some reachable state. */
export function someFolio<T extends FolioTruth>(
  property: PropertyText & { readonly reached: OfFolio<T> },
): Property<FoliosView<T>> {
  const { id, claim, source, reached } = property;
  return sometimes({
    id,
    claim,
    source,
    reached: ({ folios, kernel }) => {
      for (let f = 0; f < folios.length; f++) {
        if (reached(at(folios, f), kernel)) {
          return true;
        }
      }
      return false;
    },
  });
}

/** Builds a property that is reached if `reached` is true of some folio in some step. */
export function someFolioStep<T extends FolioTruth>(
  property: PropertyText & { readonly reached: (before: DeepReadonly<T>, after: DeepReadonly<T>) => boolean },
): Property<FoliosView<T>> {
  const { id, claim, source, reached } = property;
  return sometimesStep({
    id,
    claim,
    source,
    reached: (before, after) => {
      const { folios } = before;
      for (let f = 0; f < folios.length; f++) {
        if (reached(at(folios, f), at(after.folios, f))) {
          return true;
        }
      }
      return false;
    },
  });
}
