/** Faults of the allocator's functions in the test kernel with changes. */
import { formatCall } from "../../../explore/model/model.ts";
import { type BlockFunctions, blockFunctions } from "../../../gate/layout/struct-pages/block-functions.ts";
import { structPageFaults } from "../../../gate/layout/struct-pages/check-struct-pages.ts";
import type { LocatedStructPageFault } from "../../../gate/layout/struct-pages/struct-page-fault.ts";
import { cParser } from "../../../gate/tree/c-parser.ts";
import { ParsedFiles } from "../../../gate/tree/kernel-sources.ts";
import { kernelTree } from "../../../gate/tree/kernel-tree.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import { v7_1 } from "../../../model/kernels/v7-1.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { type Edit, editedCopy } from "../own-tree.ts";

export async function functionsOf(edits: readonly Edit[], is64Bit = true): Promise<BlockFunctions> {
  const parser = await cParser();
  const parsed = new ParsedFiles(parser);
  return blockFunctions(kernelTree(editedCopy(edits)), is64Bit, parser, parsed, testCacheFolder);
}

export async function faultsOf(edits: readonly Edit[], is64Bit = true): Promise<readonly LocatedStructPageFault[]> {
  const functions = await functionsOf(edits, is64Bit);
  if (functions.kind === "unknown") {
    throw new Error(functions.why);
  }
  const result = structPageFaults(functions, v7_1({ ...DEFAULT_CONFIG, is64Bit }));
  if (result.kind === "stopped") {
    throw new Error(result.why);
  }
  return result.faults;
}

export const summary = (
  faults: readonly LocatedStructPageFault[],
): readonly (readonly [function_: string, steps: string])[] =>
  faults.map(({ fault, by }) => [by.names[0] ?? "", fault.steps.map(formatCall).join(" ")]);

export const alloc = (from: string, to: string): Edit => ({ file: "mm/page_alloc.c", from, to });

/** Frees pages with the handling of `private` of Linux 6.18.2; then with that of 7.1. */
export const UNCHECKED_TAILS: Edit = alloc("\t\tbad |= tail->private != 0;\n", "");
export const KEEPS_HEAD: Edit = alloc("\tpage->private = 0;\n\tpage->flags = 0;\n", "\tpage->flags = 0;\n");
export const UNCHECKED_SPLIT: Edit = {
  file: "mm/huge_memory.c",
  from: "\t\tVM_WARN_ON_ONCE(page->private);\n\t\tpage->private = 0;\n",
  to: "",
};
