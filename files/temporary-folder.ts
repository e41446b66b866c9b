/** Temporary folders that are removed at the end of the process, also by process.exit(). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: Set<string> = new Set();

/** With retries, because a terminated child process may still write while a folder is removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 3 } as const;

function removeAll(): void {
  for (const folder of folders) {
    rmSync(folder, REMOVAL);
  }
}

/** Makes an empty folder. Call it in the main thread only: a terminated worker thread does not remove it. */
export function makeTemporaryFolder(): string {
  if (folders.size === 0) {
    process.on("exit", removeAll);
  }
  const folder = mkdtempSync(join(tmpdir(), "foliocheck-"));
  folders.add(folder);
  return folder;
}

/** Removes a folder of makeTemporaryFolder(). */
export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, REMOVAL);
  folders.delete(folder);
  if (folders.size === 0) {
    process.off("exit", removeAll);
  }
}
