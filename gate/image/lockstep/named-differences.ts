/** Names differences between image and model as a trace does: folios by the letters of the state. */
import type { WarningName } from "../../../model/kernel/warnings.ts";
import { letterOf } from "../world/image-picture.ts";
import { FRAMES, Frame, MMS } from "../world/world-layout.ts";
import type { ComparedValue, LockstepDifference } from "./comparison.ts";
import { at32, entryWord, headOf, PMD_PAGES } from "./decoded-world.ts";

/** Letter of a folio; null for one that no process maps. */
export type FolioLetter = string | null;

/** A value of one side: a number, flag or word, a warning of the model, or a page of a folio. */
export type LockstepValue =
  | string
  | number
  | boolean
  | { readonly warning: WarningName }
  /** No letter for a folio that the image lacks. */
  | { readonly folio?: FolioLetter; readonly page: number };

/** A field in which image and model differ after a step. */
export interface LockstepField {
  readonly place:
    | { readonly kind: "process"; readonly process: number }
    | { readonly kind: "entry"; readonly process: number; readonly page: number }
    | { readonly kind: "folio"; readonly folio: FolioLetter }
    | { readonly kind: "page"; readonly folio: FolioLetter; readonly page: number }
    | { readonly kind: "statistics" | "model" };
  readonly field: string;
  readonly model: LockstepValue;
  readonly image: LockstepValue;
}

/** A difference between image and model, as a warning of the machine. */
export interface LockstepWarning {
  readonly kind: "lockstep";
  readonly differences: readonly LockstepField[];
}

/**
 * Converts differences to names.
 *
 * @param after the state after the step, with the frames of the differences
 * @param state the same state, with the frames that determine the letters of folios
 * @param tables first pages of the page tables that operations reach
 */
export function fieldsOf(
  differences: readonly LockstepDifference[],
  after: Int32Array,
  state: Int32Array,
  tables: readonly number[],
): readonly LockstepField[] {
  const letters = folioLetters(after, state, tables);
  const letterOfFrame = (frame: number): FolioLetter => letters.get(frame) ?? null;
  return differences.map(({ place, field, model, image }) => ({
    place: namedPlace(place, letterOfFrame),
    field,
    model: namedValue(model, letterOfFrame),
    image: namedValue(image, letterOfFrame),
  }));
}

/** Returns the letters of mapped folios by their first frame in `after`. The entries relate both states. */
function folioLetters(after: Int32Array, shown: Int32Array, tables: readonly number[]): ReadonlyMap<number, string> {
  const letters = new Map<number, string>();
  for (let frame = 0; frame < FRAMES; frame++) {
    if (at32(shown, frame * Frame.words + Frame.head) === frame) {
      letters.set(frame, letterOf(letters.size));
    }
  }
  const names = new Map<number, string>();
  for (let mm = 0; mm < MMS; mm++) {
    for (const first of tables) {
      for (let page = first; page < first + PMD_PAGES; page++) {
        const entry = entryWord(mm, page);
        const [from, to] = [headOf(after, entry), headOf(shown, entry)];
        if (from >= 0 && to >= 0) {
          names.set(from, letters.get(to) ?? "");
        }
      }
    }
  }
  return names;
}

function namedPlace(
  place: LockstepDifference["place"],
  letterOfFrame: (frame: number) => FolioLetter,
): LockstepField["place"] {
  switch (place.kind) {
    case "process":
      return { kind: "process", process: place.mm };
    case "entry":
      return { kind: "entry", process: place.mm, page: place.page };
    case "folio":
      return { kind: "folio", folio: letterOfFrame(place.frame) };
    case "page":
      return { kind: "page", folio: letterOfFrame(place.frame), page: place.page };
    case "statistics":
    case "model":
      return { kind: place.kind };
  }
}

function namedValue(value: ComparedValue, letterOfFrame: (frame: number) => FolioLetter): LockstepValue {
  if (typeof value !== "object" || "warning" in value) {
    return value;
  }
  const { frame, page } = value;
  return { ...(frame < 0 ? {} : { folio: letterOfFrame(frame) }), page };
}
