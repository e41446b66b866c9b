/** Actual and expected places of the tracked write (data independence): see model/environment/contents.ts. */
import { type DrawnState, type DrawnVma, foliosOf } from "./state.ts";

/** Symbol of the value of the tracked write. */
export const TRACKED_WRITE = "◆";

/** Mark of a place: contains the tracked write, expected or not (`!◆`); lacks it although expected (`!◇`); none. */
export type ContentMark = "" | "◆" | "!◆" | "!◇";

/**
 * Compares the content of a place with the expected one.
 *
 * @param content as Page.content; undefined if the place has none
 * @param expected undefined in machines without contents
 */
export function contentMark(content: number | undefined, expected: number | undefined): ContentMark {
  if (content === undefined || expected === undefined) {
    return "";
  }
  if (content === expected) {
    return content === 1 ? TRACKED_WRITE : "";
  }
  return content === 1 ? "!◆" : "!◇";
}

/** Whether a content violates the rules of private memory. */
export function isWrong(mark: ContentMark): boolean {
  return mark.startsWith("!");
}

/** Returns the mark of an entry of an anon VMA, for the content that the process reads there. */
export function entryMark(state: DrawnState, vma: DrawnVma, entry: number): ContentMark {
  return vma.anonymous === false ? "" : contentMark(contentAt(state, vma, entry), vma.ptes[entry]?.expected);
}

/** Returns the content of a page. */
export function contentOf(state: DrawnState, folio: number, page: number): number | undefined {
  return foliosOf(state)[folio - 1]?.pages?.[page]?.content;
}

function contentAt(state: DrawnState, { pmd, ptes }: DrawnVma, entry: number): number | undefined {
  if (pmd !== undefined && pmd.folio !== 0) {
    return contentOf(state, pmd.folio, entry);
  }
  const pte = ptes[entry];
  if (pte?.swap !== true) {
    return pte === undefined || pte.folio === 0 ? undefined : contentOf(state, pte.folio, pte.page);
  }
  const slot = state.swapSlots?.[pte.page];
  if (slot === undefined || slot.folio === 0) {
    return slot?.content;
  }
  return contentOf(state, slot.folio, pte.page - (foliosOf(state)[slot.folio - 1]?.swap ?? 0));
}
