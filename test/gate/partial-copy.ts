/** Copies of the part of a kernel tree that the gate reads. */
import { cpSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FOLDERS = ["include/linux", "include/asm-generic", "include/uapi", "mm", "fs/proc", "kernel", "arch/x86/include"];

/** Copies what is there of these folders. The copy is the caller's to remove. */
export function partialCopy(tree: string): string {
  const copy = mkdtempSync(join(tmpdir(), "foliocheck-tree-"));
  for (const folder of FOLDERS.filter((each) => existsSync(join(tree, each)))) {
    cpSync(join(tree, folder), join(copy, folder), { recursive: true });
  }
  return copy;
}
