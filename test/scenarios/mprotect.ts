/** mprotect() of a part of the anon VMA. @source mm/mprotect.c, mm/huge_memory.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { isNone, isPresent } from "../../model/kernel/pgtable.ts";
import type { Entry } from "../../model/state/structs.ts";
import type { World } from "../../model/state/world.ts";

/**
 * mprotect(PROT_READ), then mprotect(PROT_READ | PROT_WRITE): entries become read-only, and those of exclusive pages
 * writable again without a fault. A PMD is split if only a part of it changes. Enabled when the first and the last
 * entry are not none.
 *
 * @param softDirty writes are tracked: entries stay read-only, so that each write faults
 * @source mm/mprotect.c, change_pte_range(), can_change_pte_writable(); mm/huge_memory.c, change_huge_pmd()
 */
export function mprotect(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly first: number; readonly count: number; readonly softDirty: boolean },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  const { pmd, ptes } = vma;
  if (pmd.folio === 0 && (isNone(at(ptes, p.first)) || isNone(at(ptes, p.first + p.count - 1)))) {
    return false;
  }
  if (pmd.folio !== 0 && p.count === ptes.length) {
    changeEntry(world, pmd, 0, p.softDirty);
    return true;
  }
  kernel.splitHugePmd(world, mm, vma);
  for (let i = p.first; i < p.first + p.count; i++) {
    const pte = at(ptes, i);
    changeEntry(world, pte, pte.page, p.softDirty);
  }
  return true;
}

function changeEntry(world: World, entry: Entry, page: number, softDirty: boolean): void {
  if (isPresent(entry)) {
    entry.writable = !softDirty && at(at(world.folios, entry.folio - 1).pages, page).anonExclusive;
  } else if (entry.migration && entry.writable) {
    entry.writable = false;
    entry.exclusive = true;
  }
}
