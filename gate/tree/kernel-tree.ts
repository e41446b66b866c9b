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
   * The text of a file; undefined when the tree does not have it.
   *
   * @throws TreeError when the tree has it, and it cannot be read
   */
  readonly read: (file: string) => string | undefined;
}

/**
 * A tree, or a folder with just the files that are needed.
 *
 * @throws TreeError when the folder is none, cannot be read, or has none of the files that the gate reads
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

/** Whether code of the tree asks for CONFIG_PAGE_MAPCOUNT: a tree that never does keeps no mapcounts of pages of large folios. */
export function knowsPageMapcount(tree: KernelTree): boolean {
  const option = /\bCONFIG_(?:NO_)?PAGE_MAPCOUNT\b/;
  return FILES.some((file) => {
    const text = tree.read(file) ?? "";
    // Most files do not name it at all: no comments need to be found there.
    return option.test(text) && option.test(withoutComments(text));
  });
}

/** Folders of a tree in which it is compared with a base of its own: those of the files that the gate reads, with what is in them. */
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
 * C files that differ between two trees. A file that one tree lacks counts where both are whole, and not just folders with
 * the files that are needed.
 */
export function differingCFiles(folder: string, base: string): string[] {
  const isWhole = [folder, base].every((each) => textOf(each, "mm/Makefile") !== undefined);
  const [own, old] = [folder, base].map((each) => new Set(COMPARED_FOLDERS.flatMap((name) => cFilesIn(each, name))));
  return [...new Set([...(own ?? []), ...(old ?? [])])]
    .filter((file) => isWhole || (own?.has(file) === true && old?.has(file) === true))
    .filter((file) => textOf(folder, file) !== textOf(base, file))
    .sort();
}

/** Paths in the tree. A folder that cannot be read has none. */
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

/** Whether a file is no part of any kernel that is built. */
export function isDocumentation(file: string): boolean {
  return /^Documentation\/|\.(?:rst|txt|md)$|^(?:MAINTAINERS|CREDITS|\.mailmap)$/.test(file);
}

/** C text with spaces for its comments: every line keeps its number. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (token) =>
    token.startsWith("/") ? token.replace(/[^\n]/g, " ") : token,
  );
}

/** @throws TreeError when the name leads nowhere: a loop of links, say */
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
 * Whether a tree has no such file. A patch may name what is a folder here; where the gate wants a file, a folder is a
 * mistake. A link is there, wherever it leads to.
 */
function isAbsent(path: string, file: string): boolean {
  try {
    return lstatSync(path).isDirectory() && !FILES.includes(file);
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}
