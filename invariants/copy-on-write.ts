/**
 * Claims about private memory: isolation of writes, stability of pinned pages, and reuse of pages that are not shared.
 */

import { always, noWarning, type Property, sometimes } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { PageTableTruth, View, WorldView } from "../model/environment/view.ts";
import { entryAt, exclusivePageAt, isNone, isPresent, pageAt } from "../model/kernel/pgtable.ts";
import { Warning, warningsOf } from "../model/kernel/warnings.ts";
import { HolderKind, type World, type WorldMm, type WorldPte, type WorldVma } from "../model/state/world.ts";
import { everyFolio, type FoliosView } from "./every-folio.ts";
import { type Fault, ofEach, unequal } from "./fault.ts";

const PATCH = "series v3 13/20 (1da190f4d0a6)";

/** Returns the content that a process reads through an entry of an anon VMA; undefined if the entry is none. */
function contentAt({ folios, swapSlots }: World, { pmd }: WorldVma, pte: WorldPte, entry: number): number | undefined {
  if (pmd.folio !== 0) {
    return at(at(folios, pmd.folio - 1).pages, entry).content;
  }
  if (isNone(pte)) {
    return undefined;
  }
  if (!pte.swap) {
    return at(at(folios, pte.folio - 1).pages, pte.page).content;
  }
  const slot = at(swapSlots, pte.page);
  if (slot.folio === 0) {
    return slot.content;
  }
  const cached = at(folios, slot.folio - 1);
  return at(cached.pages, pte.page - cached.swap).content;
}

function readsOwnContents(world: World, mm: WorldMm): boolean {
  for (let v = 0; v < mm.vmas.length; v++) {
    const vma = at(mm.vmas, v);
    for (let i = 0; vma.anonymous && i < vma.ptes.length; i++) {
      const pte = at(vma.ptes, i);
      const content = contentAt(world, vma, pte, i);
      if (content !== undefined && content !== pte.expected) {
        return false;
      }
    }
  }
  return true;
}

/** Returns the faults of every entry of every VMA. */
function ofEntries(
  { mms }: World,
  faultsOf: (mm: number, vma: number, entry: number, own: WorldVma) => readonly Fault[],
): readonly Fault[] {
  return ofEach(mms, ({ vmas }, mm) =>
    ofEach(vmas, (own, vma) => own.ptes.flatMap((_, entry) => faultsOf(mm, vma, entry, own))),
  );
}

/** C9, for processes. */
export const writesArePrivate: Property<WorldView> = always({
  id: "C9.contents",
  claim:
    "A process reads from its private memory its own last write, or the content inherited by fork: it never reads " +
    "another's write, and loses none of its own",
  source: `${PATCH}; tools/testing/selftests/mm/cow.c`,
  holds: ({ world }) => {
    for (let m = 0; m < world.mms.length; m++) {
      if (!readsOwnContents(world, at(world.mms, m))) {
        return false;
      }
    }
    return true;
  },
  faults: ({ world }) =>
    ofEntries(world, (mm, vma, entry, own) => {
      const pte = at(own.ptes, entry);
      const content = own.anonymous ? contentAt(world, own, pte, entry) : undefined;
      return content === undefined ? [] : unequal("content", content, pte.expected, { mm, vma, entry });
    }),
});

/** C9, for holders of references. */
export const heldPagesArePrivate: Property<WorldView> = always({
  id: "C9.held",
  claim: "The holder of a reference or a pin reads from the page what the process that it was taken from wrote there",
  source: `${PATCH}; tools/testing/selftests/mm/cow.c`,
  holds: ({ world }) => {
    let nonVacuous = false;
    for (let h = 0; h < world.holders.length; h++) {
      const { kind, folio, page, expected } = at(world.holders, h);
      if (kind >= HolderKind.get) {
        nonVacuous = true;
        if (at(at(world.folios, folio - 1).pages, page).content !== expected) {
          return false;
        }
      }
    }
    return nonVacuous ? true : undefined;
  },
  faults: ({ world }) =>
    ofEach(world.holders, ({ kind, folio, page, expected }, holder) =>
      kind < HolderKind.get
        ? []
        : unequal("content", at(at(world.folios, folio - 1).pages, page).content, expected, {
            holder,
            folio: folio - 1,
            page,
          }),
    ),
});

/** C9, pins. */
export const pinnedPageStaysMapped: Property<WorldView> = always({
  id: "C9.pinned",
  claim: "A pinned page stays the page that is mapped where it was pinned, until the process unmaps it",
  source: "PageAnonExclusive rules, include/linux/page-flags.h; mm/gup.c",
  holds: ({ world }) => {
    let nonVacuous = false;
    for (let h = 0; h < world.holders.length; h++) {
      const { kind, folio, page, mm, entry } = at(world.holders, h);
      if (kind < HolderKind.pin || mm === 0) {
        continue;
      }
      nonVacuous = true;
      const vma = at(at(world.mms, mm - 1).vmas, 0);
      const mapping = entryAt(vma, entry);
      if (!isPresent(mapping) || mapping.folio !== folio || pageAt(vma, entry) !== page) {
        return false;
      }
    }
    return nonVacuous ? true : undefined;
  },
  faults: ({ world }) =>
    ofEach(world.holders, ({ kind, folio, page, mm, entry }, holder) => {
      if (kind < HolderKind.pin || mm === 0) {
        return [];
      }
      const vma = at(at(world.mms, mm - 1).vmas, 0);
      const mapping = entryAt(vma, entry);
      const isMapped = isPresent(mapping) && mapping.folio === folio && pageAt(vma, entry) === page;
      return unequal("mapped where it was pinned", isMapped, true, {
        holder,
        folio: folio - 1,
        page,
        mm: mm - 1,
        vma: 0,
        entry,
      });
    }),
});

