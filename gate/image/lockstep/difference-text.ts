/** Differences between image and model in the names of a trace: folios have the letters that its states have. */
import { letterOf } from "../image-picture.ts";
import { FRAMES, Frame, MMS } from "../world-layout.ts";
import type { ComparedValue, LockstepDifference } from "./comparison.ts";
import { at32, entryWord, headOf, PMD_PAGES } from "./decoded-world.ts";

/** A field in which image and model differ after a step. */
export interface LockstepField {
  /** `process 0, page 9`, `folio A`, `folio A, page 3`, or `statistics`. */
  readonly place: string;
  readonly field: string;
  readonly model: string | number | boolean;
  readonly image: string | number | boolean;
}

/**
 * Names what differs.
 *
 * @param after the state after the step, with the frames that differences have
 * @param shown the same state, with the frames by which its folios have letters
 * @param tables first pages of the page tables that operations reach
 */
export function fieldsOf(
  differences: readonly LockstepDifference[],
  after: Int32Array,
  shown: Int32Array,
  tables: readonly number[],
): readonly LockstepField[] {
  const names = folioNames(after, shown, tables);
  const nameOf = (frame: number): string => names.get(frame) ?? "a folio that no process maps";
  return differences.map(({ place, field, model, image }) => ({
    place: placeText(place, nameOf),
    field,
    model: shownValue(model, nameOf),
    image: shownValue(image, nameOf),
  }));
}

/** By first frame of `after`: `folio A`. Folios that processes map are found by their entries. */
function folioNames(after: Int32Array, shown: Int32Array, tables: readonly number[]): ReadonlyMap<number, string> {
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
          names.set(from, `folio ${letters.get(to)}`);
        }
      }
    }
  }
  return names;
}

function placeText(place: LockstepDifference["place"], nameOf: (frame: number) => string): string {
  switch (place.kind) {
    case "process":
      return `process ${place.mm}`;
    case "entry":
      return `process ${place.mm}, page ${place.page}`;
    case "folio":
      return nameOf(place.frame);
    case "page":
      return `${nameOf(place.frame)}, page ${place.page}`;
    case "statistics":
    case "model":
      return place.kind;
  }
}

function shownValue(value: ComparedValue, nameOf: (frame: number) => string): string | number | boolean {
  if (typeof value !== "object") {
    return value;
  }
  const { frame, page } = value;
  return `page ${page} of ${frame < 0 ? "a folio that the image lacks" : nameOf(frame)}`;
}

/** All of it in one sentence: `refcount of folio A: 2 in the model, 3 in the image`. */
export function differenceSentence([first, ...others]: readonly LockstepField[]): string {
  if (first === undefined) {
    return "";
  }
  const { place, field, model, image } = first;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return `${field} of ${place}: ${model} in the model, ${image} in the image${more}`;
}
