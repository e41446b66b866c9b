/** Where the write that is followed is, and where it should be. See model/environment/contents.ts. */
import { type DrawnState, type DrawnVma, foliosOf } from "./state.ts";

/** The value that the followed write wrote. */
export const FOLLOWED = "◆";

/** What is seen somewhere: the followed write, rightly or not; or it is missed; or nothing of it is to be seen. */
export type Sight = "" | "◆" | "!◆" | "!◇";

/**
 * Compares what is there with what must be seen there.
 *
 * @param content as Page.content; undefined when there is nothing to see
 * @param expected undefined in machines without contents
 */
export function sightOf(content: number | undefined, expected: number | undefined): Sight {
  if (content === undefined || expected === undefined) {
    return "";
  }
  if (content === expected) {
    return content === 1 ? FOLLOWED : "";
  }
  return content === 1 ? "!◆" : "!◇";
}

/** Whether a sight breaks the rules of private memory. */
export function isWrong(sight: Sight): boolean {
  return sight.startsWith("!");
}

/** What the process sees in an entry of an anon VMA. */
export function sightAt(state: DrawnState, vma: DrawnVma, entry: number): Sight {
  return vma.anonymous === false ? "" : sightOf(contentAt(state, vma, entry), vma.ptes[entry]?.expected);
}

/** What a page holds. */
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
