/** The `pmd` machine: PMD mappings. */
import { action } from "../../explore/model/model.ts";
import { notChecked } from "../../invariants/not-checked.ts";
import { filePmdFault } from "../../model/environment/fault.ts";
import { collapse } from "../../model/environment/split.ts";
import { writeFault } from "../../model/environment/write.ts";
import { anonFaults, fileFaults, life, references, unmapping, upTo } from "./actions.ts";
import { FOLIOS, HOLDERS, MIN_PAGES, MMS, PAGES, PMD, SMALL_FOLIOS } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const pmd: PageTableMachine = {
  name: "pmd",
  summary: "PMD mappings of anon and file folios: fault, fork, PMD split, write faults, collapse",
  bounds: {
    pages: { ...PAGES, values: [2, 4, 8] },
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: SMALL_FOLIOS,
    pmd: { ...PMD, values: [1], default: 1 },
    anon: { description: "anon VMAs of each MM", values: [0, 1], default: 1 },
    file: { description: "VMAs of each MM that map the file", values: [0, 1, 2], default: 0 },
    holders: { ...HOLDERS, default: 0 },
  },
  absent: [notChecked("Contents of pages, pins, swap, migration, folio split", "see the other machines")],
  features: NO_FEATURES,
  actions: (bounds) => {
    const { mms, anon, file } = bounds;
    const mm = upTo(mms);
    return [
      ...life(bounds),
      ...unmapping(bounds),
      ...(anon > 0
        ? [
            ...anonFaults(bounds),
            action("writeFault", { mm, entry: upTo(bounds.pages) }, writeFault),
            action("collapse", { mm, maxPtesShared: [0, bounds.pages] }, collapse),
          ]
        : []),
      ...(file > 0
        ? [...fileFaults(bounds), action("filePmdFault", { mm, vma: upTo(anon + file).slice(anon) }, filePmdFault)]
        : []),
      ...references(bounds),
    ];
  },
};
