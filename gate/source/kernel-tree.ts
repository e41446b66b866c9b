/** A kernel source tree. */
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { FILES } from "./manifest.ts";
import { TreeError } from "./tree-error.ts";

/** Files by their path in the tree, with forward slashes. */
export interface KernelTree {
  /** The text of a file; undefined when the tree does not have it. */
  readonly read: (file: string) => string | undefined;
}

/**
 * A tree, or a folder with just the files that are needed.
 *
 * @throws TreeError when the folder is none, or has none of the files that the gate reads
 */
export function kernelTree(folder: string): KernelTree {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TreeError(`"${folder}" is not a folder; want a kernel source tree`);
  }
  const texts = new Map<string, string | undefined>();
  const read = (file: string): string | undefined => {
    if (!texts.has(file)) {
      texts.set(file, textOf(join(folder, file)));
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
  const isWhole = [folder, base].every((each) => textOf(join(each, "mm/Makefile")) !== undefined);
  const [own, old] = [folder, base].map((each) => new Set(COMPARED_FOLDERS.flatMap((name) => cFilesIn(each, name))));
  return [...new Set([...(own ?? []), ...(old ?? [])])]
    .filter((file) => isWhole || (own?.has(file) === true && old?.has(file) === true))
    .filter((file) => textOf(join(folder, file)) !== textOf(join(base, file)))
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
    return entry.isDirectory() ? cFilesIn(root, path) : /\.[ch]$/.test(entry.name) ? [path] : [];
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

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").replaceAll("\r\n", "\n");
  } catch {
    return undefined;
  }
}
