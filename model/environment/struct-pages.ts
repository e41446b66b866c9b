/**
 * Reuse of struct pages by successive owners. Pages are allocated one by one, or all as a block, compound or not;
 * owners store to private and set page types; pages are freed, and blocks split. No page is mapped.
 *
 * @source mm/page_alloc.c
 */
import { array, at, constant, int, type StructField, struct } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { folioSchema, pageSchema, slotSchema } from "../state/folio-schema.ts";
import { PagePrivate, PGTY_TABLE, type StructPage } from "../state/structs.ts";

/** Kinds of blocks. */
export const BlockKind = {
  /** No block: pages are allocated one by one, or free. */
  none: 0,
  /** One allocation without __GFP_COMP, as vmalloc() makes and splits. */
  plain: 1,
  /** Compound page. */
  compound: 2,
} as const;

/** State of the struct-pages machine. */
export interface StructPagesWorld {
  /** One of BlockKind. */
  block: number;
  /** `allocated`: a single page, or the first page of a block. */
  readonly pages: readonly StructPage[];
}

/** View of a state for properties. */
export interface StructPagesView {
  readonly kernel: Kernel;
  readonly world: StructPagesWorld;
}

/** Bounds of the struct-pages machine. */
export interface StructPagesBounds {
  /** Number of pages of a block: a power of two. */
  readonly pages: number;
}

export function structPagesSchema({ pages }: StructPagesBounds): StructField<StructPagesWorld> {
  const page = pageSchema({ mapcount: [PGTY_TABLE, 0] });
  const parts = { hpagePmdNr: 0, frameNumber: constant(1), slot: slotSchema(false), page, capacity: 1 };
  const { fields } = folioSchema(parts, { allocated: true, refcount: [0, 1] });
  const structPage = struct({ ...fields, private: int(PagePrivate.none, PagePrivate.leftInTail) });
  return struct({
    block: int(BlockKind.none, BlockKind.compound),
    pages: array(structPage as StructField as StructField<StructPage>, pages),
  });
}

/** Marks a page as allocated or free. */
function setAllocated(page: StructPage, allocated: boolean): void {
  page.allocated = allocated;
  page.refcount = allocated ? 1 : 0;
}

/**
 * Marks stored values of private as left over, in the pages of a block starting with `first`: the kernel did not clear
 * them.
 */
function leavePrivate(pages: readonly StructPage[], first: number): void {
  for (let i = first; i < pages.length; i++) {
    const page = at(pages, i);
    if (page.private === PagePrivate.inUse) {
      page.private = i === 0 ? PagePrivate.left : PagePrivate.leftInTail;
    }
  }
}

export function allocPage({ block, pages }: StructPagesWorld, kernel: Kernel, p: { readonly page: number }): boolean {
  const page = at(pages, p.page);
  if (block !== BlockKind.none || page.allocated) {
    return false;
  }
  kernel.postAllocHook([page]);
  setAllocated(page, true);
  return true;
}

export function freePage({ block, pages }: StructPagesWorld, kernel: Kernel, p: { readonly page: number }): boolean {
  const page = at(pages, p.page);
  if (block !== BlockKind.none || !page.allocated) {
    return false;
  }
  kernel.resetFreedPages([page], false);
  leavePrivate([page], 0);
  setAllocated(page, false);
  return true;
}

export function allocBlock(world: StructPagesWorld, kernel: Kernel, p: { readonly compound: boolean }): boolean {
  const { block, pages } = world;
  if (block !== BlockKind.none || pages.some(({ allocated }) => allocated)) {
    return false;
  }
  kernel.postAllocHook(pages);
  if (p.compound) {
    kernel.prepCompoundPage(pages);
  }
  setAllocated(at(pages, 0), true);
  world.block = p.compound ? BlockKind.compound : BlockKind.plain;
  return true;
}

export function freeBlock(world: StructPagesWorld, kernel: Kernel): boolean {
  const { block, pages } = world;
  if (block === BlockKind.none) {
    return false;
  }
  kernel.resetFreedPages(pages, block === BlockKind.compound);
  leavePrivate(pages, 0);
  setAllocated(at(pages, 0), false);
  world.block = BlockKind.none;
  return true;
}

/** Splits a block: split_page() of a block that is not compound, with the same owner; or the split of a folio. */
export function splitBlock(world: StructPagesWorld, kernel: Kernel): boolean {
  const { block, pages } = world;
  if (block === BlockKind.none) {
    return false;
  }
  if (block === BlockKind.compound) {
    kernel.splitFolioPrivate(pages);
    leavePrivate(pages, 1);
  }
  for (const page of pages) {
    setAllocated(page, true);
  }
  world.block = BlockKind.none;
  return true;
}

/** Stores a value to private, as an owner does. */
export function storePrivate(
  { block, pages }: StructPagesWorld,
  _kernel: Kernel,
  p: { readonly page: number },
): boolean {
  const page = at(pages, p.page);
  if ((block === BlockKind.none && !page.allocated) || page.private === PagePrivate.inUse) {
    return false;
  }
  page.private = PagePrivate.inUse;
  return true;
}

/** Sets the type of a single page, as an owner does: a page of page tables. */
export function setType({ block, pages }: StructPagesWorld, _kernel: Kernel, p: { readonly page: number }): boolean {
  const { allocated, pages: inside } = at(pages, p.page);
  const page = at(inside, 0);
  if (block !== BlockKind.none || !allocated || page.mapcount !== -1) {
    return false;
  }
  page.mapcount = PGTY_TABLE;
  return true;
}
