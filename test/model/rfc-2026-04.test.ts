/** The RFC of 2026-04-12: counting of `_total_mapped_pages`, and decisions that depend on it. */
import { describe, expect, it } from "vitest";
import { ConfigError, DEFAULT_CONFIG, parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { defaultConfigOf } from "../../model/kernels/index.ts";
import { rfc_2026_04 } from "../../model/kernels/rfc-2026-04.ts";
import { type Folio, GUP_PIN_COUNTING_BIAS } from "../../model/state/structs.ts";
import { type LoggedKernel, withLog } from "./logged-kernel.ts";
import { freshKernel, start } from "./session.ts";
import { folioWith, mmA, mmB, mmC, slotWords, statsWith } from "./structs.ts";

const kernelIn = (words = ""): LoggedKernel => withLog(rfc_2026_04(parseConfig(`no-page-mapcount,${words}`)));

/** Returns a folio of four pages that a PMD can map. */
const pmdSized = (given: Parameters<typeof folioWith>[0] = {}): Folio => folioWith({ hpagePmdNr: 4, ...given });

describe("The kernel rfc-2026-04", () => {
  it("The kernel rfc-2026-04 has no page mapcounts", () => {
    expect(() => rfc_2026_04(DEFAULT_CONFIG)).toThrow(ConfigError);
    expect(() => rfc_2026_04(DEFAULT_CONFIG)).toThrow("no page-mapcount any more; want no-page-mapcount");
    expect(defaultConfigOf("rfc-2026-04")).toEqual(parseConfig("no-page-mapcount"));
    expect(defaultConfigOf("pmd-dup-adds-one")).toEqual(parseConfig("no-page-mapcount"));
  });
});

describe("_total_mapped_pages", () => {
  it("_total_mapped_pages grows by the pages of a PTE batch and of a PMD, the mapcount by the entries", () => {
    const kernel = kernelIn();
    const folio = pmdSized();
    kernel.folioAddFileRmapPtes(statsWith(), folio, 1, 2, mmA);
    expect(folio).toMatchObject({ totalMappedPages: 2, largeMapcount: 1 });
    kernel.folioAddFileRmapPmd(statsWith(), folio, mmB);
    expect(folio).toMatchObject({ totalMappedPages: 6, largeMapcount: 2, entireMapcount: -1 });
    expect(slotWords(folio)).toEqual(["A2", "B1"]);
    kernel.folioRemoveRmapPtes(statsWith(), folio, 1, 2, mmA);
    expect(folio).toMatchObject({ totalMappedPages: 4, largeMapcount: 0 });
    kernel.folioRemoveRmapPmd(statsWith(), folio, mmB);
    expect(folio).toMatchObject({ totalMappedPages: 0, largeMapcount: -1 });
  });

  it("_total_mapped_pages of a new anon folio is its number of pages, mapped by a PMD or by PTEs", () => {
    const byPtes = folioWith({ hpagePmdNr: 8 });
    kernelIn().folioAddNewAnonRmap(statsWith(), byPtes, mmA, true);
    expect(byPtes).toMatchObject({ totalMappedPages: 4, largeMapcount: 3 });
    expect(byPtes.pages.map((page) => page.anonExclusive)).toEqual([true, true, true, true]);
    const byPmd = pmdSized();
    kernelIn().folioAddNewAnonRmap(statsWith(), byPmd, mmA, true);
    expect(byPmd).toMatchObject({ totalMappedPages: 4, largeMapcount: 0 });
    expect(byPmd.pages.map((page) => page.anonExclusive)).toEqual([true, false, false, false]);
  });

  it("_total_mapped_pages grows in the same way when fork duplicates mappings", () => {
    const byPtes = folioWith({ mapcount: 4, totalMappedPages: 4, slots: ["A4", "-"], anon: true });
    expect(kernelIn().folioTryDupAnonRmapPtes(byPtes, 1, 3, mmB, mmA)).toBe(true);
    expect(byPtes).toMatchObject({ totalMappedPages: 7, largeMapcount: 6 });
    const byPmd = pmdSized({ mapcount: 1, totalMappedPages: 4, slots: ["A1", "-"], anon: true });
    expect(kernelIn().folioTryDupAnonRmapPmd(byPmd, mmB, mmA)).toBe(true);
    expect(byPmd).toMatchObject({ totalMappedPages: 8, largeMapcount: 1 });
  });

  it("_total_mapped_pages is no small folio's", () => {
    const kernel = kernelIn();
    const stats = statsWith();
    const folio = folioWith({ nrPages: 1 });
    kernel.folioAddFileRmapPtes(stats, folio, 0, 1, mmA);
    kernel.folioDupFileRmapPtes(folio, 0, 1, mmB, mmA);
    expect(folio.pages[0]?.mapcount).toBe(1);
    kernel.folioRemoveRmapPtes(stats, folio, 0, 1, mmB);
    kernel.folioRemoveRmapPtes(stats, folio, 0, 1, mmA);
    expect(folio).toMatchObject({ totalMappedPages: 0, largeMapcount: -1 });
    expect(stats).toEqual(statsWith());
  });

  it("_total_mapped_pages is 0 in a fresh folio, and a freed folio is a bad page if it is not 0", () => {
    const kernel = kernelIn();
    const folio = folioWith({ totalMappedPages: 3 });
    kernel.freeTailPagePrepare(folio);
    expect(kernel.warnings.first).toBe(Warning.badTotalMappedPages);
    kernel.prepCompoundHead(folio);
    kernel.warnings.first = 0;
    kernel.freeTailPagePrepare(folio);
    expect([folio.totalMappedPages, kernel.warnings.first]).toEqual([0, 0]);
  });
});

describe("PMD-mapped statistics", () => {
  it("PMD-mapped statistics change with the first and the last PMD mapping, with any PTEs besides", () => {
    const kernel = kernelIn();
    const stats = statsWith();
    const folio = pmdSized();
    const seen = [
      () => kernel.folioAddFileRmapPtes(stats, folio, 0, 4, mmC),
      () => kernel.folioAddFileRmapPmd(stats, folio, mmA),
      () => kernel.folioAddFileRmapPmd(stats, folio, mmB),
      () => kernel.folioAddFileRmapPtes(stats, folio, 0, 3, mmB),
      () => kernel.folioRemoveRmapPmd(stats, folio, mmA),
      () => kernel.folioRemoveRmapPtes(stats, folio, 0, 4, mmC),
      () => kernel.folioRemoveRmapPmd(stats, folio, mmB),
      () => kernel.folioRemoveRmapPtes(stats, folio, 0, 3, mmB),
    ].map((step) => {
      step();
      return [stats.nrFileMapped, stats.nrFilePmdmapped];
    });
    expect(seen).toEqual([
      [4, 0],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 0],
      [0, 0],
    ]);
  });
});

