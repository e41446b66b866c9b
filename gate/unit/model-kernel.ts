/** Selects the model's kernel that a tree is compared with. */

import type { CountField } from "../tree/count-fields.ts";
import { type KernelTree, withoutComments } from "../tree/kernel-tree.ts";
import type { ModelKernel } from "./translation-unit.ts";

/**
 * Identifiers that show that a tree contains a change that a kernel of the model models, the newest kernel first. Bug
 * fixes are no signs: a tree with a bug is compared with a kernel without it.
 */
const SIGNS: readonly Required<ModelKernel>[] = [
  // Swap entries are freed after a page is swapped in, not before.
  { name: "v7.1", sign: { file: "mm/memory.c", identifier: "folio_put_swap" } },
  // A folio on the deferred split queue stays on it when it is migrated.
  { name: "v6.18", sign: { file: "mm/migrate.c", identifier: "deferred_split_folio" } },
];

const RFC: Required<ModelKernel> = {
  name: "rfc-2026-04",
  sign: { file: "include/linux/mm_types.h", identifier: "_total_mapped_pages" },
};

/** Selects the kernel by the text of the tree; for trees whose structs are not parsed. */
export function modelKernelOfText(tree: KernelTree): ModelKernel {
  return contains(tree, RFC.sign) ? RFC : modelKernelOf(tree, []);
}

/** Selects the kernel by the contents of the tree, not by its version number. */
export function modelKernelOf(tree: KernelTree, counts: readonly CountField[]): ModelKernel {
  if (counts.includes(RFC.sign.identifier as CountField)) {
    return RFC;
  }
  return SIGNS.find(({ sign }) => contains(tree, sign)) ?? { name: "v6.15" };
}

function contains(tree: KernelTree, { file, identifier }: Required<ModelKernel>["sign"]): boolean {
  const text = tree.read(file) ?? "";
  // Most files do not contain it at all: this avoids removing their comments.
  return text.includes(identifier) && new RegExp(`\\b${identifier}\\b`).test(withoutComments(text));
}
