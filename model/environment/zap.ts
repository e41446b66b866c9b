/** munmap(), MADV_DONTNEED and mremap(). @source mm/memory.c, mm/mremap.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isNone } from "../kernel/pgtable.ts";
import type { World } from "../state/world.ts";
import { discardContents, moveContents } from "./contents.ts";
import { updateHistoryAfterUnmapping } from "./history.ts";

/**
 * munmap() or MADV_DONTNEED of a range of one VMA. Enabled if its first and last entries are not none: any other range
 * is equivalent to a smaller one.
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
  kernel.zapPmdRange(world, mm, vma, p.first, p.first + p.count);
  if (vma.anonymous) {
    discardContents(world, mm, p.first, p.first + p.count);
  }
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

/** mremap() of a page of the anon VMA to an entry that is none (MREMAP_FIXED unmaps it first). */
export function mremap(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly from: number; readonly to: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  if (vma.pmd.folio !== 0 || isNone(at(vma.ptes, p.from)) || !isNone(at(vma.ptes, p.to))) {
    return false;
  }
  kernel.movePtes(vma, p.from, p.to);
  moveContents(world, mm, p.from, p.to);
  return true;
}
