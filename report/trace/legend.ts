/** Legend of the pictures of a trace, limited to the symbols that occur in them. */

import { type Block, labelled } from "../text/block.ts";
import { span } from "../text/styled-text.ts";
import { TRACKED_WRITE } from "./contents.ts";
import { type DrawnEntry, type DrawnState, foliosOf } from "./state.ts";

/** Returns the legend, one sentence a line. @param states all states of the trace */
export function legend(states: readonly DrawnState[], indent: number): Block[] {
  const sentences =
    states.length === 0 ? ["`old → new` is what a step changed; * marks the line"] : sentencesOf(states);
  return sentences.flatMap((sentence) => labelled(span(""), sentence, indent, "dim"));
}

function sentencesOf(states: readonly DrawnState[]): string[] {
  const vmas = states.flatMap(({ mms }) => mms.flatMap((mm) => mm.vmas ?? []));
  const ptes = vmas.flatMap((vma) => vma.ptes);
  const pmds = vmas.flatMap(({ pmd }) => (pmd === undefined ? [] : [pmd]));
  const entries: DrawnEntry[] = [...ptes, ...pmds];
  const swapped = ptes.filter(({ swap }) => swap === true);
  const migrating = entries.filter(({ migration }) => migration === true);
  const when = (occurs: boolean, sentence: string): string[] => (occurs ? [sentence] : []);
  const writable = entries.some((entry) => entry.writable === true && entry.migration !== true);
  return [
    "* marks what a step changed, old → new.",
    ...when(
      vmas.length > 0,
      `A2: the entry maps page 2 of folio A${writable ? " read-only; A2w: writable" : ""}; ·: it maps nothing.`,
    ),
    ...when(
      pmds.some(({ folio }) => folio !== 0),
      `├A0──A1─┤: one PMD entry maps the whole folio${writable ? "; ├A0──A1─┤w: writable" : ""}.`,
    ),
    ...when(
      migrating.length > 0,
      "(A2): a migration entry for that page; (A2w): of a writable one, (A2x): of an exclusive one.",
    ),
    ...when(swapped.length > 0, "s3: a swap entry for slot 3; s3x: marked exclusive."),
    ...when(
      states.some(hasContent),
      `${TRACKED_WRITE}: what store(value: ${TRACKED_WRITE}) wrote is found there; !◆: and must not be; !◇: it must be, and is not.`,
    ),
    "Mapcounts are logical values: the kernel stores one less.",
    ...when(states.some(hasLargeFolio), "An owner slot reads [MM: mappings that it tracks]."),
  ];
}

function hasContent(state: DrawnState): boolean {
  const isHeld = foliosOf(state).some(({ pages = [] }) => pages.some(({ content }) => content === 1));
  return (
    isHeld || state.mms.some(({ vmas = [] }) => vmas.some(({ ptes }) => ptes.some(({ expected }) => expected === 1)))
  );
}

function hasLargeFolio(state: DrawnState): boolean {
  return foliosOf(state).some(({ nrPages }) => nrPages > 1);
}
