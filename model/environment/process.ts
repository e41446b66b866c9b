/** Creation and exit of MMs. @source kernel/fork.c, mm/memory.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, exclusivePageAt, isPresent } from "../kernel/pgtable.ts";
import type { World, WorldMm, WorldVma } from "../state/world.ts";
import { discardContents, inheritContents } from "./contents.ts";
import { updateHistoryAfterMapping, updateHistoryAfterUnmapping } from "./history.ts";

/**
 * Creates an MM with empty page tables, as execve() does.
 *
 * @source fs/exec.c, bprm_mm_init(); kernel/fork.c, mm_init()
 */
export function newMm(world: World, kernel: Kernel, p: { readonly mm: number }): boolean {
  const mm = at(world.mms, p.mm);
  if (mm.live) {
    return false;
  }
  kernel.mmAllocId(mm);
  mm.live = true;
  return true;
}

/**
 * fork(): creates an MM with the mappings of the parent. Not enabled if copies of pinned pages need more folios than
 * are free.
 *
 * The kernel does not copy the entries of a file VMA that has no anon_vma (`vma_needs_copy()`): in the model every file
 * VMA is private and was written to elsewhere, so its PTEs are copied. For the folios of the file, a child with an
 * empty file VMA is equivalent to newMm.
 *
 * @source kernel/fork.c, dup_mm(); mm/memory.c, copy_page_range()
 */
export function fork(world: World, kernel: Kernel, p: { readonly parent: number; readonly child: number }): boolean {
  const parent = at(world.mms, p.parent);
  const child = at(world.mms, p.child);
  if (!parent.live || child.live || (parent.hasPinned && copiesNeeded(world, kernel, parent) > freeFolios(world))) {
    return false;
  }
  kernel.mmAllocId(child);
  child.live = true;
  for (let v = 0; v < parent.vmas.length; v++) {
    kernel.copyPmdRange(world, child, parent, at(child.vmas, v), at(parent.vmas, v));
  }
  inheritContents(parent, child);
  updateHistoryAfterMapping(world, kernel);
  return true;
}

/** Counts the exclusive pages of folios that may be pinned, which fork copies immediately. */
function copiesNeeded(world: World, kernel: Kernel, parent: WorldMm): number {
  let copies = 0;
  for (let v = 0; v < parent.vmas.length; v++) {
    const vma = at(parent.vmas, v);
    for (let i = 0; i < vma.ptes.length; i++) {
      copies += isCopiedByFork(world, kernel, parent, vma, i) ? 1 : 0;
    }
  }
  return copies;
}

function isCopiedByFork(world: World, kernel: Kernel, parent: WorldMm, vma: WorldVma, entry: number): boolean {
  const mapping = entryAt(vma, entry);
  if (!isPresent(mapping)) {
    return false;
  }
  const folio = at(world.folios, mapping.folio - 1);
  return kernel.folioNeedsCowForDma(parent, folio) && at(folio.pages, exclusivePageAt(vma, entry)).anonExclusive;
}

function freeFolios(world: World): number {
  let free = 0;
  for (let f = 0; f < world.folios.length; f++) {
    free += at(world.folios, f).allocated ? 0 : 1;
  }
  return free;
}

/**
 * Exit of a process: unmaps everything, then frees the MM id.
 *
 * @source kernel/fork.c, __mmput(), __mmdrop(); mm/mmap.c, exit_mmap()
 */
export function exit(world: World, kernel: Kernel, p: { readonly mm: number }): boolean {
  const mm = at(world.mms, p.mm);
  if (!mm.live) {
    return false;
  }
  mm.live = false;
  kernel.mmput(mm);
  for (let v = 0; v < mm.vmas.length; v++) {
    const vma = at(mm.vmas, v);
    kernel.zapPmdRange(world, mm, vma, 0, vma.ptes.length);
  }
  kernel.mmdrop(mm);
  discardContents(world, mm, 0, Number.MAX_SAFE_INTEGER);
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}
