/** A kernel source tree. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
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
