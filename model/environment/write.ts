/** Write faults and writes. @source mm/memory.c, mm/huge_memory.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, exclusivePageAt, isPresent, pageAt } from "../kernel/pgtable.ts";
import type { World, WorldMm } from "../state/world.ts";
import { assertReuse, type ReuseRules, reuseRulesOf } from "./claims.ts";
import { storeThrough } from "./contents.ts";
import { updateHistoryAfterUnmapping } from "./history.ts";

/** Write fault on a present read-only anon entry: the page is reused in place, or copied. */
export function writeFault(world: World, kernel: Kernel, p: { readonly mm: number; readonly entry: number }): boolean {
  const mm = at(world.mms, p.mm);
  if (!isReadOnly(mm, p.entry) || !canResolve(world, kernel, mm, p.entry)) {
    return false;
  }
  resolveFault(world, kernel, mm, p.entry, false);
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

function isReadOnly(mm: WorldMm, entry: number): boolean {
  const mapping = entryAt(at(mm.vmas, 0), entry);
  return isPresent(mapping) && !mapping.writable;
}

/**
 * Whether the fault can be resolved within bounds: without a free folio for a copy, only by reuse. The query whether a
 * page can be reused has no side effect unless the folio is in the swap cache.
 */
export function canResolve(world: World, kernel: Kernel, mm: WorldMm, entry: number): boolean {
  if (kernel.folioFree(world, 1) !== undefined) {
    return true;
  }
  const vma = at(mm.vmas, 0);
  const folio = at(world.folios, entryAt(vma, entry).folio - 1);
  if (at(folio.pages, exclusivePageAt(vma, entry)).anonExclusive) {
    return true;
  }
  if (folio.swapcache) {
    return false;
  }
  return vma.pmd.folio === 0 ? kernel.wpCanReuseAnonFolio(world, folio, mm) : kernel.hugePmdCanReuse(world, folio);
}

/**
 * Resolves a fault on a present anon entry whose page is not exclusive, or that is not writable.
 *
 * @param unshare for a read-only pin: the page becomes exclusive, and the entry stays read-only
 */
export function resolveFault(world: World, kernel: Kernel, mm: WorldMm, entry: number, unshare: boolean): void {
  const vma = at(mm.vmas, 0);
  const rules: ReuseRules = reuseRulesOf(world, kernel, mm, entry);
  if (vma.pmd.folio !== 0 && kernel.doHugePmdWpPage(world, mm, vma, unshare)) {
    assertReuse(kernel, rules, true);
    return;
  }
  assertReuse(kernel, rules, kernel.doWpPage(world, mm, vma, entry, unshare));
}

/** Write through a writable anon entry, without a fault. */
export function store(
  world: World,
  _kernel: Kernel,
  p: { readonly mm: number; readonly entry: number; readonly value: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  const mapping = entryAt(vma, p.entry);
  if (!isPresent(mapping) || !mapping.writable) {
    return false;
  }
  const folio = at(world.folios, mapping.folio - 1);
  const page = pageAt(vma, p.entry);
  if (p.value === 0 && at(folio.pages, page).content === 0) {
    // All untracked values are equivalent.
    return false;
  }
  storeThrough(world, mm, p.entry, folio, page, p.value);
  return true;
}
