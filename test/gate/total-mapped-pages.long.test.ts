/** A tree whose struct folio has other counts than in Linux 6.15 to 7.1, as in the RFC of 2026-04-12. */

import { describe, expect, test } from "vitest";
import type { Mode } from "../../gate/adapter/compiled-functions.ts";
import { instantiate } from "../../gate/adapter/instance.ts";
import { extractUnits, TreeError } from "../../gate/preparation/extract-units.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { gateNotChecked } from "../../gate/run/not-checked.ts";
import type { GateOutcome } from "../../gate/run/outcome.ts";
import { GATE_CONFIGURATIONS } from "../../gate/unit/configurations.ts";
import { claimOf } from "../../invariants/catalogue.ts";
import { allCalls } from "../../model/kernel/call-node.ts";
import { findingText } from "../../report/text/diagnostic.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import { boundsWithin, machineNamed } from "../../verify/job/job.ts";
import { runJob } from "../../verify/run.ts";
import { COUNT_NAMES, type CountName, countingUnit, countingUnits, type PatchEdit } from "./total-mapped-pages.ts";
import { OWN_KERNEL } from "./tree-copy.ts";

const CONFIG_64 = "no-page-mapcount,64bit,mm-id";
const CONFIG_32 = "no-page-mapcount,32bit,mm-id";

interface Judged {
  readonly findings: readonly Finding[];
  readonly outcomes: readonly GateOutcome[];
}

async function judged(
  name: CountName,
  config: string,
  machine: string,
  judge: Mode | undefined,
  edits: readonly PatchEdit[] = [],
): Promise<Judged> {
  const request = { profile: "quick", budget: {}, only: machine, ...(judge === undefined ? {} : { judge }) };
  return runGate([await countingUnit(name, config, edits)], request, async (jobs) => jobs.map((job) => runJob(job)));
}

const findingTexts = ({ findings }: Judged): string[] =>
  findings.map((each) => `${each.property}: ${findingText(each)}`);

/** Expects complete runs without findings. */
function expectClean(result: Judged): void {
  expect(findingTexts(result)).toEqual([]);
  expect(result.outcomes.length).toBeGreaterThan(0);
  expect(result.outcomes.every(({ report }) => report.stopped === undefined && report.states > 100)).toBe(true);
}

describe("a tree with the RFC's name of the count", () => {
  test.each([CONFIG_64, CONFIG_32])("%s: conforms to the model, and every claim holds", async (config) => {
    for (const machine of ["owner-tracking", "pmd", "pins"]) {
      expectClean(await judged("_total_mapped_pages", config, machine, undefined));
    }
  });

  test("has the count compared, and a claim about it", async () => {
    const { outcomes } = await judged("_total_mapped_pages", CONFIG_64, "pmd", "claims");
    const checked = outcomes.flatMap(({ report }) => report.properties.map(({ id }) => id));
    expect(checked).toContain("C6.total-mapped-pages");
    expect(checked).not.toContain("C6.entire-mapcount");
  });
});

