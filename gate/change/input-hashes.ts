/** Hashes of the inputs of a gate: two gates with equal hashes have checked the same code. */
import { createHash } from "node:crypto";
import { kernelTree } from "../tree/kernel-tree.ts";
import { FILES } from "../tree/manifest.ts";
import type { Patch } from "./patch.ts";

/** SHA-256 hashes, in hexadecimal digits. */
export interface InputHashes {
  /** Hash of the files that the gate reads of every tree: path, length and text of each that exists. */
  readonly tree: string;
  readonly patch?: string;
  readonly base?: string;
}

/** Computes the hashes. @throws TreeError for a folder that is not a kernel tree */
export function inputHashes({
  tree,
  patch,
  base,
}: {
  readonly tree: string;
  readonly patch?: Patch;
  readonly base?: string;
}): InputHashes {
  return {
    tree: treeHash(tree),
    ...(patch === undefined ? {} : { patch: createHash("sha256").update(patch.text).digest("hex") }),
    ...(base === undefined ? {} : { base: treeHash(base) }),
  };
}

function treeHash(folder: string): string {
  const { read } = kernelTree(folder);
  const hash = createHash("sha256");
  for (const file of FILES) {
    const text = read(file);
    if (text !== undefined) {
      hash.update(`${file}\n${text.length}\n${text}`);
    }
  }
  return hash.digest("hex");
}
