/** A kernel source tree, with a patch applied to it in memory: the tree itself is only read. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { applyPatch, parsePatch } from "diff";
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

/**
 * The tree with a patch applied: a unified diff, also of several files, as `git diff` and `git format-patch` write it.
 *
 * @throws TreeError when the patch cannot be read, is no diff, or does not apply
 */
export function patched(tree: KernelTree, patchFile: string): KernelTree {
  const patch = textOf(patchFile);
  if (patch === undefined) {
    throw new TreeError(`cannot read the patch "${patchFile}"`);
  }
  const changed = new Map<string, string>();
  const read = (file: string): string | undefined => changed.get(file) ?? tree.read(file);
  for (const part of diffsIn(patch, patchFile)) {
    const file = pathIn(part.newFileName) ?? pathIn(part.oldFileName);
    if (file === undefined || part.hunks.length === 0) {
      continue;
    }
    const text = read(file);
    if (text === undefined && !FILES.includes(file) && pathIn(part.oldFileName) !== undefined) {
      // A file that the gate does not read need not be in a folder with just the needed files.
      continue;
    }
    const result = applyPatch(text ?? "", part);
    if (result === false) {
      throw new TreeError(`the patch "${patchFile}" does not apply to ${refusedPlace(text ?? "", part, file)}`);
    }
    changed.set(file, result);
  }
  return { read };
}

/** Where the first part of a diff that cannot be applied wants to be. */
function refusedPlace(text: string, part: ReturnType<typeof parsePatch>[number], file: string): string {
  const refused = part.hunks.findIndex(
    (_, i) => applyPatch(text, { ...part, hunks: part.hunks.slice(0, i + 1) }) === false,
  );
  return `${file}:${part.hunks[refused]?.oldStart}, hunk ${refused + 1} of ${part.hunks.length}`;
}

function diffsIn(patch: string, patchFile: string): ReturnType<typeof parsePatch> {
  try {
    const parts = parsePatch(patch);
    if (parts.some(({ hunks }) => hunks.length > 0)) {
      return parts;
    }
  } catch (error) {
    throw new TreeError(`the patch "${patchFile}" is not a unified diff: ${(error as Error).message.split("\n")[0]}`);
  }
  throw new TreeError(`the patch "${patchFile}" has no changes in it; want a unified diff`);
}

/** The path in the tree: without the `a/` or `b/` in front of it. */
function pathIn(name: string | undefined): string | undefined {
  return name === undefined || name === "/dev/null" ? undefined : name.replace(/^[ab]\//, "");
}
