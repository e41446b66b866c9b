/** Rmap walks: unmapping and migration of a folio in every VMA. @source mm/rmap.c, mm/migrate.c */
import { at } from "../../explore/model/schema.ts";
import type { Folio, KernelState, MmStruct, Pte, Vma } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { clearPtes, isPresent, isReadableMigration, makeMigrationEntry, setPte, setPtes } from "./pgtable.ts";
import { Warning } from "./warnings.ts";

/**
 * Removes every mapping of a folio in a VMA, page by page. Mappings of an anon folio, which must be in the swap cache,
 * are replaced by swap entries. A PMD is split first.
 *
 * @returns false if a page may be pinned: it and those after it stay mapped
 * @source mm/rmap.c, try_to_unmap_one() with TTU_SPLIT_HUGE_PMD; MADV_FREE and mlock() are not modelled
 */
export function tryToUnmapOne(this: Kernel, state: KernelState, folio: Folio, mm: MmStruct, vma: Vma): boolean {
  if (vma.pmd.folio === folio.frameNumber && isPresent(vma.pmd)) {
    this.splitHugePmdLocked(state, mm, vma, false);
  }
  for (let i = 0; i < vma.ptes.length; i++) {
    const pte = at(vma.ptes, i);
    if (pte.folio !== folio.frameNumber || !isPresent(pte)) {
      continue;
    }
    const { page, writable } = pte;
    const anonExclusive = folio.anon && at(folio.pages, page).anonExclusive;
    clearPtes(vma.ptes, i, 1);
    if (!folio.anon) {
      this.folioRemoveRmapPtes(state.stats, folio, page, 1, mm);
      this.folioPutRefs(folio, 1);
      continue;
    }
    const slot = folio.swap + page;
    this.swapDuplicate(state, slot);
    if (anonExclusive && !this.folioTryShareAnonRmap(folio, page)) {
      this.swapFreeNr(state, slot, 1);
      setPtes(vma.ptes, i, folio, page, 1, writable);
      return false;
    }
    pte.swap = true;
    pte.page = slot;
    pte.exclusive = anonExclusive;
    this.folioRemoveRmapPtes(state.stats, folio, page, 1, mm);
    this.folioPutRefs(folio, 1);
  }
  return true;
}

/**
 * Replaces every mapping of an anon folio in a VMA by a migration entry, page by page. After splitting a PMD it
 * continues with the PTEs, which are migration entries unless the folio may be pinned.
 *
 * @param splitPmd TTU_SPLIT_HUGE_PMD: split a PMD; otherwise replace it by one migration entry
 * @returns false if a page may be pinned: it and those after it stay mapped, and the walk ends
 * @source mm/rmap.c, try_to_migrate_one(); continuation after the split of a PMD: 939080834fef
 */
export function tryToMigrateOne(
  this: Kernel,
  state: KernelState,
  folio: Folio,
  mm: MmStruct,
  vma: Vma,
  splitPmd: boolean,
): boolean {
  if (vma.pmd.folio === folio.frameNumber && isPresent(vma.pmd)) {
    if (!splitPmd) {
      return this.setPmdMigrationEntry(state, mm, vma);
    }
    this.splitHugePmdLocked(state, mm, vma, true);
  }
  for (let i = 0; i < vma.ptes.length; i++) {
    const pte = at(vma.ptes, i);
    if (pte.folio !== folio.frameNumber || !isPresent(pte)) {
      continue;
    }
    const { page, writable } = pte;
    const { anonExclusive } = at(folio.pages, page);
    clearPtes(vma.ptes, i, 1);
    this.vmWarnOn(writable && !anonExclusive, Warning.writableNotExclusive);
    if (anonExclusive && !this.folioTryShareAnonRmap(folio, page)) {
      setPte(pte, folio, page, writable);
      return false;
    }
    makeMigrationEntry(pte, folio, writable, anonExclusive);
    pte.page = page;
    this.folioRemoveRmapPtes(state.stats, folio, page, 1, mm);
    this.folioPutRefs(folio, 1);
  }
  return true;
}

/**
 * Replaces the mappings of an anon folio in every MM by migration entries; stops at a VMA that fails.
 *
 * @param walk positions of the MMs in the order of the walk (in the kernel that of the anon_vma)
 * @source mm/rmap.c, try_to_migrate(), rmap_walk_anon()
 */
export function tryToMigrate(
  this: Kernel,
  state: KernelState,
  folio: Folio,
  splitPmd: boolean,
  walk: readonly number[],
): void {
  for (let w = 0; w < walk.length; w++) {
    const mm = at(state.mms, at(walk, w));
    for (let v = 0; v < mm.vmas.length; v++) {
      if (!this.tryToMigrateOne(state, folio, mm, at(mm.vmas, v), splitPmd)) {
        return;
      }
    }
  }
}

/**
 * Replaces the migration entries of folio `src` by mappings of `dst`, which may be the same folio.
 *
 * @param walk positions of the MMs in the order of the walk
 * @source mm/migrate.c, remove_migration_ptes(), remove_migration_pte()
 */
export function removeMigrationPtes(
  this: Kernel,
  state: KernelState,
  src: Folio,
  dst: Folio,
  walk: readonly number[],
): void {
  for (let w = 0; w < walk.length; w++) {
    const mm = at(state.mms, at(walk, w));
    for (let v = 0; v < mm.vmas.length; v++) {
      const vma = at(mm.vmas, v);
      if (vma.pmd.migration && vma.pmd.folio === src.frameNumber) {
        this.removeMigrationPmd(state, mm, vma, dst);
      }
      for (let i = 0; i < vma.ptes.length; i++) {
        const pte = at(vma.ptes, i);
        if (pte.migration && pte.folio === src.frameNumber) {
          this.removeMigrationPte(state, mm, pte, dst, pte.page);
        }
      }
    }
  }
}

/**
 * Replaces a migration entry by a mapping.
 *
 * @param page page of the new folio
 * @source mm/migrate.c, remove_migration_pte()
 */
export function removeMigrationPte(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  pte: Pte,
  dst: Folio,
  page: number,
): void {
  const { writable } = pte;
  this.folioRefAdd(dst, 1);
  this.folioAddAnonRmapPtes(state.stats, dst, page, 1, mm, !isReadableMigration(pte));
  setPte(pte, dst, page, writable);
}
