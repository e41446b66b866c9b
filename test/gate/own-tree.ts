/** Units of the test kernel with changes. */

import { extractUnits } from "../../gate/preparation/extract-units.ts";
import type { GateConfiguration } from "../../gate/tree/configuration.ts";
import type { TranslationUnit } from "../../gate/unit/translation-unit.ts";
import { instead, treeWith } from "./tree-copy.ts";

/** A change to a file: a text that occurs once, and its replacement. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Returns a copy of the test kernel with changes. */
export function editedCopy(edits: readonly Edit[]): string {
  return treeWith(edits.map(({ file, from, to }) => instead(file, from, to)));
}

/** Extracts the unit of the test kernel with changes. */
export async function ownUnit(configuration: GateConfiguration, edits: readonly Edit[] = []): Promise<TranslationUnit> {
  const [unit] = await extractUnits({ tree: editedCopy(edits), configurations: [configuration] });
  return unit as TranslationUnit;
}
