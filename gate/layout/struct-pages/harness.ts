/**
 * The harness for functions of the allocator: C code of the gate at the end of the translation unit. Before each call
 * it encodes the struct pages of a block of the model, and after the call it decodes `private` and the page type of
 * each. Data is exchanged through one array of integers.
 */
import { cSource, defines } from "../../harness/c-source.ts";
import { DAMAGE } from "../../harness/damage.ts";

/** Maximum number of pages of a block: the capacity of the exchange buffer. */
export const MOST_BLOCK_PAGES = 8;

/** Positions in the exchange buffer. */
export const BlockBuffer = {
  /** For each page, whether `private` is not 0. */
  private: 0,
  /** For each page, the stored `_mapcount`. */
  mapcount: 8,
  /** Whether the function warned or rejected the pages. */
  reported: 16,
  size: 17,
} as const;

/** Functions of the tree that the harness calls. */
export interface AllocatorFunctions {
  /** `__free_pages_prepare` or, if the tree does not have it, `free_pages_prepare`; with its number of parameters. */
  readonly free: { readonly name: string; readonly parameters: number };
}

/** Returns the harness for a tree. The macros that DAMAGE requires must come before it. */
export function allocatorHarness({ free }: AllocatorFunctions): string {
  const freeArguments = ["page", "order", ...Array.from({ length: free.parameters - 2 }, () => "0")].join(", ");
  return [
    defines("BUFFER", BlockBuffer),
    `#define BLOCK_FREE(page, order) ${free.name}(${freeArguments})`,
    cSource("./blocks.c", import.meta.url),
    DAMAGE,
    cSource("./allocator.c", import.meta.url),
  ].join("\n");
}
