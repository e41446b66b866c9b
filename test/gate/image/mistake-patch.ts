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

/** Returns a mistake as a patch of the tree. */
export function mistakePatch({ file, in: name, change: [pattern, replacement] }: TextChange): Patch {
  const text = readFileSync(join(TREE, file), "utf8");
  for (const { index } of text.matchAll(new RegExp(`^(?:[a-z_].*\\b)?${name}\\(`, "gm"))) {
    const end = text.indexOf("\n}", index);
    const changed = text.slice(index, end).replace(pattern, replacement);
    if (changed !== text.slice(index, end)) {
      const whole = text.slice(0, index) + changed + text.slice(end);
      return { name: "mistake", text: createTwoFilesPatch(`a/${file}`, `b/${file}`, text, whole) };
    }
  }
  throw new Error(`${String(pattern)} matches nothing in ${name}()`);
}
