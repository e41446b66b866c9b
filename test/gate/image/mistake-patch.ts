/**
 * Patches that put mistakes into the kernel source tree in FOLIOCHECK_KERNEL_TREE. The repository contains nothing of
 * the tree.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import type { Patch } from "../../../gate/change/patch.ts";
import { TREE } from "./tree-image.ts";

/** A change to the first match in a function. */
export interface TextChange {
  readonly file: string;
  readonly in: string;
  readonly change: readonly [pattern: RegExp, replacement: string];
}

/**
 * Returns changes as one patch of the tree.
 *
 * @throws Error where a pattern matches nothing
 */
export function mistakePatch(...changes: readonly TextChange[]): Patch {
  const files = new Map<string, string>();
  for (const change of changes) {
    files.set(change.file, changed(files.get(change.file) ?? textOf(change.file), change));
  }
  const parts = [...files].map(([file, text]) => createTwoFilesPatch(`a/${file}`, `b/${file}`, textOf(file), text));
  return { name: "mistake", text: parts.join("") };
}

const textOf = (file: string): string => readFileSync(join(TREE, file), "utf8");

function changed(text: string, { in: name, change: [pattern, replacement] }: TextChange): string {
  for (const { index } of text.matchAll(new RegExp(`^(?:[a-z_].*\\b)?${name}\\(`, "gm"))) {
    const end = text.indexOf("\n}", index);
    const body = text.slice(index, end);
    const replaced = body.replace(pattern, replacement);
    if (replaced !== body) {
      return text.slice(0, index) + replaced + text.slice(end);
    }
  }
  throw new Error(`${String(pattern)} matches nothing in ${name}()`);
}
