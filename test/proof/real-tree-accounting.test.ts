/** With a kernel tree at hand, FOLIOCHECK_KERNEL_TREE: the accounting of its C is proved, and with a fault in each branch refuted. */
import { describe, expect, test } from "vitest";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { type Fault, faultyTree } from "./faulty-tree.ts";
import { failuresOf, provedAccounting, solver } from "./proved-trees.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
const RMAP = "mm/rmap.c";
const ADD = "__folio_add_rmap";
const REMOVE = "__folio_remove_rmap";
const STATISTICS = "__folio_mod_stat";

/** A fault, with the obligation that it refutes. */
interface RefutedFault extends Fault {
  readonly refuted: string;
}

const FAULTS: readonly RefutedFault[] = [
  {
    name: "PTEs that map the folio again are accounted",
    in: ADD,
    pattern: /nr = 0;/,
    to: ";",
    refuted: "add-ptes: mapped",
  },
  {
    name: "the first PTEs are accounted by their number",
    in: ADD,
    pattern: /nr = folio_large_nr_pages\(folio\);/,
    to: ";",
    refuted: "add-ptes: mapped",
  },
  {
    name: "more mappings are added than pages are mapped",
    in: ADD,
    pattern: /\(folio, orig_nr_pages, vma\)/,
    to: "(folio, orig_nr_pages > 1 ? orig_nr_pages - 1 : 1, vma)",
    refuted: "add-ptes: tracking",
  },
  {
    name: "the second PMD is accounted, not the first",
    in: ADD,
    pattern: /&& first\)/,
    to: "&& !first)",
    refuted: "add-pmd: pmd-mapped",
  },
  {
    name: "a PMD that maps the folio first is not accounted",
    in: ADD,
    pattern: /nr == 1\)/,
    to: "nr == -1)",
    refuted: "add-pmd: mapped",
  },
  {
    name: "the entire mapcount is not raised",
    in: ADD,
    pattern: /atomic_inc_and_test\(&folio->_entire_mapcount\)/,
    to: "atomic_read(&folio->_entire_mapcount) == -1",
    refuted: "add-pmd: entire",
  },
  {
    name: "the last PTEs are not unaccounted",
    in: REMOVE,
    pattern: /nr = folio_large_nr_pages\(folio\);/,
    nth: 0,
    to: ";",
    refuted: "remove-ptes: mapped",
  },
  {
    name: "a folio with as many mappings as pages is queued",
    in: REMOVE,
    pattern: /partially_mapped = nr < /,
    to: "partially_mapped = nr <= ",
    refuted: "remove-ptes: marks only partial ones",
  },
  {
    name: "a folio that a PMD maps is queued",
    in: REMOVE,
    pattern: /!folio_entire_mapcount\(folio\)/,
    to: "true",
    refuted: "remove-ptes: marks only partial ones",
  },
  {
    name: "the last PMD is not unaccounted",
    in: REMOVE,
    pattern: /&& last\)/,
    to: "&& !last)",
    refuted: "remove-pmd: pmd-mapped",
  },
  {
    name: "the folio that only a PMD mapped stays accounted",
    in: REMOVE,
    pattern: /nr = folio_large_nr_pages\(folio\);/,
    nth: 1,
    to: ";",
    refuted: "remove-pmd: mapped",
  },
  {
    name: "PTEs that the last PMD leaves do not queue the folio",
    in: REMOVE,
    pattern: /partially_mapped = last &&/,
    to: "partially_mapped = 0 && last &&",
    refuted: "remove-pmd: detects",
  },
  {
    name: "file folios are queued",
    in: REMOVE,
    pattern: /partially_mapped && folio_test_anon\(folio\)/,
    to: "partially_mapped",
    refuted: "remove-ptes: queue",
  },
  {
    name: "what is removed is added",
    in: REMOVE,
    pattern: /-nr, -nr_pmdmapped/,
    to: "nr, nr_pmdmapped",
    refuted: "remove-ptes: mapped",
  },
  {
    name: "anon pages count as file pages",
    in: STATISTICS,
    pattern: /NR_ANON_MAPPED : NR_FILE_MAPPED/,
    to: "NR_FILE_MAPPED : NR_FILE_MAPPED",
    refuted: "add-ptes: mapped",
  },
  {
    name: "shmem counts as any file",
    in: STATISTICS,
    pattern: /NR_SHMEM_PMDMAPPED : NR_FILE_PMDMAPPED/,
    to: "NR_FILE_PMDMAPPED : NR_FILE_PMDMAPPED",
    refuted: "add-pmd: others",
  },
  {
    name: "anon PMDs count in another statistic",
    in: STATISTICS,
    pattern: /NR_ANON_THPS/,
    to: "NR_SHMEM_THPS",
    refuted: "add-pmd: others",
  },
];

describe.skipIf(TREE === "" || solver === undefined)("Accounting of a kernel tree (FOLIOCHECK_KERNEL_TREE)", () => {
  test.each(["no-page-mapcount,64bit,mm-id", "no-page-mapcount,32bit,mm-id"])("is proved: %s", async (config) => {
    const result = await provedAccounting(TREE, configurationOf(config));
    expect(failuresOf(result)).toEqual({ refuted: [], unknown: [] });
    expect(result).toMatchObject({ verdict: "proved", claims: ["C6.entire-mapcount", "C12", "C12.pmd", "C14.queue"] });
  });

  test.each(FAULTS)("is refuted when $name", async (fault) => {
    const result = await provedAccounting(
      faultyTree(TREE, RMAP, fault),
      configurationOf("no-page-mapcount,64bit,mm-id"),
    );
    expect(failuresOf(result).refuted).toContain(fault.refuted);
    expect(result).toMatchObject({ verdict: "refuted", reachability: { kind: "reached" } });
  });
});
