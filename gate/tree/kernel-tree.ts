/** A kernel source tree. */
import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join, posix } from "node:path";
import { reasonOf } from "../../files/error-reason.ts";
import { readRegularFile } from "../../files/read-input.ts";
import { FILES } from "./manifest.ts";
import { TreeError } from "./tree-error.ts";

/** Files by their path in the tree, with forward slashes. */
export interface KernelTree {
  /**
   * Returns the text of a file; undefined if the tree does not have it.
   *
   * @throws TreeError if the tree has the file and it cannot be read
   */
  readonly read: (file: string) => string | undefined;
}

/**
 * Opens a kernel source tree, or a folder with only the files that the gate reads.
 *
 * @throws TreeError if it is not a folder, cannot be read, or has none of the files that the gate reads
 */
export function kernelTree(folder: string): KernelTree {
  if (statsOf(folder)?.isDirectory() !== true) {
    throw new TreeError(`"${folder}" is not a folder; want a kernel source tree`);
  }
  const texts = new Map<string, string | undefined>();
  const read = (file: string): string | undefined => {
    if (!texts.has(file)) {
      texts.set(file, textOf(folder, file));
    }
    return texts.get(file);
  };
  if (FILES.every((file) => read(file) === undefined)) {
    throw new TreeError(`"${folder}" has no mm/rmap.c and no include/linux/rmap.h; want a kernel source tree`);
  }
  return { read };
}

/**
 * Whether CONFIG_PAGE_MAPCOUNT occurs in code of the tree. A tree without it has no mapcounts of pages of large folios.
 */
export function hasPageMapcountOption(tree: KernelTree): boolean {
  const option = /\bCONFIG_(?:NO_)?PAGE_MAPCOUNT\b/;
  return FILES.some((file) => {
    const text = tree.read(file) ?? "";
    // Most files do not contain it at all: this avoids removing their comments.
    return option.test(text) && option.test(withoutComments(text));
  });
}

/** Folders that are compared with those of a base tree, with subfolders: those of the files that the gate reads. */
export const COMPARED_FOLDERS: readonly string[] = [
  ...new Set(
    FILES.map((file) =>
      file
        .split("/")
        .slice(0, file.startsWith("mm/") ? 1 : 2)
        .join("/"),
    ),
  ),
];

/**
 * Returns the C files that differ between two trees. A file that one tree lacks counts only if both are whole trees,
 * and not folders with only the files that the gate reads.
 */
export function differingCFiles(folder: string, base: string): string[] {
  const isWhole = [folder, base].every((each) => textOf(each, "mm/Makefile") !== undefined);
  const [own, old] = [folder, base].map((each) => new Set(COMPARED_FOLDERS.flatMap((name) => cFilesIn(each, name))));
  return [...new Set([...(own ?? []), ...(old ?? [])])]
    .filter((file) => isWhole || (own?.has(file) === true && old?.has(file) === true))
    .filter((file) => textOf(folder, file) !== textOf(base, file))
    .sort();
}

/** Returns the C files in a folder, as paths in the tree; none if the folder cannot be read. */
function cFilesIn(root: string, folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory()
      ? cFilesIn(root, path)
      : (entry.isFile() || entry.isSymbolicLink()) && /\.[ch]$/.test(entry.name)
        ? [path]
        : [];
  });
}

/** Whether a file is never part of a built kernel. */
export function isDocumentation(file: string): boolean {
  return /^Documentation\/|\.(?:rst|txt|md)$|^(?:MAINTAINERS|CREDITS|\.mailmap)$/.test(file);
}

/** Replaces comments by spaces: line numbers do not change. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (token) =>
    token.startsWith("/") ? token.replace(/[^\n]/g, " ") : token,
  );
}

/** @throws TreeError if the path cannot be resolved: a loop of symbolic links, for example */
function statsOf(folder: string): Stats | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false });
  } catch (error) {
    throw new TreeError(`cannot read "${folder}": ${reasonOf(error)}; want a kernel source tree`);
  }
}

function textOf(folder: string, file: string): string | undefined {
  const path = join(folder, file);
  try {
    return readRegularFile(path).replaceAll("\r\n", "\n");
  } catch (error) {
    if (isAbsent(path, file)) {
      return undefined;
    }
    throw new TreeError(`cannot read "${path}": ${reasonOf(error)}`);
  }
}

/**
 * Whether a tree does not have a file. A folder of that name does not count as the file of a patch; in place of a file
 * that the gate reads, it is an error. A symbolic link is present, even if its target is not.
 */
function isAbsent(path: string, file: string): boolean {
  try {
    return lstatSync(path).isDirectory() && !FILES.includes(file);
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}
