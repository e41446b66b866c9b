/** The test kernel with the patch that counts the pages of all mappings, and with changes to that patch. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Patch } from "../../gate/change/patch.ts";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { extractUnits } from "../../gate/preparation/extract-units.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../gate/unit/translation-unit.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { OWN_KERNEL } from "./tree-copy.ts";

/** The unchanged patch. */
export const PATCH: string = fileURLToPath(new URL("./total-mapped-pages.patch", import.meta.url));

/** The name of the count in the RFC, and an unknown name. */
export const COUNT_NAMES = ["_total_mapped_pages", "_page_uses"] as const;

/** Name of the count. */
export type CountName = (typeof COUNT_NAMES)[number];

/** A text that occurs once in the patch, and its replacement with the same number of lines. */
export type PatchEdit = readonly [from: string, to: string];

/** Returns the patch with another name for the count, and with edits. */
function editedPatch(name: CountName, edits: readonly PatchEdit[]): Patch {
  let patch = readFileSync(PATCH, "utf8");
  for (const [from, to] of edits) {
    if (patch.split(from).length !== 2 || from.split("\n").length !== to.split("\n").length) {
      throw new Error(`"${from}" is not once in the patch, or the change is not as long`);
    }
    patch = patch.replace(from, () => to);
  }
  return { name: PATCH, text: patch.replaceAll("_total_mapped_pages", name) };
}

/** Extracts the units of the patched tree for some configurations. */
export function countingUnits(
  name: CountName,
  configs: readonly string[],
  edits: readonly PatchEdit[] = [],
): Promise<readonly TranslationUnit[]> {
  return extractUnits({
    tree: OWN_KERNEL,
    patch: editedPatch(name, edits),
    configurations: configs.map((words) => configurationOf(words)),
  });
}

/** Compiles the unit of one configuration. */
export async function countingUnit(
  name: CountName,
  config: string,
  edits: readonly PatchEdit[] = [],
): Promise<CompiledUnit> {
  const [unit] = await countingUnits(name, [config], edits);
  return compileUnit(unit as TranslationUnit, testCacheFolder);
}
