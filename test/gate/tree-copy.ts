/** Copies of the test kernel with changes, as folders. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The folder of the test kernel. */
export const OWN_KERNEL: string = fileURLToPath(new URL("./own-kernel", import.meta.url));

/** A change to a file of a tree: maps the old text to the new one. The text of an absent file is "". */
export type Change = readonly [file: string, change: (text: string) => string];

/** Replaces a text that must occur once. */
export function instead(file: string, from: string | RegExp, to: string): Change {
  return [
    file,
    (text) => {
      const times = text.split(from).length - 1;
      if (typeof from === "string" && times !== 1) {
        throw new Error(`"${from}" is ${times} times in ${file}`);
      }
      const changed = text.replace(from, to);
      if (changed === text) {
        throw new Error(`${String(from)} changes nothing in ${file}`);
      }
      return changed;
    },
  ];
}

/** Appends a text to a file. */
export function added(file: string, more: string): Change {
  return [file, (text) => `${text}\n${more}\n`];
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true });
  }
});

/** Creates an empty folder; it is removed after the tests of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "foliocheck-tree-"));
  folders.push(folder);
  return folder;
}

/** Copies a tree with changes. @param files files to copy; all if absent */
export function treeWith(changes: readonly Change[], from: string = OWN_KERNEL, files?: readonly string[]): string {
  const folder = newFolder();
  for (const file of files ?? [""]) {
    cpSync(join(from, file), join(folder, file), { recursive: true });
  }
  for (const [file, change] of changes) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, change(textOf(path)));
  }
  return folder;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
