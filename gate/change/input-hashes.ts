/** Hashes of what a gate reads: two gates with the same ones have judged the same code. */
import { createHash } from "node:crypto";
import { kernelTree } from "../tree/kernel-tree.ts";
import { FILES } from "../tree/manifest.ts";
import type { Patch } from "./patch.ts";

/** SHA-256, in hexadecimal digits. */
export interface InputHashes {
  /** Of the files that are read of every tree: for each that is there, its path, its length and its text. */
  readonly tree: string;
  readonly patch?: string;
  readonly base?: string;
}

/** @throws TreeError for a folder that is no tree */
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
