/** Files that a tree is looked through besides those of the manifest: only when something is in none of those. */
import { posix } from "node:path";
import type { KernelSources } from "./kernel-sources.ts";
import type { KernelTree } from "./kernel-tree.ts";

/** What is looked for. */
export interface Wanted {
  /** Names that nobody in the files so far defines, and that must be somewhere. */
  readonly missing: readonly string[];
  /** Names that nobody defines, and that may mean anything. */
  readonly unresolved: readonly string[];
}

/**
 * The first file that defines something that is wanted: of those that a patch touches, or of the headers that files so far
 * include. Undefined when there is none.
 */
export function fileWith(
  wanted: Wanted,
  tree: KernelTree,
  files: readonly string[],
  touched: readonly string[],
  sourcesWith: (file: string) => KernelSources,
): string | undefined {
  const defines = (file: string, names: readonly string[]): boolean => {
    const text = tree.read(file) ?? "";
    const named = names.filter((name) => new RegExp(`\\b${name.replace(/^\w+ /, "")}\\b`).test(text));
    return named.length > 0 && named.some((name) => sourcesWith(file).definition(name)?.file === file);
  };
  const others = (candidates: readonly string[]): string[] =>
    [...new Set(candidates)].filter((file) => /\.[ch]$/.test(file) && !files.includes(file));
  return (
    others(touched).find((file) => defines(file, [...wanted.missing, ...wanted.unresolved])) ??
    others(files.flatMap((file) => includedBy(file, tree))).find((file) => defines(file, wanted.missing))
  );
}

/** Headers that a file includes, as paths in the tree. */
function includedBy(file: string, tree: KernelTree): string[] {
  const found = (tree.read(file) ?? "").matchAll(/^[ \t]*#[ \t]*include[ \t]*(?:<([\w./-]+)>|"([\w./-]+)")/gm);
  return [...found].map(([, system, near]) =>
    near === undefined ? `include/${system}` : posix.join(posix.dirname(file), near),
  );
}
