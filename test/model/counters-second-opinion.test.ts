import { describe, expect, it } from "vitest";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { ENTIRELY_MAPPED, type Folio, type MmStruct } from "../../model/state/structs.ts";
import * as fc from "../fast-check.ts";
import { freshKernel } from "./session.ts";
import { folioWith, statsWith } from "./structs.ts";

/**
 * The counters of a folio told in another way: from a list of who maps what. The reverse mapping never sees this list,
 * and nothing here is counted up or down.
 */
class Mappings {
  readonly pages: number;
  /** One entry each: the MM, and the page that a PTE maps, or −1 for a PMD. */
  entries: { readonly mm: number; readonly page: number }[] = [];

  constructor(pages: number) {
    this.pages = pages;
  }

  get pmds(): number {
    return this.entries.filter(({ page }) => page < 0).length;
  }

  ptesOf(page: number): number {
    return this.entries.filter((entry) => entry.page === page).length;
  }

  get mappedPages(): number[] {
    const all = Array.from({ length: this.pages }, (_, page) => page);
    return all.filter((page) => this.pmds > 0 || this.ptesOf(page) > 0);
  }

  get pteMappedPages(): number {
    return Array.from({ length: this.pages }, (_, page) => this.ptesOf(page)).filter((ptes) => ptes > 0).length;
  }

  add(mm: number, pages: readonly number[]): void {
    this.entries.push(...pages.map((page) => ({ mm, page })));
  }

  /** @returns whether the MM had all of these entries */
  remove(mm: number, pages: readonly number[]): boolean {
    const left = [...this.entries];
    for (const page of pages) {
      const found = left.findIndex((entry) => entry.mm === mm && entry.page === page);
      if (found < 0) {
        return false;
      }
      left.splice(found, 1);
    }
    this.entries = left;
    return true;
  }
}

interface Step {
  readonly mm: number;
  readonly kind: "add" | "dup" | "remove";
  readonly pmd: boolean;
  readonly first: number;
  readonly count: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    mm: fc.nat(2),
    kind: fc.constantFrom("add", "dup", "remove", "remove"),
    pmd: fc.boolean(),
    first: fc.nat(7),
    count: fc.integer({ min: 1, max: 8 }),
  }),
  { minLength: 20, maxLength: 60 },
);

function apply(kernel: Kernel, folio: Folio, step: Step, mms: readonly MmStruct[], stats = statsWith()): void {
  const mm = mms[step.mm] as MmStruct;
  const other = mms[(step.mm + 1) % 3] as MmStruct;
  const { kind, pmd, first, count } = step;
  if (kind === "dup") {
    if (pmd) {
      kernel.folioTryDupAnonRmapPmd(folio, mm, other);
    } else {
      kernel.folioTryDupAnonRmapPtes(folio, first, count, mm, other);
    }
  } else if (kind === "add") {
    if (pmd) {
      kernel.folioAddAnonRmapPmd(stats, folio, mm, false);
    } else {
      kernel.folioAddAnonRmapPtes(stats, folio, first, count, mm, false);
    }
  } else if (pmd) {
    kernel.folioRemoveRmapPmd(stats, folio, mm);
  } else {
    kernel.folioRemoveRmapPtes(stats, folio, first, count, mm);
  }
}

/** A duplicate is of mappings that there are: it makes no page mapped that was not. */
function isMeant({ kind, pmd }: Step, pages: readonly number[], mappings: Mappings): boolean {
  return kind !== "dup" || (pmd ? mappings.pmds > 0 : pages.every((page) => mappings.ptesOf(page) > 0));
}

function compare(given: readonly Step[], nrPages: number, config: string, seen: Set<string>): void {
  const kernel = freshKernel(config);
  const { pageMapcount } = kernel.config;
  const folio = folioWith({ nrPages, hpagePmdNr: nrPages, anon: true });
  const stats = statsWith();
  const mappings = new Mappings(nrPages);
  const mms = [1, 2, 3].map((idNumber): MmStruct => ({ idNumber, hasId: true, hasPinned: false }));
  for (const each of given) {
    const first = each.first % nrPages;
    const step = { ...each, first, count: Math.min(each.count, nrPages - first) };
    const pages = step.pmd ? [-1] : Array.from({ length: step.count }, (_, i) => first + i);
    const before = mappings.mappedPages.length;
    if (step.kind === "remove" ? !mappings.remove(step.mm, pages) : !isMeant(step, pages, mappings)) {
      continue;
    }
    if (step.kind !== "remove") {
      mappings.add(step.mm, pages);
    }
    folio.partiallyMapped = false;
    folio.onDeferredList = false;
    apply(kernel, folio, step, mms, stats);
    const { entries, pmds, mappedPages, pteMappedPages } = mappings;
    const mapped = mappedPages.length;
    const lostPages = mapped < before && mapped > 0;
    const fewer = entries.length > 0 && entries.length < nrPages && pmds === 0;
    const isPartial = step.kind === "remove" && (pageMapcount ? lostPages : fewer);
    seen.add(`${step.kind} ${step.pmd} ${pmds > 0} ${pteMappedPages > 0} ${isPartial}`);
    expect({
      mapcount: folio.largeMapcount + 1,
      pmds: folio.entireMapcount + 1,
      ptes: folio.pages.map((page) => page.mapcount + 1),
      nrPagesMapped: folio.nrPagesMapped,
      anon: stats.nrAnonMapped,
      thps: stats.nrAnonThps,
      partial: folio.partiallyMapped,
      warning: kernel.warnings.first,
    }).toEqual({
      mapcount: entries.length,
      pmds,
      ptes: Array.from({ length: nrPages }, (_, page) => (pageMapcount ? mappings.ptesOf(page) : 0)),
      nrPagesMapped: pageMapcount ? pteMappedPages + (pmds > 0 ? ENTIRELY_MAPPED : 0) : 0,
      anon: pageMapcount ? mapped : mapped > 0 ? nrPages : 0,
      thps: pmds > 0 ? nrPages : 0,
      partial: isPartial,
      warning: 0,
    });
  }
}

describe("The reverse mapping and a list of mappings agree after any operations at both levels", () => {
  it.each([
    { config: "page-mapcount", nrPages: 4 },
    { config: "no-page-mapcount", nrPages: 4 },
    { config: "page-mapcount", nrPages: 8 },
    { config: "no-page-mapcount", nrPages: 8 },
  ])(
    "The reverse mapping and a list of mappings agree after any operations at both levels on mapcounts, statistics and partial mappings of $nrPages pages ($config)",
    ({ config, nrPages }) => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(steps, (given) => {
          compare(given, nrPages, config, seen);
        }),
        { numRuns: 60 },
      );
      // Partial mappings were seen at both levels, and removals at both levels that were none.
      for (const what of [
        "remove true false true true",
        "remove false false true true",
        "remove true true",
        "add true",
      ]) {
        expect(
          [...seen].some((each) => each.startsWith(what)),
          what,
        ).toBe(true);
      }
    },
  );
});