describe("a tree with an unknown name of the count", () => {
  test.each([CONFIG_64, CONFIG_32])("%s: every claim holds for the C code without the model", async (config) => {
    for (const machine of ["owner-tracking", "pmd", "cow"]) {
      expectClean(await judged("_page_uses", config, machine, "claims"));
    }
  });

  /** The count begins at −7, and must match the mapcount of PTEs. */
  const FROM_BELOW: readonly PatchEdit[] = [
    [
      "+\treturn atomic_long_read(&folio->_total_mapped_pages);",
      "+\treturn 7 + atomic_long_read(&folio->_total_mapped_pages);",
    ],
    ["+\tatomic_long_set(&folio->_total_mapped_pages, 0);", "+\tatomic_long_set(&folio->_total_mapped_pages, -7);"],
    [
      "+\tatomic_long_set(&folio->_total_mapped_pages, pages);\n+\tgive_slot",
      "+\tatomic_long_set(&folio->_total_mapped_pages, pages - 7);\n+\tgive_slot",
    ],
  ];

  test("has the value of a new folio in the initial state, also if it is not zero", async () => {
    const checked: PatchEdit = [
      "+\tcheck_owners(folio, pages, diff, id);\n+\tatomic_long_add(",
      "+\tcheck_owners(folio, pages, diff, id); VM_WARN_ON_ONCE(mapped_pages(folio) != folio_large_mapcount(folio));\n+\tatomic_long_add(",
    ];
    expectClean(await judged("_page_uses", CONFIG_64, "owner-tracking", "claims", [...FROM_BELOW, checked]));
  });

  test("has folios split, because the count then has the value of a new folio", async () => {
    const unit = await countingUnit("_page_uses", CONFIG_64, FROM_BELOW);
    const report = runJob({
      machine: "split",
      kernel: "tree",
      config: CONFIG_64,
      bounds: boundsWithin(machineNamed("split"), { pages: 4, minPages: 4, mms: 1, holders: 1 }),
      symmetry: true,
      budget: {},
      compiled: { unit, mode: "claims", leftOut: [] },
    });
    expect({ verdict: report.verdict, symmetry: report.symmetry }).toEqual({ verdict: "holds", symmetry: false });
    // P1 is asserted when a folio is split.
    expect(report.properties.find(({ id }) => id === "P1")?.checked).toBeGreaterThan(0);
  });

  test("is reported by conformance to write a word that the model has no field for", async () => {
    const result = await judged("_page_uses", CONFIG_64, "owner-tracking", "conformance");
    expect(findingTexts(result)).toContainEqual(
      expect.stringMatching(/writes to word \d+ of the struct pages, for which the model has no field/),
    );
  });

  test("has claims listed that are not checked for that reason", async () => {
    const units = await countingUnits("_page_uses", [CONFIG_64, CONFIG_32]);
    const sentences = gateNotChecked(units, [], undefined, { profile: "quick" }).map(notCheckedText);
    expect(sentences.filter((each) => each.includes("C6.entire-mapcount"))).toEqual([
      expect.stringMatching(/struct folio does not have it; a field that replaces it is part of the state/),
    ]);
  });
});

const FAULTS: readonly {
  readonly name: string;
  readonly edits: readonly PatchEdit[];
  readonly machine: string;
  readonly breaks: Readonly<Record<CountName, string>>;
}[] = [
  {
    name: "pages that a PMD maps are not added",
    edits: [
      [
        "folio_add_return_large_mapcount(folio, nr, mappings, vma) == mappings",
        "folio_add_return_large_mapcount(folio, mappings, mappings, vma) == mappings",
      ],
    ],
    machine: "pmd",
    breaks: { _total_mapped_pages: "C12", _page_uses: "C12" },
  },
  {
    name: "the wrong test for partially mapped",
    edits: [
      [
        "+\tif (folio_test_anon(folio) && pages && pages < folio_large_nr_pages(folio) &&",
        "+\tif (folio_test_anon(folio) && pages && pages + 1 < folio_large_nr_pages(folio) &&",
      ],
    ],
    machine: "rmap",
    breaks: { _total_mapped_pages: "C14", _page_uses: "C14" },
  },
  {
    name: "pages that are unmapped are not subtracted",
    edits: [
      [
        "+\tcheck_owners(folio, pages, diff, id);\n+\tatomic_long_sub(pages, &folio->_total_mapped_pages);",
        "+\tcheck_owners(folio, pages, diff, id);\n+",
      ],
    ],
    machine: "pmd",
    breaks: { _total_mapped_pages: "C6", _page_uses: "C12" },
  },
  {
    name: "the average is not rounded",
    edits: [["+\taverage = (mapped_pages(folio) + pages / 2) / pages;", "+\taverage = mapped_pages(folio) / pages;"]],
    machine: "rmap",
    breaks: { _total_mapped_pages: "C16", _page_uses: "C16" },
  },
];

