/** fork() of a process with MADV_DONTFORK memory. @source mm/madvise.c, kernel/fork.c */
import { at } from "../../explore/model/schema.ts";
import { updateHistoryAfterMapping } from "../../model/environment/history.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { World } from "../../model/state/world.ts";

/**
 * MADV_DONTFORK of all but a range of the anon VMA, fork(), MADV_DOFORK. The VMA is split in between, and with it its
 * PMD. Not enabled for a process that has pinned a page.
 *
 * @source mm/madvise.c, madvise_vma_behavior(); mm/huge_memory.c, vma_adjust_trans_huge(); kernel/fork.c, dup_mmap()
 */
export function forkRange(
  world: World,
  kernel: Kernel,
  p: { readonly parent: number; readonly child: number; readonly first: number; readonly count: number },
): boolean {
  const parent = at(world.mms, p.parent);
  const child = at(world.mms, p.child);
  if (!parent.live || child.live || parent.hasPinned) {
    return false;
  }
  const source = at(parent.vmas, 0);
  const { pmd, ptes } = at(child.vmas, 0);
  const end = p.first + p.count;
  if (p.count < source.ptes.length) {
    kernel.splitHugePmd(world, parent, source);
  }
  kernel.mmAllocId(child);
  child.live = true;
  if (source.pmd.folio !== 0) {
    kernel.copyHugePmd(world, child, parent, at(child.vmas, 0), source);
  } else {
    const part = { anonymous: true, pmd: source.pmd, ptes: source.ptes.slice(p.first, end) };
    kernel.copyPteRange(world, child, parent, { anonymous: true, pmd, ptes: ptes.slice(p.first, end) }, part);
  }
  for (let i = p.first; i < end; i++) {
    at(ptes, i).expected = at(source.ptes, i).expected;
  }
  updateHistoryAfterMapping(world, kernel);
  return true;
}
