/** MMs come and go. @source kernel/fork.c, mm/memory.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, exclusivePageAt, isPresent } from "../kernel/pgtable.ts";
import type { World, WorldMm, WorldVma } from "../state/world.ts";
import { inheritContents, loseContents } from "./contents.ts";
import { rememberAfterMapping, rememberAfterUnmapping } from "./history.ts";

/** A new MM with empty page tables, as execve() makes one. @source fs/exec.c, bprm_mm_init(); kernel/fork.c, mm_init() */
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
 * fork(): a new MM that maps what the parent maps. Not enabled when copies of pinned pages would need more folios than
 * there are.
 *
 * The kernel does not copy the entries of a file VMA that has no anon_vma (`vma_needs_copy()`): here every file VMA is a
 * private one that was written to elsewhere, and its PTEs are copied. For the folios of the file, a child whose file VMA
 * starts empty is what newMm gives.
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
  rememberAfterMapping(world, kernel);
  return true;
}

/** Exclusive pages of folios that may be pinned: fork copies them at once. */
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
 * The process exits: all its page tables go, then its MM id.
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
  loseContents(world, mm, 0, Number.MAX_SAFE_INTEGER);
  rememberAfterUnmapping(world, kernel);
  return true;
}
