/**
 * Struct pages from one owner to the next. Pages are handed out one by one, or all as a block, which is a compound page or
 * not; owners store to private, and give pages a type; pages are freed, and blocks split. Nothing is mapped.
 * @source mm/page_alloc.c
 */
import { array, at, constant, int, type StructField, struct } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { folioSchema, pageSchema, slotSchema } from "../state/folio-schema.ts";
import { PagePrivate, PGTY_TABLE, type StructPage } from "../state/structs.ts";

/** How pages are used together. */
export const BlockKind = {
  /** Each page by itself, if at all. */
  none: 0,
  /** All as one allocation without __GFP_COMP: vmalloc(), for instance, splits such a block. */
  plain: 1,
  /** All as a compound page. */
  compound: 2,
} as const;

/** A state of this machine. */
export interface StructPagesWorld {
  /** One of BlockKind. */
  block: number;
  /** `allocated`: a page of its own, or the first of a block. */
  readonly pages: readonly StructPage[];
}

/** The view of a state that properties get. */
export interface StructPagesView {
  readonly kernel: Kernel;
  readonly world: StructPagesWorld;
}

/** Bounds of the states. */
export interface StructPagesBounds {
  /** Pages of a block: a power of two. */
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

/** Gives a page to an owner, or takes it back. */
function setAllocated(page: StructPage, allocated: boolean): void {
  page.allocated = allocated;
  page.refcount = allocated ? 1 : 0;
}

/** Marks what owners stored in pages of a block, from `first` on, as left: the kernel did not clear it. */
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

/** split_page() of a block that is no compound page, whose owner keeps the pages; or the split of a folio. */
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

/** An owner stores something in private. */
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

/** An owner gives a page of its own a type: it becomes a page of page tables. */
export function setType({ block, pages }: StructPagesWorld, _kernel: Kernel, p: { readonly page: number }): boolean {
  const { allocated, pages: inside } = at(pages, p.page);
  const page = at(inside, 0);
  if (block !== BlockKind.none || !allocated || page.mapcount !== -1) {
    return false;
  }
  page.mapcount = PGTY_TABLE;
  return true;
}