describe.each(COUNT_NAMES)("a faulty copy with %s", (name) => {
  test.each(FAULTS)("$name: violates a claim, with a trace through C code", async ({ edits, machine, breaks }) => {
    const { findings } = await judged(name, CONFIG_64, machine, "claims", edits);
    expect(findings.map(({ property }) => claimOf(property))).toContain(breaks[name]);
    const finding = findings.find(({ property }) => claimOf(property) === breaks[name]);
    const trees = finding?.trace?.steps.flatMap(({ functions }) => functions) ?? [];
    const places = trees.flatMap(({ calls }) => allCalls(calls)).flatMap(({ place }) => place?.file ?? []);
    expect(places).toContainEqual(expect.stringMatching(/^(?:mm|include\/linux)\/\w+\.[ch]$/));
  });
});

describe("a faulty copy with _total_mapped_pages", () => {
  test("differs from the model in that field", async () => {
    const edits: readonly PatchEdit[] = [
      [
        "+\tatomic_long_set(&folio->_total_mapped_pages, pages);\n+\tgive_slot",
        "+\tatomic_long_set(&folio->_total_mapped_pages, mappings);\n+\tgive_slot",
      ],
    ];
    const result = await judged("_total_mapped_pages", CONFIG_64, "pmd", "conformance", edits);
    expect(findingTexts(result)).toContainEqual(
      expect.stringMatching(/^CF\.folio_add_new_anon_rmap: .*_total_mapped_pages is 1, in the model 4/),
    );
  });

  test("violates a claim of machine owner-tracking, whose state does not have the field", async () => {
    const edits: readonly PatchEdit[] = [
      [
        "+\tatomic_long_add(pages, &folio->_total_mapped_pages);\n \tmapcount",
        "+\tatomic_long_add(1, &folio->_total_mapped_pages);\n \tmapcount",
      ],
    ];
    const result = await judged("_total_mapped_pages", CONFIG_64, "owner-tracking", "claims", edits);
    expect(findingTexts(result)).toEqual([
      expect.stringMatching(
        /^C5\.compiled: it leaves impossible values: _total_mapped_pages is 1 where PTEs map \d pages/,
      ),
    ]);
  });
});

describe("the configurations of a gate", () => {
  test("do not include page-mapcount for a tree without the option, and the report states that", async () => {
    const units = await countingUnits("_total_mapped_pages", GATE_CONFIGURATIONS);
    expect(units.map(({ configuration }) => configuration)).toEqual([
      { pageMapcount: false, is64Bit: true, mmId: true },
      { pageMapcount: false, is64Bit: false, mmId: true },
    ]);
    const sentences = gateNotChecked(units, [], undefined, { profile: "quick" }).map(notCheckedText);
    expect(sentences.filter((each) => each.includes("CONFIG_PAGE_MAPCOUNT"))).toEqual([
      "Configurations with page-mapcount, and with them those without mm-id: the tree does not know CONFIG_PAGE_MAPCOUNT",
    ]);
    expect(sentences.filter((each) => each.includes("_total_mapped_pages"))).toHaveLength(1);
  });

  test("are rejected with an error in one line if all have page-mapcount", async () => {
    const units = countingUnits("_total_mapped_pages", ["page-mapcount,64bit,mm-id", "page-mapcount,32bit,no-mm-id"]);
    await expect(units).rejects.toThrow(TreeError);
    await expect(units).rejects.toThrow(/^"[^"]*" does not know CONFIG_PAGE_MAPCOUNT: [^\n]*nothing was checked$/);
  });

  test("are complete for a tree with the option", async () => {
    const configurations = (await countingUnits("_total_mapped_pages", [CONFIG_64])).map((each) => each.configuration);
    const units = await extractUnits({ tree: OWN_KERNEL, configurations });
    expect(units.map(({ counts }) => counts)).toEqual([["_entire_mapcount", "_nr_pages_mapped"]]);
    expect(gateNotChecked(units, [], undefined, { profile: "quick" }).join()).not.toMatch(
      /_mapcount|_total_mapped_pages/,
    );
  });
});

test("a folio of two pages has a pincount on 32-bit if the tree has room for it", async () => {
  const roomOf = async (name: CountName): Promise<unknown> =>
    instantiate((await countingUnit(name, CONFIG_32)).fast).room;
  expect(await roomOf("_total_mapped_pages")).toEqual({ pincount: 2, entireMapcount: Number.POSITIVE_INFINITY });
});
