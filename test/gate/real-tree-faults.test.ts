/** The gate on a kernel tree: FOLIOCHECK_KERNEL_TREE is its folder. The tests are skipped without it. */
import { beforeAll, describe, expect, test } from "vitest";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { extractUnits } from "../../gate/preparation/extract-units.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { kernelTree } from "../../gate/tree/kernel-tree.ts";
import { FILES } from "../../gate/tree/manifest.ts";
import { configurationOf, GATE_CONFIGURATIONS } from "../../gate/unit/configurations.ts";
import { runJob } from "../../verify/run.ts";
import { callTexts } from "../report/call-trees.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { treeWith } from "./tree-copy.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
/** Runs a whole profile on one thread, without the built command. */
const WHOLE_PROFILE_MS = 900_000;

const LATENT = "folio_dup_file_rmap_pmd";

async function unitOf(tree: string, config: string, base?: string): Promise<CompiledUnit> {
  const configurations = [configurationOf(config)];
  const [unit] = await extractUnits({ tree, configurations, ...(base === undefined ? {} : { base }) });
  if (unit === undefined) {
    throw new Error("no unit");
  }
  return compileUnit(unit, testCacheFolder, ["-O0"]);
}

async function findingsOf(unit: CompiledUnit, machine: string): Promise<readonly Finding[]> {
  const request = { profile: "quick", budget: {}, only: machine } as const;
  return (await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)))).findings;
}

/** A change inside of one function: the first match, and its replacement. */
interface RealFault {
  readonly name: string;
  readonly file: string;
  readonly in: string;
  readonly change: readonly [RegExp, string];
  readonly config: string;
  readonly machine: string;
  readonly function: string;
}

const FAULTS: readonly RealFault[] = [
  {
    name: "the wrong level",
    file: "mm/rmap.c",
    in: "folio_remove_rmap_pmd",
    change: [/PGTABLE_LEVEL_PMD/, "PGTABLE_LEVEL_PTE"],
    config: "no-page-mapcount,64bit,mm-id",
    machine: "pmd",
    function: "folio_remove_rmap_pmd",
  },
  {
    name: "a missing unlock",
    file: "include/linux/rmap.h",
    in: "folio_sub_return_large_mapcount",
    change: [/folio_unlock_large_mapcount\(folio\);/, ";"],
    config: "page-mapcount,64bit,mm-id",
    machine: "owner-tracking",
    function: "folio_sub_return_large_mapcount",
  },
  {
    name: "a reversed condition",
    file: "mm/memory.c",
    in: "__wp_can_reuse_large_anon_folio",
    change: [/(\(folio\)) != folio_ref_count/, "$1 == folio_ref_count"],
    config: "page-mapcount,32bit,mm-id",
    machine: "cow",
    function: "__wp_can_reuse_large_anon_folio",
  },
  {
    name: "a swapped order",
    file: "mm/rmap.c",
    in: "__folio_remove_rmap",
    change: [/(folio_sub_large_mapcount\(folio, nr_pages, vma\);)(\s*do \{[^}]*\} while \([^;]*;)/, "$2 $1"],
    config: "page-mapcount,64bit,mm-id",
    machine: "rmap",
    function: "folio_remove_rmap_ptes",
  },
  {
    name: "a missing -1",
    file: "include/linux/rmap.h",
    in: "folio_add_return_large_mapcount",
    change: [/= diff - 1;/, "= diff;"],
    config: "no-page-mapcount,32bit,mm-id",
    machine: "owner-tracking",
    function: "folio_add_return_large_mapcount",
  },
  {
    name: "a loop without an end",
    file: "include/linux/rmap.h",
    in: "folio_add_return_large_mapcount",
    change: [/folio_unlock_large_mapcount\(folio\);/, "while (diff == 2) barrier(); $&"],
    config: "page-mapcount,64bit,mm-id",
    machine: "owner-tracking",
    function: "folio_add_return_large_mapcount",
  },
  {
    name: "a check on free that looks at the wrong slot",
    file: "mm/page_alloc.c",
    in: "free_tail_page_prepare",
    change: [/_mm_id_mapcount\[1\] != -1/, "_mm_id_mapcount[0] != -1"],
    config: "page-mapcount,64bit,mm-id",
    machine: "bad-page",
    function: "free_tail_page_prepare",
  },
  {
    name: "a check on free that takes page types for good",
    file: "mm/page_alloc.c",
    in: "page_expected_state",
    change: [/_mapcount\) != -1/, "_mapcount) > -1"],
    config: "no-page-mapcount,64bit,mm-id",
    machine: "bad-page",
    function: "free_tail_page_prepare",
  },
  {
    name: "a check on free that has no word on links",
    file: "mm/page_alloc.c",
    in: "free_tail_page_prepare",
    change: [/compound_head\(page\) != head_page/, "0"],
    config: "no-page-mapcount,32bit,mm-id",
    machine: "bad-page",
    function: "free_tail_page_prepare",
  },
];