/** C9, the decision. */
export const reuseOnlyWhenAlone: Property<View> = noWarning({
  id: "C9",
  claim: "A page is reused for writing only when no other MM, no swap entry and no reference leads to it",
  source: PATCH,
  codes: [Warning.reusedWhileReachable],
  counted: true,
});

/** C9, the kernel's own checks. */
export const noReuseWarning: Property<View> = noWarning({
  id: "C9.warnings",
  claim: "No check of __wp_can_reuse_large_anon_folio() warns",
  source: PATCH,
  codes: warningsOf("C9").filter((code) => code !== Warning.reusedWhileReachable),
});

/** C10. */
export const reuseWhenAlone: Property<View> = noWarning({
  id: "C10",
  claim:
    "A page of a large folio is reused for writing when the folio is mapped by this MM alone, more than once, was " +
    "never mapped by three MMs since it was last unmapped, and has no other references",
  source: `cover letter, section 4; ${PATCH}`,
  codes: [Warning.copiedThoughAlone],
  counted: true,
});

/** C11. */
export const exclusiveIsMappedOnce: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C11",
  claim: "A page that is PageAnonExclusive is mapped at most once; while a PMD maps its folio, only by that PMD",
  source: "include/linux/page-flags.h, PG_anon_exclusive; include/linux/rmap.h",
  when: ({ folio }) => folio.anon,
  holds: ({ folio, mappingsOfPage, pmdMappings, mappings }) => {
    if (pmdMappings > 0 && at(folio.pages, 0).anonExclusive) {
      return mappings === 1;
    }
    for (let i = 0; i < folio.nrPages; i++) {
      if (at(folio.pages, i).anonExclusive && (mappingsOfPage[i] as number) + pmdMappings > 1) {
        return false;
      }
    }
    return true;
  },
  faults: ({ folio, mappingsOfPage, pmdMappings, mappings }) =>
    ofEach(folio.pages.slice(0, folio.nrPages), ({ anonExclusive }, page): readonly Fault[] => {
      const isHead = page === 0 && pmdMappings > 0;
      const actual = isHead ? mappings : (mappingsOfPage[page] as number) + pmdMappings;
      return anonExclusive && actual > 1
        ? [{ page, field: "mappings of an exclusive page", actual, expected: { most: 1 } }]
        : [];
    }),
});

function isExclusive(world: World, vma: WorldVma, entry: number): boolean {
  const { pages } = at(world.folios, entryAt(vma, entry).folio - 1);
  return at(pages, exclusivePageAt(vma, entry)).anonExclusive;
}

/** C11, the right to write. */
export const writableIsExclusive: Property<WorldView> = always({
  id: "C11.writable",
  claim: "An anon page is mapped writable only while it is PageAnonExclusive",
  source: "include/linux/page-flags.h, PG_anon_exclusive",
  holds: ({ world }) => {
    let nonVacuous = false;
    for (let m = 0; m < world.mms.length; m++) {
      const { vmas } = at(world.mms, m);
      for (let v = 0; v < vmas.length; v++) {
        const vma = at(vmas, v);
        for (let i = 0; vma.anonymous && i < vma.ptes.length; i++) {
          const mapping = entryAt(vma, i);
          if (mapping.writable && isPresent(mapping)) {
            nonVacuous = true;
            if (!isExclusive(world, vma, i)) {
              return false;
            }
          }
        }
      }
    }
    return nonVacuous ? true : undefined;
  },
  faults: ({ world }) =>
    ofEntries(world, (mm, vma, entry, own) => {
      const mapping = entryAt(own, entry);
      return own.anonymous && mapping.writable && isPresent(mapping)
        ? unequal("PageAnonExclusive", isExclusive(world, own, entry), true, {
            folio: mapping.folio - 1,
            page: exclusivePageAt(own, entry),
            mm,
            vma,
            entry,
          })
        : [];
    }),
});

