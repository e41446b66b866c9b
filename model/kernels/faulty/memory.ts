/** Patches to faults, fork and unmapping at PTE level. The overridden functions are in model/kernel/memory.ts. */
import { at } from "../../../explore/model/schema.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import * as base from "../../kernel/memory.ts";
import { clearPtes, copyPte, setPtes } from "../../kernel/pgtable.ts";
import { Warning } from "../../kernel/warnings.ts";
import { faultFree, faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const COW = { pages: 2, minPages: 2, mms: 2, smallFolios: 1 };
const SWAP = { pages: 1, mms: 2, smallFolios: 1, swapSlots: 1 };
const MIGRATION = { pages: 2, mms: 2, folios: 1, smallFolios: 1 };

/** Faulty and fault-free versions of copy-on-write, fork, unmapping and swap-in. */
export const memoryVariants: readonly Variant[] = [
  faulty("anon-fault-one-reference", {
    summary: "A fault that maps a large anon folio by PTEs takes no references besides that of the allocation",
    caught: violates("C7", 1, "rmap", { pages: 2, mms: 1 }),
    overrides: {
      mapAnonFolioPtes(state, mm, vma, first, folio) {
        this.folioAddNewAnonRmap(state.stats, folio, mm, true);
        setPtes(vma.ptes, first, folio, 0, folio.nrPages, true);
      },
    },
  }),
  faulty("file-pmd-without-rmap", {
    summary: "Mapping a folio of the file by a PMD does not update the reverse mapping",
    caught: violates("C6.entire-mapcount", 2, "pmd", { pages: 2, mms: 1, smallFolios: 0, anon: 0, file: 1 }),
    overrides: {
      doSetPmd(_state, _mm, vma, folio) {
        vma.pmd.folio = folio.frameNumber;
        return true;
      },
    },
  }),
  faulty("fork-leaves-parent-writable", {
    summary: "fork() write-protects the child's entries only",
    caught: violates("C11.writable", 2, "cow", COW),
    overrides: {
      __copyPresentPtes(dstVma, srcVma, first, nr) {
        for (let i = first; i < first + nr; i++) {
          const pte = at(dstVma.ptes, i);
          copyPte(pte, at(srcVma.ptes, i));
          pte.writable = false;
        }
      },
    },
  }),
  faulty("fork-copies-nothing", {
    summary: "fork() does not copy anon entries, which is correct for files only: the child faults them in",
    caught: violates("C9.contents", 4, "cow", { pages: 1, mms: 2, smallFolios: 1 }),
    alsoCaught: [
      neverShows("W1", "rmap", { pages: 2, mms: 3 }),
      neverShows("W4", "rmap", { pages: 4, minPages: 4, mms: 4 }, "no-page-mapcount"),
      neverShows("W6", "rmap", { pages: 2, mms: 2 }, "no-page-mapcount"),
    ],
    overrides: {
      copyPteRange() {},
    },
  }),
  faulty("fork-copies-no-content", {
    summary: "fork() maps a new page in the child for one that the parent pinned, and does not copy the content",
    caught: violates("C9.contents", 4, "pins", { pages: 1, mms: 2, smallFolios: 1 }),
    overrides: {
      copyPresentPage(state, dstMm, dstVma, _srcVma, entry, prealloc) {
        const { folio } = prealloc;
        if (folio === undefined) {
          return false;
        }
        prealloc.folio = undefined;
        this.folioAddNewAnonRmap(state.stats, folio, dstMm, true);
        setPtes(dstVma.ptes, entry, folio, 0, 1, true);
        return true;
      },
    },
  }),
  faulty("fork-keeps-preallocated-page", {
    summary: "fork() does not free a page that it allocated for a copy and did not use",
    caught: violates("C7", 5, "pins", { pages: 2, minPages: 2, mms: 2, smallFolios: 2 }),
    overrides: {
      copyPteRange(...parameters) {
        const folioPutRefs: Kernel["folioPutRefs"] = (folio, refs) => folio.anon && this.folioPutRefs(folio, refs);
        base.copyPteRange.apply({ ...this, folioPutRefs }, parameters);
      },
    },
  }),
  faulty("fork-keeps-swap-entry-exclusive", {
    summary: "fork() clears the exclusive mark in the child's swap entry only",
    caught: violates("C11.entries", 4, "swap", SWAP),
    overrides: {
      copyNonpresentPte(state, dstPte, srcPte) {
        const { exclusive } = srcPte;
        base.copyNonpresentPte.call(this, state, dstPte, srcPte);
        srcPte.exclusive = exclusive;
      },
    },
  }),
  faulty("fork-keeps-migration-entry-exclusive", {
    summary: "fork() makes exclusive migration entries read-only and leaves them exclusive",
    caught: violates("C11.warnings", 4, "migration", MIGRATION),
    overrides: {
      copyNonpresentPte(state, dstPte, srcPte) {
        if (srcPte.migration && srcPte.writable) {
          srcPte.writable = false;
          srcPte.exclusive = true;
          copyPte(dstPte, srcPte);
        } else {
          base.copyNonpresentPte.call(this, state, dstPte, srcPte);
        }
      },
    },
  }),
  faulty("fork-without-swap-count", {
    summary: "fork() copies a swap entry without counting it",
    caught: violates("C7.swap", 4, "swap", SWAP),
    overrides: {
      copyNonpresentPte(state, dstPte, srcPte) {
        if (srcPte.swap) {
          srcPte.exclusive = false;
          copyPte(dstPte, srcPte);
        } else {
          base.copyNonpresentPte.call(this, state, dstPte, srcPte);
        }
      },
    },
  }),
  faulty("fork-loses-migration-entries", {
    summary: "fork() copies swap entries, but not migration entries",
    caught: violates("C9.contents", 5, "migration", MIGRATION),
    overrides: {
      copyNonpresentPte(state, dstPte, srcPte) {
        if (srcPte.swap) {
          base.copyNonpresentPte.call(this, state, dstPte, srcPte);
        }
      },
    },
  }),
  faulty("zap-puts-one", {
    summary: "Unmapping a batch of entries drops one reference",
    caught: violates("C7", 2, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      zapPresentFolioPtes(state, mm, vma, folio, first, nr) {
        const { page } = at(vma.ptes, first);
        clearPtes(vma.ptes, first, nr);
        this.folioRemoveRmapPtes(state.stats, folio, page, nr, mm);
        this.vmWarnOn(this.folioMapcount(folio) < 0, Warning.badPte);
        this.freeSwapCache(state, folio);
        this.folioPutRefs(folio, 1);
      },
    },
  }),
  faulty("zap-puts-migration-entries", {
    summary: "Unmapping a migration entry drops a reference, which it does not have",
    caught: violates("C4.bad-page", 3, "migration", MIGRATION),
    overrides: {
      zapNonpresentPtes(state, vma, first, end) {
        const { migration, folio } = at(vma.ptes, first);
        const nr = base.zapNonpresentPtes.call(this, state, vma, first, end);
        if (migration) {
          this.folioPutRefs(at(state.folios, folio - 1), 1);
        }
        return nr;
      },
    },
  }),
  faulty("zap-skips-migration-entries", {
    summary: "Unmapping skips migration entries, and the migration maps them again",
    caught: violates("C9.contents", 4, "migration", MIGRATION),
    overrides: {
      zapNonpresentPtes(state, vma, first, end) {
        return at(vma.ptes, first).migration ? 1 : base.zapNonpresentPtes.call(this, state, vma, first, end);
      },
    },
  }),
  faulty("reuse-ignores-references", {
    summary: "A page of a large folio is reused if one MM maps the folio, even if there are other references",
    caught: violates("C9", 5, "cow", COW),
    overrides: {
      wpCanReuseLargeAnonFolio(_state, folio, _mm) {
        return this.folioMapcount(folio) > 1 && !folio.mmIdsShared && !folio.swapcache;
      },
    },
  }),
  faulty("reuse-ignores-shared", {
    summary: "A page of a large folio is reused when all references are mappings, even of several MMs",
    caught: violates("C9", 3, "cow", COW),
    overrides: {
      wpCanReuseLargeAnonFolio(_state, folio, _mm) {
        return this.folioMapcount(folio) > 1 && this.folioMapcount(folio) === folio.refcount;
      },
    },
  }),
  faulty("reuse-by-mapcount", {
    summary: "A small page is reused when it is mapped once, even if there are other references (CVE-2020-29374)",
    caught: violates("C9", 5, "pins", { pages: 1, mms: 2, smallFolios: 0 }),
    overrides: {
      wpCanReuseAnonFolio(state, folio, mm) {
        if (this.folioTestLarge(folio)) {
          return base.wpCanReuseAnonFolio.call(this, state, folio, mm);
        }
        this.folioFreeSwap(state, folio);
        return this.folioMapcount(folio) === 1 && !folio.swapcache;
      },
    },
  }),
  faulty("reuse-warns-of-references", {
    summary:
      "The series as posted: __wp_can_reuse_large_anon_folio() warns of fewer mappings than references, before it compares " +
      "them for good; what a race shows it there, any reference shows it here",
    caught: violates("C9.warnings", 5, "cow", COW),
    overrides: {
      wpCanReuseLargeAnonFolio(state, folio, mm) {
        const asks = this.folioMapcount(folio) > 1 && !folio.mmIdsShared && !folio.swapcache;
        this.vmWarnOn(asks && this.folioMapcount(folio) < folio.refcount, Warning.reuseAboveRefcount);
        return base.wpCanReuseLargeAnonFolio.call(this, state, folio, mm);
      },
    },
  }),
  faulty("reuse-compares-stored-mapcount", {
    summary: "The references of a large folio are compared with its stored mapcount, which is one less",
    caught: violates("C10", 4, "cow", COW),
    overrides: {
      wpCanReuseLargeAnonFolio(state, folio, mm) {
        return folio.largeMapcount === folio.refcount && base.wpCanReuseLargeAnonFolio.call(this, state, folio, mm);
      },
    },
  }),
  faulty("reuse-without-exclusive", {
    summary: "A page that is reused is mapped writable and does not become PageAnonExclusive",
    caught: violates("C11.writable", 4, "cow", COW),
    overrides: {
      doWpPage(state, mm, vma, entry, unshare) {
        const { folio, page } = at(vma.ptes, entry);
        const { anonExclusive } = at(at(state.folios, folio - 1).pages, page);
        const reused = base.doWpPage.call(this, state, mm, vma, entry, unshare);
        if (reused) {
          at(at(state.folios, folio - 1).pages, page).anonExclusive = anonExclusive;
        }
        return reused;
      },
    },
  }),
  faulty("copy-keeps-reference", {
    summary: "Copying a page on write does not drop the reference of the old mapping",
    caught: violates("C7", 3, "cow", COW),
    overrides: {
      wpPageCopy(state, mm, vma, entry, unshare) {
        const old = at(state.folios, at(vma.ptes, entry).folio - 1);
        base.wpPageCopy.call(this, state, mm, vma, entry, unshare);
        this.folioRefAdd(old, 1);
      },
    },
  }),
  faulty("copy-removes-head-page", {
    summary: "Copying a page on write removes the reverse mapping of the head page instead of the page",
    caught: violates("C6.page-mapcount", 3, "cow", COW),
    overrides: {
      wpPageCopy(state, mm, vma, entry, unshare) {
        const pte = at(vma.ptes, entry);
        const oldFolio = at(state.folios, pte.folio - 1);
        const newFolio = this.folioAlloc(state, 1);
        at(newFolio.pages, 0).content = at(oldFolio.pages, pte.page).content;
        clearPtes(vma.ptes, entry, 1);
        this.folioAddNewAnonRmap(state.stats, newFolio, mm, true);
        setPtes(vma.ptes, entry, newFolio, 0, 1, !unshare);
        this.folioRemoveRmapPtes(state.stats, oldFolio, 0, 1, mm);
        this.freeSwapCache(state, oldFolio);
        this.folioPutRefs(oldFolio, 1);
      },
    },
  }),
  faulty("swap-in-always-exclusive", {
    summary: "A page that is swapped in is exclusive, even if the swap entry is not and there are other references",
    caught: violates("C11.warnings", 5, "swap", SWAP),
    overrides: {
      swapInExclusive() {
        return true;
      },
    },
  }),
  faulty("swap-in-exclusive-by-mapcount", {
    summary:
      "A page that is swapped in is exclusive when no other entry leads to it, even if there are other references",
    // Since 7.1 the swap entry itself is still counted when this is decided.
    base: "v6.18",
    caught: violates("C9.held", 8, "swap", { ...SWAP, smallFolios: 0, holders: 1 }),
    overrides: {
      swapInExclusive(state, folio, exclusive) {
        return exclusive || (this.folioMapcount(folio) === 0 && !(folio.swapcache && this.folioSwapped(state, folio)));
      },
    },
  }),
  faulty("swap-in-takes-one-reference", {
    summary: "Swapping in all pages of a large folio at once takes one reference",
    caught: violates("C7", 4, "swap", { pages: 2, minPages: 2, mms: 1, smallFolios: 1, swapSlots: 2 }),
    overrides: {
      doSwapPage(state, mm, vma, entry, folio, write) {
        const mapcount = this.folioMapcount(folio);
        base.doSwapPage.call(this, state, mm, vma, entry, folio, write);
        this.folioRefSub(folio, this.folioMapcount(folio) - mapcount - 1);
      },
    },
  }),
  faultFree("reuse-without-early-test", {
    summary:
      "wp_can_reuse_anon_folio() does not check the references of a small folio before it tries to free its swap: " +
      "the check afterwards decides",
    explored: [
      { machine: "swap", bounds: { ...SWAP, smallFolios: 0, holders: 1 }, config: "" },
      { machine: "pins", bounds: { pages: 1, mms: 2, smallFolios: 1 }, config: "" },
    ],
    overrides: {
      wpCanReuseAnonFolio(state, folio, mm) {
        if (this.folioTestLarge(folio)) {
          return base.wpCanReuseAnonFolio.call(this, state, folio, mm);
        }
        if (!this.folioTrylock(folio)) {
          return false;
        }
        this.folioFreeSwap(state, folio);
        const alone = folio.refcount === 1;
        this.folioUnlock(folio);
        return alone;
      },
    },
  }),
  faultFree("reuse-last-page", {
    summary:
      "A large folio of which a single page is mapped is reused, too, instead of being freed: it is as exclusive as with " +
      "several pages",
    explored: [{ machine: "cow", bounds: COW, config: "" }],
    overrides: {
      wpCanReuseLargeAnonFolio(state, folio, mm) {
        if (this.folioMapcount(folio) === 1 && !folio.swapcache) {
          return folio.refcount === 1 && this.folioEntireMapcount(folio) === 0;
        }
        return base.wpCanReuseLargeAnonFolio.call(this, state, folio, mm);
      },
    },
  }),
  faultFree("swap-in-frees-swap-early", {
    summary:
      "do_swap_page() takes the folio out of the swap cache on every fault that finds its slots unused, not only on a write " +
      "with no other reference",
    explored: [
      { machine: "swap", bounds: { ...SWAP, smallFolios: 0, holders: 1 }, config: "" },
      { machine: "swap", bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 0, swapSlots: 2 }, config: "" },
    ],
    overrides: {
      shouldTryToFreeSwap(folio) {
        return folio.swapcache;
      },
    },
  }),
];
