/** Holders of references that are neither mappings nor caches: their page, and the way the reference was taken. */
import { HolderKind } from "../../model/state/world.ts";
import { span } from "../text/styled-text.ts";
import { contentMark, contentOf } from "./contents.ts";
import { folioName, isPresent, mmName, pageName, pmdPageText, pteText } from "./entry.ts";
import { changeOf, type Field, isShown, LABEL_WIDTH, type PictureLine, packFields } from "./field.ts";
import { holderKindName, NO_REFERENCE } from "./holder-kind.ts";
import type { DrawnHolder, DrawnState } from "./state.ts";

/** Draws the holders that have a reference, or release it in this step. */
export function drawHolders(state: DrawnState, before: DrawnState | undefined, width: number): PictureLine[] {
  return (state.holders ?? []).flatMap((holder, h) => {
    const earlier = before?.holders?.[h];
    const facts = holder.kind === HolderKind.none ? [reference] : [reference, origin, currentEntry, visibleContent];
    const fields = facts
      .map((fact) => fieldOf(fact(state, holder), before && earlier && fact(before, earlier)))
      .filter(isShown);
    return packFields(span(`holder ${h}`), fields, LABEL_WIDTH, width);
  });
}

/** Text about a holder of a state; empty if it does not apply. */
type Fact = (state: DrawnState, holder: DrawnHolder) => string;

/** Creates the field of a fact: its text if it is new, `old → new` if it changed. */
function fieldOf(now: string, before: string | undefined): Field {
  return {
    text: changeOf(now === "" ? "no longer" : now, before === "" ? undefined : before),
    changed: before !== undefined && before !== now,
    fresh: now === "" || now === NO_REFERENCE,
  };
}

const reference: Fact = (_state, { kind, folio, page }) => {
  const name = holderKindName(kind);
  switch (kind) {
    case HolderKind.none:
      return name;
    case HolderKind.speculative:
      return `${name} of folio ${folioName(folio - 1)}`;
    default:
      return `${name} of ${pageName(folio - 1, page)}`;
  }
};

const origin: Fact = (_state, { kind, mm, entry }) => {
  // An image does not follow where the page of a reference without a pin is mapped.
  if (kind < HolderKind.get || entry < 0) {
    return "";
  }
  return mm === 0 ? "its mapping is gone" : `through ${mmName(mm - 1)}, entry ${entry}`;
};

/** The entry through which the page was taken may now map another page. */
const currentEntry: Fact = ({ mms }, { folio, page, mm, entry }) => {
  const { pmd, ptes } = mms[mm - 1]?.vmas?.[0] ?? { ptes: [] };
  const byPmd = pmd !== undefined && pmd.folio !== 0;
  const pte = ptes[entry];
  if (pte === undefined) {
    return "";
  }
  const mapping = byPmd ? pmd : pte;
  const isThere = isPresent(mapping) && mapping.folio === folio && (byPmd ? entry : pte.page) === page;
  return isThere ? "" : `the entry is ${byPmd ? pmdPageText(pmd, entry) : pteText(pte)} now`;
};

const visibleContent: Fact = (state, { kind, folio, page, expected }) => {
  const mark = kind < HolderKind.get ? "" : contentMark(contentOf(state, folio, page), expected);
  switch (mark) {
    case "":
      return "";
    case "◆":
      return "sees ◆";
    case "!◆":
      return "sees ◆ and must not";
    case "!◇":
      return "must see ◆ and does not";
  }
};