/** C11, pins. */
export const pinnedIsExclusive: Property<FoliosView<PageTableTruth> & { readonly world: World }> = always({
  id: "C11.pinned",
  claim: "A pinned anon page is mapped at most once: it is never shared",
  source: "mm/internal.h, gup_must_unshare(); include/linux/rmap.h, folio_try_dup_anon_rmap_ptes()",
  holds: ({ folios, world }) => {
    let nonVacuous = false;
    for (let h = 0; h < world.holders.length; h++) {
      const { kind, folio, page } = at(world.holders, h);
      if (kind >= HolderKind.pin) {
        nonVacuous = true;
        const { mappingsOfPage, pmdMappings } = at(folios, folio - 1);
        if ((mappingsOfPage[page] as number) + pmdMappings > 1) {
          return false;
        }
      }
    }
    return nonVacuous ? true : undefined;
  },
  faults: ({ folios, world }) =>
    ofEach(world.holders, ({ kind, folio, page }, holder): readonly Fault[] => {
      if (kind < HolderKind.pin) {
        return [];
      }
      const { mappingsOfPage, pmdMappings } = at(folios, folio - 1);
      const actual = (mappingsOfPage[page] as number) + pmdMappings;
      return actual <= 1
        ? []
        : [{ holder, folio: folio - 1, page, field: "mappings of a pinned page", actual, expected: { most: 1 } }];
    }),
});

/** C11, at the time of pinning. */
export const pinOnlyWhenAlone: Property<View> = noWarning({
  id: "C11.pin",
  claim: "When a page is pinned, no other MM has an entry that leads to it",
  source: "mm/internal.h, gup_must_unshare()",
  codes: [Warning.pinnedWhileShared],
  counted: true,
});

/** C11, the kernel's own checks. */
export const noExclusiveWarning: Property<View> = noWarning({
  id: "C11.warnings",
  claim: "No check of PageAnonExclusive warns when pages are mapped, shared, forked or swapped in",
  source: "mm/rmap.c, __folio_add_anon_rmap(); include/linux/rmap.h; mm/memory.c, copy_present_ptes(), do_swap_page()",
  codes: warningsOf("C11").filter((code) => code !== Warning.pinnedWhileShared),
});

/** C11, while the page is not mapped. */
export const exclusiveEntryIsTheOnlyOne: Property<WorldView> = always({
  id: "C11.entries",
  claim: "A swap entry that is marked exclusive is the only one of its slot, and nothing maps its page",
  source: "mm/memory.c, copy_nonpresent_pte(), do_swap_page(); include/linux/pgtable.h, pte_swp_exclusive()",
  holds: (view) => {
    const { world } = view;
    let nonVacuous = false;
    for (let m = 0; m < world.mms.length; m++) {
      const { ptes } = at(at(world.mms, m).vmas, 0);
      for (let i = 0; i < ptes.length; i++) {
        const pte = at(ptes, i);
        if (pte.swap && pte.exclusive) {
          nonVacuous = true;
          if (at(world.swapSlots, pte.page).count !== 1 || isMappedFromSwap(view, pte.page)) {
            return false;
          }
        }
      }
    }
    return nonVacuous ? true : undefined;
  },
  faults: (view) => {
    const { world } = view;
    return ofEach(world.mms, ({ vmas }, mm) =>
      ofEach(at(vmas, 0).ptes, (pte, entry) => {
        const place = { mm, vma: 0, entry, swapSlot: pte.page };
        return pte.swap && pte.exclusive
          ? [
              ...unequal("swap entries of the slot", at(world.swapSlots, pte.page).count, 1, place),
              ...unequal("mapped from the swap cache", isMappedFromSwap(view, pte.page), false, place),
            ]
          : [];
      }),
    );
  },
});

/** Whether the page of a slot in the swap cache is mapped. */
function isMappedFromSwap({ world, folios }: WorldView, slot: number): boolean {
  const { folio: reference } = at(world.swapSlots, slot);
  if (reference === 0) {
    return false;
  }
  const { folio, mappingsOfPage, pmdMappings } = at(folios, reference - 1);
  return (mappingsOfPage[slot - folio.swap] as number) + pmdMappings > 0;
}

/** Whether an entry maps a folio that only its MM maps, and its page would be copied because of another reference. */
function isCopiedForAReference({ world, folios, kernel }: WorldView, mm: WorldMm): boolean {
  const { ptes, pmd } = at(mm.vmas, 0);
  for (let i = 0; pmd.folio === 0 && i < ptes.length; i++) {
    const pte = at(ptes, i);
    if (!isPresent(pte) || pte.writable) {
      continue;
    }
    const { folio, mappingMms, mappings, heldReferences } = at(folios, pte.folio - 1);
    if (
      mappingMms === 1 &&
      mappings > 1 &&
      heldReferences > 0 &&
      folio.nrPages > 1 &&
      !folio.swapcache &&
      !folio.mmIdsShared &&
      !at(folio.pages, pte.page).anonExclusive &&
      !kernel.wpCanReuseAnonFolio(world, folio, mm)
    ) {
      return true;
    }
  }
  return false;
}

/** W7. */
export const referencePreventsReuse: Property<WorldView> = sometimes({
  id: "W7",
  claim:
    "A page of a large folio would be copied although one MM alone maps the folio and it is marked exclusive: there " +
    "is a temporary reference",
  source: PATCH,
  reached: (view) => {
    for (let m = 0; m < view.world.mms.length; m++) {
      if (isCopiedForAReference(view, at(view.world.mms, m))) {
        return true;
      }
    }
    return false;
  },
});
