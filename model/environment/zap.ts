/** Unmapping and moving, as processes ask for it. @source mm/memory.c, mm/mremap.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { clearPtes, copyPte, isNone } from "../kernel/pgtable.ts";
import type { World, WorldMm, WorldVma } from "../world.ts";
import { loseContents, moveContents } from "./contents.ts";
import { rememberAfterUnmapping } from "./history.ts";

/**
 * munmap() or MADV_DONTNEED of a range of one VMA. Enabled when its first and last entries are not none: a range with
 * other ends does what a smaller one does.
 */
export function unmap(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly vma: number; readonly first: number; readonly count: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, p.vma);
  if (vma.pmd.folio === 0 && (isNone(at(vma.ptes, p.first)) || isNone(at(vma.ptes, p.first + p.count - 1)))) {
    return false;
  }
  zapRange(world, kernel, mm, vma, p.first, p.first + p.count);
  if (vma.anonymous) {
    loseContents(world, mm, p.first, p.first + p.count);
  }
  rememberAfterUnmapping(world, kernel);
  return true;
}

/**
 * Clears a range of one VMA: its PMD as a whole, or its PTEs. A PMD of which only a part is to go is split first.
 *
 * @param first position of the first entry
 * @param end position after the last
 * @source mm/memory.c, zap_pmd_range()
 */
export function zapRange(world: World, kernel: Kernel, mm: WorldMm, vma: WorldVma, first: number, end: number): void {
  if (vma.pmd.folio !== 0) {
    if (end - first === vma.ptes.length) {
      kernel.zapHugePmd(world, mm, vma);
      return;
    }
    kernel.splitHugePmd(world, mm, vma);
  }
  kernel.zapPteRange(world, mm, vma, first, end);
}

/**
 * mremap() of a page of the anon VMA to an entry that is none (MREMAP_FIXED unmaps it first). No counter changes.
 *
 * @source mm/mremap.c, move_ptes()
 */
export function mremap(
  world: World,
  _kernel: Kernel,
  p: { readonly mm: number; readonly from: number; readonly to: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const { pmd, ptes } = at(mm.vmas, 0);
  const from = at(ptes, p.from);
  const to = at(ptes, p.to);
  if (pmd.folio !== 0 || isNone(from) || !isNone(to)) {
    return false;
  }
  copyPte(to, from);
  clearPtes(ptes, p.from, 1);
  moveContents(world, mm, p.from, p.to);
  return true;
}
