/**
 * Page table entries. Plain functions, not part of Kernel: no patch to the reverse mapping changes them.
 *
 * @source include/linux/pgtable.h
 */
import { at } from "../../explore/model/schema.ts";
import type { Entry, Folio, Pte, Vma } from "../state/structs.ts";

/** pte_present(), or pmd_trans_huge(). */
export function isPresent(entry: Entry): boolean {
  return entry.folio !== 0 && !entry.migration;
}

/** Returns the entry that maps a place in a VMA: the PMD if it is set, otherwise the PTE. */
export function entryAt({ pmd, ptes }: Vma, place: number): Entry {
  return pmd.folio === 0 ? at(ptes, place) : pmd;
}

/** Returns the page of the folio that a present entry maps at a place in a VMA. */
export function pageAt({ pmd, ptes }: Vma, place: number): number {
  return pmd.folio === 0 ? at(ptes, place).page : place;
}

/** Returns the page whose PageAnonExclusive applies to a place in a VMA: the head page while PMD-mapped. */
export function exclusivePageAt({ pmd, ptes }: Vma, place: number): number {
  return pmd.folio === 0 ? at(ptes, place).page : 0;
}

/** pte_none(). */
export function isNone(pte: Pte): boolean {
  return pte.folio === 0 && !pte.swap;
}

/** Whether the PMD and all entries of a range are none. @source mm/memory.c, pte_range_none() */
export function pteRangeNone({ pmd, ptes }: Vma, first: number, nr: number): boolean {
  if (pmd.folio !== 0) {
    return false;
  }
  for (let i = first; i < first + nr; i++) {
    if (!isNone(at(ptes, i))) {
      return false;
    }
  }
  return true;
}

/** is_readable_migration_entry(): neither writable nor exclusive. */
export function isReadableMigration(entry: Entry): boolean {
  return entry.migration && !entry.writable && !entry.exclusive;
}

/** Writes consecutive present entries. @source include/linux/pgtable.h, set_ptes() */
export function setPtes(
  ptes: readonly Pte[],
  first: number,
  folio: Folio,
  page: number,
  nr: number,
  writable: boolean,
): void {
  for (let i = 0; i < nr; i++) {
    setPte(at(ptes, first + i), folio, page + i, writable);
  }
}

/** Writes a present entry. @source set_pte() */
export function setPte(pte: Pte, folio: Folio, page: number, writable: boolean): void {
  pte.folio = folio.frameNumber;
  pte.page = page;
  pte.writable = writable;
  pte.migration = false;
  pte.exclusive = false;
  pte.swap = false;
}

/** Clears consecutive entries. @source include/linux/pgtable.h, clear_ptes() */
export function clearPtes(ptes: readonly Pte[], first: number, nr: number): void {
  for (let i = 0; i < nr; i++) {
    const pte = at(ptes, first + i);
    clearEntry(pte);
    pte.page = 0;
    pte.swap = false;
  }
}

/** Clears an entry of either level. @source pmd_clear() */
export function clearEntry(entry: Entry): void {
  entry.folio = 0;
  entry.writable = false;
  entry.migration = false;
  entry.exclusive = false;
}

/**
 * Replaces a present entry by a migration entry.
 *
 * @source include/linux/swapops.h, make_writable_migration_entry() and others
 */
export function makeMigrationEntry(entry: Entry, folio: Folio, writable: boolean, exclusive: boolean): void {
  entry.folio = folio.frameNumber;
  entry.migration = true;
  entry.writable = writable;
  entry.exclusive = exclusive && !writable;
}

/** Copies an entry of either level. All fields are loaded before the first is stored, since an entry is one word. */
export function copyEntry(to: Entry, from: Entry): void {
  const { folio, writable, migration, exclusive } = from;
  to.folio = folio;
  to.writable = writable;
  to.migration = migration;
  to.exclusive = exclusive;
}

/** Copies a PTE. */
export function copyPte(to: Pte, from: Pte): void {
  const { page, swap } = from;
  copyEntry(to, from);
  to.page = page;
  to.swap = swap;
}
