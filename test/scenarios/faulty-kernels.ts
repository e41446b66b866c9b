/** Kernels with faulty copy-on-write, each with one mistake, historical or plausible. */
import { at } from "../../explore/model/schema.ts";
import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import * as memory from "../../model/kernel/memory.ts";
import * as rmap from "../../model/kernel/rmap.ts";
import { kernelIn } from "./matrix.ts";

/** Kernel with a mistake. */
export interface Mistake {
  readonly summary: string;
  readonly kernel: Kernel;
}

const ALL: readonly { readonly summary: string; readonly overrides: KernelPatch }[] = [
  {
    summary: "a page is reused when it is mapped once: references do not count",
    overrides: {
      wpCanReuseAnonFolio(_machine, folio) {
        return this.folioMapcount(folio) === 1;
      },
    },
  },
  {
    summary: "a large folio is reused when this MM alone maps it: references do not count",
    overrides: {
      wpCanReuseLargeAnonFolio(_machine, folio) {
        return this.folioMapcount(folio) > 1 && !folio.mmIdsShared;
      },
    },
  },
  {
    summary: "a large folio is reused when all references are mappings, even of several MMs",
    overrides: {
      wpCanReuseLargeAnonFolio(_machine, folio) {
        return this.folioMapcount(folio) > 1 && this.folioMapcount(folio) === folio.refcount;
      },
    },
  },
  {
    summary: "a large folio is never reused, as before the series",
    overrides: { wpCanReuseLargeAnonFolio: () => false },
  },
  {
    summary: "a PMD is reused when it is the only one that maps the folio: references do not count",
    overrides: {
      hugePmdCanReuse(_machine, folio) {
        return this.folioMapcount(folio) === 1;
      },
    },
  },
  {
    summary: "fork leaves pages exclusive",
    overrides: {
      folioTryDupAnonRmap(folio, page, nrPages, dstMm, srcMm, level) {
        const before = folio.pages.map(({ anonExclusive }) => anonExclusive);
        const done = rmap.folioTryDupAnonRmap.call(this, folio, page, nrPages, dstMm, srcMm, level);
        folio.pages.forEach((each, i) => {
          each.anonExclusive = at(before, i);
        });
        return done;
      },
    },
  },
  {
    summary: "fork leaves swap entries exclusive",
    overrides: {
      copyNonpresentPte(machine, dstPte, srcPte) {
        const { exclusive } = srcPte;
        memory.copyNonpresentPte.call(this, machine, dstPte, srcPte);
        srcPte.exclusive = exclusive;
        dstPte.exclusive = exclusive;
      },
    },
  },
  {
    summary: "fork shares pinned pages",
    overrides: { folioNeedsCowForDma: () => false },
  },
  {
    summary: "every page that is swapped in is exclusive",
    overrides: {
      doSwapPage(machine, mm, vma, entry, folio, write) {
        at(vma.ptes, entry).exclusive = true;
        memory.doSwapPage.call(this, machine, mm, vma, entry, folio, write);
      },
    },
  },
  {
    summary: "a read-only pin does not unshare the page",
    overrides: { gupMustUnshare: () => false },
  },
  {
    summary: "a fault that unshares a page reuses it, even if other MMs map it",
    overrides: {
      doWpPage(machine, mm, vma, entry, unshare) {
        if (unshare) {
          const { folio, page } = at(vma.ptes, entry);
          at(at(machine.folios, folio - 1).pages, page).anonExclusive = true;
          return true;
        }
        return memory.doWpPage.call(this, machine, mm, vma, entry, unshare);
      },
    },
  },
];

/** All mistakes. */
export const MISTAKES: readonly Mistake[] = ALL.map(({ summary, overrides }) => ({
  summary,
  kernel: { ...kernelIn("v7.1", "page-mapcount"), name: summary, ...overrides },
}));
