/** Copies of the kernel of our own, with changes, and the units that they give. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GateConfiguration, KernelUnit } from "../../gate/compiled-kernel.ts";
import { extractUnits } from "../../gate/source/extract-units.ts";

/** The kernel of our own. */
export const OWN_KERNEL: string = fileURLToPath(new URL("own-kernel", import.meta.url));

/** A change to a file: a text that occurs in it once, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Copies a tree, with changes. The copy is the caller's to remove. */
export function editedCopy(tree: string, edits: readonly Edit[]): string {
  const copy = mkdtempSync(join(tmpdir(), "foliocheck-tree-"));
  cpSync(tree, copy, { recursive: true });
  for (const { file, from, to } of edits) {
    const path = join(copy, file);
    const parts = readFileSync(path, "utf8").split(from);
    if (parts.length !== 2) {
      throw new Error(`"${from}" occurs ${parts.length - 1} times in ${file}`);
    }
    writeFileSync(path, parts.join(to));
  }
  return copy;
}

/** The unit of the kernel of our own, with changes. */
export async function ownUnit(configuration: GateConfiguration, edits: readonly Edit[] = []): Promise<KernelUnit> {
  const tree = editedCopy(OWN_KERNEL, edits);
  try {
    const [unit] = await extractUnits({ tree, configurations: [configuration] });
    return unit as KernelUnit;
  } finally {
    rmSync(tree, { recursive: true });
  }
}
