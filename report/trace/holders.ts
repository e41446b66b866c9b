/** Who holds a reference besides mappings and caches: on which page, and how it was taken. */
import { HolderKind } from "../../model/state/world.ts";
import { span } from "../text/styled-text.ts";
import { contentOf, sightOf } from "./contents.ts";
import { folioName, isPresent, mmName, pageName, pmdPageText, pteText } from "./entry.ts";
import { changeOf, type Field, isTold, LABEL_WIDTH, type PictureLine, packFields } from "./field.ts";
import type { DrawnHolder, DrawnState } from "./state.ts";

/** A reference that nobody has taken. */
const NOBODY = "none";

/** How a reference was taken, in the kernel's words. */
export function holderKindName(kind: number): string {
  switch (kind) {
    case HolderKind.none:
      return NOBODY;
    case HolderKind.speculative:
      return "folio_try_get()";
    case HolderKind.get:
      return "FOLL_GET";
    case HolderKind.pin:
      return "FOLL_PIN";
    case HolderKind.pinWrite:
      return "FOLL_PIN | FOLL_WRITE";
    default:
      return `kind ${kind}`;
  }
}

/** The holders that hold something, or let it go in this step. */
export function drawHolders(state: DrawnState, before: DrawnState | undefined, width: number): PictureLine[] {
  return (state.holders ?? []).flatMap((holder, h) => {
    const earlier = before?.holders?.[h];
    const facts = holder.kind === HolderKind.none ? [held] : [held, taken, entryNow, seen];
    const fields = facts
      .map((fact) => fieldOf(fact(state, holder), before && earlier && fact(before, earlier)))
      .filter(isTold);
    return packFields(span(`holder ${h}`), fields, LABEL_WIDTH, width);
  });
}

/** A fact about a holder of a state; empty when there is nothing to tell. */
type Fact = (state: DrawnState, holder: DrawnHolder) => string;

/** A fact that is new is told as it is, one that changed as old → new. */
function fieldOf(now: string, before: string | undefined): Field {
  return {
    text: changeOf(now === "" ? "no longer" : now, before === "" ? undefined : before),
    changed: before !== undefined && before !== now,
    fresh: now === "" || now === NOBODY,
  };
}

const held: Fact = (_state, { kind, folio, page }) => {
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

const taken: Fact = (_state, { kind, mm, entry }) => {
  if (kind < HolderKind.get) {
    return "";
  }
  return mm === 0 ? "its mapping is gone" : `through ${mmName(mm - 1)}, entry ${entry}`;
};

/** The entry that the page was taken through may lead to another page by now. */
const entryNow: Fact = ({ mms }, { folio, page, mm, entry }) => {
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

const seen: Fact = (state, { kind, folio, page, expected }) => {
  const sight = kind < HolderKind.get ? "" : sightOf(contentOf(state, folio, page), expected);
  switch (sight) {
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