describe("What the RFC decides from totals, v7.1 decides from mapcounts:", () => {
  /** All folios of 2, 4 or 8 pages with up to three PMD mappings and up to three PTEs for each page. */
  const folios = [2, 4, 8].flatMap((nrPages) =>
    [0, 1, 2, 3].flatMap((pmds) =>
      Array.from({ length: 3 * nrPages + 1 }, (_, ptes) =>
        folioWith({
          nrPages,
          hpagePmdNr: nrPages,
          mapcount: pmds + ptes,
          entireMapcount: pmds - 1,
          totalMappedPages: pmds * nrPages + ptes,
          refcount: pmds + ptes,
          anon: true,
        }),
      ),
    ),
  );

  it("the average page mapcount is the same", () => {
    const [rfc, v7_1] = [kernelIn(), freshKernel("no-page-mapcount")];
    const averages = folios.map((folio) => rfc.folioAveragePageMapcount(folio));
    expect(averages).toEqual(folios.map((folio) => v7_1.folioAveragePageMapcount(folio)));
    expect([Math.min(...averages), Math.max(...averages)]).toEqual([0, 6]);
  });

  it.each(["pte", "pmd"] as const)("removing a mapping by a %s detects the same partial mappings", (level) => {
    const detected = (kernel: Kernel, folio: Folio): boolean => {
      const after = structuredClone(folio);
      after.slots.forEach((slot) => {
        Object.assign(slot, { mmId: 0, mapcount: -1 });
      });
      kernel.folioRemoveRmap(statsWith(), after, 0, level === "pte" ? 1 : folio.nrPages, mmA, level);
      return after.partiallyMapped;
    };
    const removable = folios.filter(({ entireMapcount, largeMapcount }) =>
      level === "pmd" ? entireMapcount >= 0 : largeMapcount > entireMapcount,
    );
    const [rfc, v7_1] = [kernelIn(), freshKernel("no-page-mapcount")];
    const verdicts = removable.map((folio) => detected(rfc, folio));
    expect(verdicts).toEqual(removable.map((folio) => detected(v7_1, folio)));
    expect(new Set(verdicts).size).toBe(2);
  });

  it("a PMD mapping beside others warns when a write fault would reuse the folio", () => {
    const warned = (kernel: LoggedKernel, folio: Folio): boolean => {
      kernel.warnings.first = 0;
      kernel.wpReuseChecks(folio);
      return kernel.warnings.first !== 0;
    };
    // With one mapping alone the folio is not reused, and nothing is checked.
    const checked = folios.filter(({ largeMapcount }) => largeMapcount > 0);
    const [rfc, v7_1] = [kernelIn(), freshKernel("no-page-mapcount")];
    expect(checked.map((folio) => warned(rfc, folio))).toEqual(checked.map((folio) => warned(v7_1, folio)));
  });
});

describe("On 32-bit, a folio of order 1", () => {
  it.each([
    { name: "v7.1", refcount: 2 + GUP_PIN_COUNTING_BIAS, pincount: 0 },
    { name: "rfc-2026-04", refcount: 3, pincount: 1 },
  ])(
    "On 32-bit, a folio of order 1 is pinned by $name as $pincount pins and $refcount references",
    ({ name, refcount, pincount }) => {
      const words = "no-page-mapcount,32bit";
      const kernel = name === "v7.1" ? freshKernel(words) : kernelIn("32bit");
      const pinned = start("pins", { pages: 2 }, words, kernel)
        .act("anonFault", { mm: 0, first: 0, pages: 2 })
        .act("gup", { mm: 0, entry: 0, kind: 3 });
      expect(pinned.folio()).toMatchObject({ refcount, pincount });
    },
  );
});
