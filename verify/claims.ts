/** The claims that the machines check, as a whole; their parts are the properties in invariants/. */

/** A claim or a witness. */
export interface ClaimText {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  readonly source: string;
}

/** Every claim, in the order of their ids. */
export const CLAIMS: readonly ClaimText[] = [
  {
    id: "C1",
    claim: "A folio that is reported as mapped exclusively is mapped by at most one MM",
    source: "cover letter; series v3 12/20, 14/20",
  },
  {
    id: "C2",
    claim: "With at most two MMs at a time and no slot overflow, the verdict on a large folio is exact both ways",
    source: "cover letter, section 2; series v3 12/20",
  },
  {
    id: "C3",
    claim: "A folio with a single mapping left is reported as mapped exclusively",
    source: "series v3 14/20",
  },
  {
    id: "C4",
    claim: "An unmapped folio has free slots and is not shared; a freed one has exactly the values of a fresh one",
    source: "series v3 12/20",
  },
  { id: "C5", claim: "No sanity check of the owner tracking functions warns", source: "series v3 12/20" },
  {
    id: "C6",
    claim: "Large, entire and page mapcounts and _nr_pages_mapped are what the page tables say",
    source: "Documentation/mm/transhuge.rst",
  },
  {
    id: "C7",
    claim: "References cover mappings, and are exactly mappings plus page cache between operations",
    source: "series v3 13/20",
  },
  {
    id: "C8",
    claim: "A slot never counts more mappings than its MM really has",
    source: "follows from series v3 12/20",
  },
  {
    id: "C12",
    claim: "CONFIG_NO_PAGE_MAPCOUNT: mapped statistics count a whole folio exactly while any page of it is mapped",
    source: "series v3 20/20",
  },
  {
    id: "C13",
    claim: "CONFIG_PAGE_MAPCOUNT: mapped statistics count exactly the pages that are mapped",
    source: "mm/rmap.c",
  },
  {
    id: "C17",
    claim: "On 32-bit, a slot overflow never makes a folio of several MMs look exclusive",
    source: "series v3 12/20",
  },
  {
    id: "C20",
    claim: "An MM id is free only while no slot holds it, and is handed out again only then",
    source: "series v3 12/20; kernel/fork.c",
  },
  {
    id: "W1",
    claim: "Reachable: a folio looks shared although only one MM, which was never tracked, maps it",
    source: "series v3 12/20, second example",
  },
  {
    id: "W2",
    claim: "Reachable: a slot mapcount underflows and the slot is freed",
    source: "series v3 12/20",
  },
  {
    id: "W5",
    claim: "Reachable: on 32-bit, a slot mapcount overflows and the slot is freed",
    source: "series v3 12/20",
  },
];
