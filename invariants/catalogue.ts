/** Catalogue of all claims; the properties in the other files of this folder check parts of them. */

/** Claim or witness. */
export interface ClaimText {
  readonly id: string;
  /** Claim as one sentence. */
  readonly claim: string;
  readonly source: string;
}

/** All claims, in the order of their ids. */
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
    claim: "Large, entire and page mapcounts and _nr_pages_mapped agree with the page tables",
    source: "Documentation/mm/transhuge.rst",
  },
  {
    id: "C7",
    claim: "References cover mappings, and are exactly mappings, caches, pins and temporary holders between operations",
    source: "series v3 13/20; include/linux/mm.h, folio_expected_ref_count()",
  },
  {
    id: "C8",
    claim: "A slot never counts more mappings than its MM really has",
    source: "follows from series v3 12/20",
  },
  {
    id: "C9",
    claim:
      "Copy-on-write reuses a page only if no other process or reference can reach it: no process or holder of a " +
      "reference sees another's private write, and a pinned page stays the mapped page",
    source: "series v3 13/20; PageAnonExclusive rules, include/linux/page-flags.h",
  },
  {
    id: "C10",
    claim: "Copy-on-write does reuse a page of a large folio that is this MM's alone and was never untracked",
    source: "cover letter, section 4; series v3 13/20",
  },
  {
    id: "C11",
    claim: "A PageAnonExclusive page is mapped at most once, and only such a page is mapped writable or pinned",
    source: "include/linux/rmap.h; include/linux/page-flags.h",
  },
  {
    id: "C12",
    claim:
      "CONFIG_NO_PAGE_MAPCOUNT: mapped statistics count a whole folio exactly while any page of it is mapped; PMD-mapped " +
      "ones while a PMD maps it",
    source: "series v3 20/20",
  },
  {
    id: "C13",
    claim:
      "CONFIG_PAGE_MAPCOUNT: mapped statistics count exactly the pages that are mapped; PMD-mapped ones all pages while a " +
      "PMD maps the folio",
    source: "mm/rmap.c",
  },
  {
    id: "C14",
    claim:
      "A partially mapped anon folio is queued for splitting: of a single MM always, of several with " +
      "CONFIG_PAGE_MAPCOUNT; the exceptions are shown to exist",
    source: "series v3 20/20; Documentation/mm/transhuge.rst",
  },
  {
    id: "C15",
    claim: "smaps and pagemap never report a page as private that another MM maps; the exception is shown to exist",
    source: "cover letter, section 3; series v3 17/20, 19/20",
  },
  {
    id: "C16",
    claim:
      "kpagecount, mapmax and PSS use the mappings of the page, or the folio's rounded average; 0 exactly when " +
      "unmapped; the exception is shown to exist",
    source: "series v3 16/20, 18/20, 19/20",
  },
  {
    id: "C17",
    claim: "On 32-bit, a slot overflow never makes a folio of several MMs look exclusive",
    source: "series v3 12/20",
  },
  {
    id: "C18",
    claim: 'A lockless "mapped exclusively" was true at some instant of the call',
    source: "series v3 12/20, 14/20",
  },
  {
    id: "C19",
    claim: "Concurrent operations leave owner slots and large mapcount as some sequential order of them does",
    source: "series v3 12/20, 13/20",
  },
  {
    id: "C20",
    claim: "An MM id is free only while no slot holds it, and is allocated again only then",
    source: "series v3 12/20; kernel/fork.c",
  },
  {
    id: "C22",
    claim: "The next owner of a page gets it with private 0 and no page type; the exception is shown to exist",
    source: "mm/page_alloc.c; ac1ea219590c",
  },
  {
    id: "D1",
    claim: "Plain accesses race only where that is known to be harmless",
    source: "tools/memory-model/Documentation/explanation.txt",
  },
  {
    id: "L1",
    claim:
      "CPUs that execute operations never all wait: for locks, or for anything else while no other CPU can begin a call",
    source: "Documentation/locking",
  },
  { id: "L2", claim: "No lock is left taken", source: "include/linux/rmap.h; mm/memory.c; mm/huge_memory.c" },
  { id: "L3", claim: "No folio is freed while another CPU uses it", source: "mm/swap.c; include/linux/rmap.h" },
  {
    id: "P1",
    claim: "A folio is split when no reference, pin or lock prevents it",
    source: "Documentation/mm/transhuge.rst; mm/huge_memory.c",
  },
  {
    id: "P2",
    claim: "A folio is migrated when no reference, pin or lock prevents it",
    source: "mm/migrate.c, mm/rmap.c",
  },
  {
    id: "P3",
    claim: "A folio is swapped out when no reference, pin, lock or lack of swap slots prevents it",
    source: "mm/vmscan.c, mm/rmap.c, mm/swapfile.c",
  },
  {
    id: "P4",
    claim: "Pages are collapsed when no reference, pin, lock or max_ptes_shared prevents it",
    source: "mm/khugepaged.c",
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
    id: "W3",
    claim: "Reachable: CONFIG_NO_PAGE_MAPCOUNT does not detect that two MMs map the same half of a folio",
    source: "series v3 20/20; RFC 2026-04-12 01/13, example A",
  },
  {
    id: "W4",
    claim: "Reachable: CONFIG_NO_PAGE_MAPCOUNT does not detect that many MMs map one page each",
    source: "RFC 2026-04-12 01/13, example B",
  },
  {
    id: "W5",
    claim: "Reachable: on 32-bit, a slot mapcount overflows and the slot is freed",
    source: "series v3 12/20",
  },
  {
    id: "W6",
    claim: "Reachable: CONFIG_NO_PAGE_MAPCOUNT does not count a page as private that one MM alone maps",
    source: "series v3 19/20",
  },
  {
    id: "W7",
    claim: "Reachable: a temporary reference makes copy-on-write copy an exclusive page",
    source: "series v3 13/20",
  },
  {
    id: "EQ",
    claim: "The kernel and the one that it is compared with do the same in everything that can be observed",
    source: "RFC 2026-04-12",
  },
];

