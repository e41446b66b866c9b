/** The kernel of the model that a tree is compared with. */

import type { CountField } from "../tree/count-fields.ts";
import { type KernelTree, withoutComments } from "../tree/kernel-tree.ts";
import type { ModelKernel } from "./translation-unit.ts";

/**
 * The identifiers by which a tree shows that it has what a kernel of the model changes, the newest kernel first. Only
 * changes that are right in either form: a tree with a bug is compared with a kernel that does not have it.
 */
const SIGNS: readonly Required<ModelKernel>[] = [
  // The swap entries are given up after a page is swapped in, not before.
  { name: "v7.1", sign: { file: "mm/memory.c", identifier: "folio_put_swap" } },
  // A folio that is queued for deferred split stays so when it migrates.
  { name: "v6.18", sign: { file: "mm/migrate.c", identifier: "deferred_split_folio" } },
];

const RFC: Required<ModelKernel> = {
  name: "rfc-2026-04",
  sign: { file: "include/linux/mm_types.h", identifier: "_total_mapped_pages" },
};

/** Chooses the kernel by what the tree contains, where the fields of its structs are not known. */
export function modelKernelOfText(tree: KernelTree): ModelKernel {
  return contains(tree, RFC.sign) ? RFC : modelKernelOf(tree, []);
}

/** Chooses the kernel by what the tree contains, whatever its version number. */
export function modelKernelOf(tree: KernelTree, counts: readonly CountField[]): ModelKernel {
  if (counts.includes(RFC.sign.identifier as CountField)) {
    return RFC;
  }
  return SIGNS.find(({ sign }) => contains(tree, sign)) ?? { name: "v6.15" };
}

function contains(tree: KernelTree, { file, identifier }: Required<ModelKernel>["sign"]): boolean {
  const text = tree.read(file) ?? "";
  // Most files do not name it at all: no comments need to be found there.
  return text.includes(identifier) && new RegExp(`\\b${identifier}\\b`).test(withoutComments(text));
}