/** Matches the definition of a function in the kernel's coding style. */
function bodyOf(text: string, name: string): string {
  const start = text.search(new RegExp(`^[\\w].*\\b${name}\\((?:[^;{]|\\n)*\\n\\{`, "m"));
  const end = text.indexOf("\n}", start);
  if (start < 0 || end < 0) {
    throw new Error(`no ${name}()`);
  }
  return text.slice(start, end);
}

describe.skipIf(TREE === "")("on a kernel tree (set FOLIOCHECK_KERNEL_TREE to the folder of one)", () => {
  test.each(GATE_CONFIGURATIONS)(
    "%s: nothing is found but the function that has no caller, and page types in averages",
    async (config) => {
      const request = { profile: "quick", budget: {} };
      const units = [await unitOf(TREE, config)];
      const { findings, outcomes } = await runGate(units, request, async (jobs) => jobs.map((job) => runJob(job)));
      const known = [
        ...(config.includes("no-mm-id") ? [] : [LATENT]),
        ...(config.includes("no-page-mapcount") ? ["C16.page-type"] : []),
      ];
      expect(new Set(findings.map(({ function: name, property }) => name ?? property))).toEqual(new Set(known));
      expect(outcomes.filter(({ report }) => report.stopped !== undefined)).toEqual([]);
    },
    WHOLE_PROFILE_MS,
  );

  describe.each(FAULTS)("$name in $in()", ({ file, in: name, change, config, machine, function: caught }) => {
    let findings: readonly Finding[];
    let unit: CompiledUnit;
    let changedLine = 0;

    beforeAll(async () => {
      const tree = kernelTree(TREE);
      const faulty = (text: string): string => {
        const body = bodyOf(text, name);
        const changed = body.replace(...change);
        expect(changed).not.toBe(body);
        const result = text.replace(body, () => changed);
        const lines = result.split("\n");
        changedLine = text.split("\n").findIndex((line, i) => line !== lines[i]) + 1;
        return result;
      };
      const present = FILES.filter((each) => tree.read(each) !== undefined);
      const copy = treeWith([[file, faulty]], TREE, present);
      unit = await unitOf(copy, config, TREE);
      findings = await findingsOf(unit, machine);
    });

    test("is reported as changed", () => {
      const { functions } = unit.fast.unit;
      const [first] = functions.find((each) => each.name === name)?.changes ?? [];
      expect(first).toMatchObject({ file, line: changedLine });
      expect(functions.filter(({ status }) => status === "changed").map((each) => each.name)).toEqual([name]);
    });

    test("is reported with a trace that contains the C function and its line", () => {
      const finding = findings.find((each) => each.function === caught && each.mode === "conformance");
      const lines = callTexts(
        finding?.trace?.steps.flatMap(({ functions }) => functions.flatMap(({ calls }) => calls)) ?? [],
      );
      expect(lines.map((line) => line.trim())).toContainEqual(
        expect.stringMatching(new RegExp(`^C ${name}\\(\\) ${file}:\\d+(?: \\(stopped here\\))?$`)),
      );
    });
  });
});