/** Claims about one topic. */
export interface ClaimTopic {
  /** The topic as a noun phrase. */
  readonly topic: string;
  /** Ids of claims, and of the properties that machine image alone has. */
  readonly claims: readonly string[];
}

/** Topics of the claims, for summaries: every claim has one. */
export const CLAIM_TOPICS: readonly ClaimTopic[] = [
  {
    topic: "owner slots, exclusive or maybe shared",
    claims: ["C1", "C2", "C3", "C4", "C5", "C8", "C17", "C20"],
  },
  { topic: "mapcounts and mapped statistics", claims: ["C6", "C12", "C13", "RSS", "STATS"] },
  { topic: "references", claims: ["C7"] },
  { topic: "copy-on-write, PageAnonExclusive", claims: ["C9", "C10", "C11", "VMA", "LAZYFREE"] },
  { topic: "the deferred-split queue", claims: ["C14"] },
  { topic: "the swap device", claims: ["SWAP"] },
  { topic: "files: page cache and mappings", claims: ["FILE"] },
  { topic: "/proc: smaps, pagemap, kpagecount", claims: ["C15", "C16", "PROC"] },
  { topic: "concurrent calls", claims: ["C18", "C19", "D1", "L1", "L2", "L3", "L4"] },
  { topic: "struct page and struct folio: layout, stale fields", claims: ["C21", "C22", "B3", "B4"] },
  { topic: "progress: split, migration, collapse", claims: ["P1", "P2", "P3", "P4"] },
  { topic: "assertions of the kernel, leaks, use after free", claims: ["KERNEL"] },
  { topic: "reverse mapping and page tables", claims: ["RMAP", "MM"] },
  { topic: "equivalence with another kernel, or with the model", claims: ["EQ", "LOCKSTEP"] },
  { topic: "documented imprecision is reachable", claims: ["W1", "W2", "W3", "W4", "W5", "W6", "W7"] },
];

/** Returns the id of the claim that a property belongs to: `C5` for `C5.slots`. */
export function claimOf(property: string): string {
  return property.split(".")[0] ?? property;
}
