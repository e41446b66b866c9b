/** The claims about states that the invariant of rmap accounting implies. */
import type { StateClaim } from "../theory.ts";
import { countsPmds, isCountedWhileMapped, isCountedWhilePmdMapped, isQueueRight } from "./accounting-invariant.ts";

export const ACCOUNTING_CLAIMS: readonly StateClaim<"accounting">[] = [
  {
    ids: ["C6.entire-mapcount"],
    sentence: "The entire mapcount of a folio of more than two pages is the number of PMD mappings",
    holds: countsPmds,
  },
  {
    ids: ["C12"],
    sentence: "The mapped statistics count the whole folio exactly while any page of it is mapped",
    holds: isCountedWhileMapped,
  },
  {
    ids: ["C12.pmd"],
    sentence: "The PMD-mapped statistics count the whole folio exactly while a PMD maps it",
    holds: isCountedWhilePmdMapped,
  },
  {
    ids: ["C14.queue"],
    sentence:
      "Only anon folios of more than two pages are queued for splitting, and every one that is marked as partially mapped is",
    holds: isQueueRight,
  },
];
