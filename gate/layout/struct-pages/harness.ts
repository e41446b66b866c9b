/**
 * The driver of the allocator's functions: C text of our own behind the unit. Before each call it writes the struct pages of a
 * block as the model has them, and reads private and the page type of each afterwards. What it exchanges with us is one array
 * of integers.
 */
import { cSource } from "../../harness/c-source.ts";
import { DAMAGE } from "../../harness/damage.ts";

/** Most pages of a block: as many as have room in the exchange buffer. */
export const MOST_BLOCK_PAGES = 8;

/** Positions in the exchange buffer. */
export const BlockBuffer = {
  /** For each page, whether private is something else than 0. */
  private: 0,
  /** For each page, `_mapcount` as stored. */
  mapcount: 8,
  /** Whether the function warned, or refused the pages. */
  noticed: 16,
  size: 17,
} as const;

/** Functions of the tree that the driver calls. */
export interface AllocatorFunctions {
  /** `__free_pages_prepare` or `free_pages_prepare`, whichever does the work, and how many parameters it has. */
  readonly free: { readonly name: string; readonly parameters: number };
}

/** The driver for a tree, behind the macros that DAMAGE needs. */
export function allocatorHarness({ free }: AllocatorFunctions): string {
  const freeArguments = ["page", "order", ...Array.from({ length: free.parameters - 2 }, () => "0")].join(", ");
  return [
    ...Object.entries(BlockBuffer).map(([name, position]) => `#define BUFFER_${name} ${position}`),
    `#define BLOCK_FREE(page, order) ${free.name}(${freeArguments})`,
    cSource("./blocks.c", import.meta.url),
    DAMAGE,
    cSource("./allocator.c", import.meta.url),
  ].join("\n");
}
