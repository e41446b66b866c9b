/** Builds properties that say the same of every folio of a state. */

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

/** The part of a view that these properties need. */
export interface FoliosView<T extends FolioTruth> {
  readonly kernel: Kernel;
  readonly folios: readonly T[];
}

type OfFolio<T> = (truth: DeepReadonly<T>, kernel: Kernel) => boolean;

/** A property that every folio must have where `when` is true of it. */
export function everyFolio<T extends FolioTruth>(
  property: PropertyText & {
    readonly when?: OfFolio<T>;
    readonly holds: OfFolio<T>;
    /** The faults of a folio that violates it; their place in it is enough. */
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
 * The loop over the folios, generated so that each property has one of its own: functions made by one closure
 * expression share what V8 learns about them, and then it can inline neither condition. This is the checker's hot path.
 */
function loopOver<T extends FolioTruth>(
  when: OfFolio<T> | undefined,
  holds: OfFolio<T>,
): (view: DeepReadonly<FoliosView<T>>) => boolean | undefined {
  const source = `
    const when = givenWhen, holds = givenHolds;
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
  return new Function("givenWhen", "givenHolds", source)(when, holds);
}

/** A property that some folio must have in some reachable state. */
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

/** Something that must happen to some folio in some step. */
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
