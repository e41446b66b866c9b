/** Temporary folders, which are removed when the process ends, also by process.exit(). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: Set<string> = new Set();

/** A program that was started, and is not needed any more, may still write while a folder is removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 3 } as const;

function removeAll(): void {
  for (const folder of folders) {
    rmSync(folder, REMOVAL);
  }
}

/** Makes an empty folder. In a thread that is ended from outside it stays: use it in the main thread. */
export function makeTemporaryFolder(): string {
  if (folders.size === 0) {
    process.on("exit", removeAll);
  }
  const folder = mkdtempSync(join(tmpdir(), "foliocheck-"));
  folders.add(folder);
  return folder;
}

/** Removes a folder that makeTemporaryFolder() made. */
export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, REMOVAL);
  folders.delete(folder);
  if (folders.size === 0) {
    process.off("exit", removeAll);
  }
}
