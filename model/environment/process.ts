/** MMs come and go. @source kernel/fork.c, mm/memory.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { RmapMm, RmapVma, World } from "../view.ts";
import { setPtes } from "./fault.ts";
import { rememberAfterMapping, rememberAfterUnmapping } from "./history.ts";
import { zapPteRange } from "./zap.ts";

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
 * fork(): a new MM that maps what the parent maps. For each batch, references are taken before the mappings are
 * duplicated. No page is pinned here, so duplicating never fails.
 *
 * The kernel does not copy the entries of a file VMA that has no anon_vma (`vma_needs_copy()`): here every file VMA is a
 * private one that was written to elsewhere, and its entries are copied. For the folios of the file, a child whose file
 * VMA starts empty is what newMm gives. Entries are copied in the largest batches: the kernel also ends one where the
 * dirty bit changes or the page table ends.
 *
 * @source kernel/fork.c, dup_mm(); mm/memory.c, copy_page_range(), copy_pte_range(), copy_present_ptes()
 */
export function fork(world: World, kernel: Kernel, p: { readonly parent: number; readonly child: number }): boolean {
  const parent = at(world.mms, p.parent);
  const child = at(world.mms, p.child);
  if (!parent.live || child.live) {
    return false;
  }
  kernel.mmAllocId(child);
  child.live = true;
  for (let v = 0; v < parent.vmas.length; v++) {
    copyPteRange(world, kernel, parent, child, at(parent.vmas, v), at(child.vmas, v));
  }
  rememberAfterMapping(world, kernel);
  return true;
}

function copyPteRange(
  world: World,
  kernel: Kernel,
  parent: RmapMm,
  child: RmapMm,
  source: RmapVma,
  destination: RmapVma,
): void {
  const end = source.ptes.length;
  let i = 0;
  while (i < end) {
    const pte = at(source.ptes, i);
    if (pte.folio === 0) {
      i += 1;
      continue;
    }
    const folio = at(world.folios, pte.folio - 1);
    const large = kernel.folioTestLarge(folio);
    const nr = large && end - i > 1 ? kernel.folioPteBatch(source.ptes, i, end, folio.nrPages) : 1;
    folio.refcount += nr;
    if (folio.anon) {
      kernel.folioTryDupAnonRmapPtes(folio, pte.page, nr, child, parent);
    } else {
      kernel.folioDupFileRmapPtes(folio, pte.page, nr, child, parent);
    }
    setPtes(destination.ptes, i, pte.folio - 1, pte.page, nr);
    i += nr;
  }
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
    zapPteRange(world, kernel, mm, vma, 0, vma.ptes.length);
  }
  kernel.mmdrop(mm);
  rememberAfterUnmapping(world, kernel);
  return true;
}
