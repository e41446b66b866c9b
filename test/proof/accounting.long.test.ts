/** Rmap accounting by formulas for every size: of the model, and of the C of the kernel of our own. */
import { describe, expect, test } from "vitest";
import { configurationOf } from "../../gate/unit/configurations.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import { proveModelAccountingForEverySize, proveModelForEverySize } from "../../proof/prove.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { type Change, treeWith } from "../gate/tree-copy.ts";
import { ACCOUNTING_KERNELS, accountingKernel } from "./accounting-kernels.ts";
import { failuresOf, provedAccounting, solver } from "./proved-trees.ts";

const BOUNDS = { pages: 4, mappings: 1, others: 1 };

async function provedKernel(name: string, width = "64bit"): Promise<SubjectResult> {
  if (solver === undefined) {
    throw new Error("no solver");
  }
  const kernel = accountingKernel(name, width);
  const options = { solvers: [solver], timeout: 120, workers: 2, cacheFolder: testCacheFolder };
  const enumeration = { bounds: BOUNDS, evidence: false };
  const tracking = await proveModelForEverySize(kernel, {
    ...options,
    enumeration: { ...enumeration, bounds: { pages: 2, mappings: 2, others: 2 } },
  });
  return proveModelAccountingForEverySize(kernel, tracking, { ...options, enumeration });
}

/** Right of accounting without page mapcounts, or about single pages. */
const OTHERS = ["remove-accounts-batch", "remove-makes-exclusive"];

describe.skipIf(solver === undefined)("Accounting of the model", () => {
  test.each(["64bit", "32bit"])("is proved for every size: %s", async (width) => {
    const result = await provedKernel("v7.1", width);
    expect(failuresOf(result)).toEqual({ refuted: [], unknown: [] });
    expect(result).toMatchObject({ verdict: "proved", claims: ["C6.entire-mapcount", "C12", "C12.pmd", "C14.queue"] });
    expect(result.formulas).toMatchObject({ possible: 12, notPossible: [], shown: 7, notShown: [], executions: 600 });
  });

  test.each(ACCOUNTING_KERNELS.filter((name) => !OTHERS.includes(name)))(
    "is refuted, by formulas too, when it is faulty: %s",
    async (name) => {
      const result = await provedKernel(name);
      const { refuted, unknown } = failuresOf(result);
      expect(refuted.length, "number of refuted obligations").toBeGreaterThan(0);
      expect(unknown).toEqual([]);
      expect(result).toMatchObject({ verdict: "refuted", reachability: { kind: "reached" } });
    },
  );

  test("is not known where owner tracking is not proved", async () => {
    const result = await provedKernel("sub-looks-at-slot-0-only");
    expect(result.verdict).not.toBe("proved");
    expect(result.withoutFormulas).toContain("owner tracking, on which it rests, is not proved");
  });
});

const RMAP = "mm/rmap.c";

/** The kernel of our own, with the name that the function has in Linux, and the statistic of shmem. */
const NAMED: Change = [
  RMAP,
  (text) =>
    text
      .replace(/\badd_rmap\(/g, "__folio_add_rmap(")
      .replace(
        "NR_ANON_THPS : NR_FILE_PMDMAPPED",
        "NR_ANON_THPS : (*(unsigned long *)&folio->flags >> PG_swapbacked & 1) ? NR_SHMEM_PMDMAPPED : NR_FILE_PMDMAPPED",
      ),
];

const replacing =
  (from: string, to: string): ((text: string) => string) =>
  (text) => {
    const changed = text.replace(from, to);
    if (changed === text) {
      throw new Error(`"${from}" is not there`);
    }
    return changed;
  };

/** The kernel of our own with a fault. */
const faulty = (from: string, to: string): Change => [RMAP, (text) => replacing(from, to)(NAMED[1](text))];

const FAULTS: readonly (readonly [name: string, change: Change, refuted: string])[] = [
  [
    "a batch of PTEs is accounted by its number",
    faulty("== nr ? folio_large_nr_pages(folio) : 0;", "== nr ? nr : 0;"),
    "add-ptes: mapped",
  ],
  ["every PMD is accounted", faulty("*pmd_pages = first ? all : 0;", "*pmd_pages = all;"), "add-pmd: pmd-mapped"],
  [
    "a PMD never maps the folio first",
    faulty("return mapcount == 1 ? all", "return mapcount == 2 ? all"),
    "add-pmd: mapped",
  ],
  [
    "PTEs that are left to a PMD queue the folio",
    faulty(
      "mapcount < folio_large_nr_pages(folio) && !folio_entire_mapcount(folio)",
      "mapcount < folio_large_nr_pages(folio)",
    ),
    "remove-ptes: marks only partial ones",
  ],
  [
    "the last PMD does not queue the folio",
    faulty("if (last && mapcount < all)", "if (last && mapcount < 0)"),
    "remove-pmd: detects",
  ],
  ["the last PMD stays accounted", faulty("last ? -all : 0", "mapcount ? 0 : -all"), "remove-pmd: pmd-mapped"],
];

const WIDE = configurationOf("no-page-mapcount,64bit,mm-id");
const NARROW = configurationOf("no-page-mapcount,32bit,mm-id");

describe.skipIf(solver === undefined)("Accounting of the kernel of our own", () => {
  test.each([WIDE, NARROW])("is proved for every size: %o", async (configuration) => {
    const result = await provedAccounting(treeWith([NAMED]), configuration);
    expect(failuresOf(result)).toEqual({ refuted: [], unknown: [] });
    expect(result.formulas).toMatchObject({ possible: 12, notPossible: [], shown: 7, notShown: [], executions: 600 });
    expect(result.verdict).toBe("proved");
  });

  test.each(FAULTS)("is refuted when %s", async (_, change, refuted) => {
    const result = await provedAccounting(treeWith([change]), WIDE);
    expect(failuresOf(result).refuted).toContain(refuted);
    expect(result).toMatchObject({ verdict: "refuted", reachability: { kind: "reached" } });
  });

  test("is refuted when shmem counts as any file does, which the model does not distinguish", async () => {
    const unnamed: Change = [RMAP, (text) => text.replace(/\badd_rmap\(/g, "__folio_add_rmap(")];
    const result = await provedAccounting(treeWith([unnamed]), WIDE);
    expect(failuresOf(result).refuted).toEqual(expect.arrayContaining(["add-pmd: pmd-mapped", "add-pmd: others"]));
  });
});
