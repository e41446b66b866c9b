/** Search for names in files outside of the manifest, for names that the files of the manifest do not define. */
import { posix } from "node:path";
import type { KernelSources } from "./kernel-sources.ts";
import type { KernelTree } from "./kernel-tree.ts";

/** Names without a definition in the files read so far. */
export interface UndefinedNames {
  /** Names that must be defined somewhere. */
  readonly missing: readonly string[];
  /** Names that need no definition if they are fields or parts of names. */
  readonly unresolved: readonly string[];
}

/**
 * Returns the first file that defines one of the names: of the files that a patch touches, or of the headers that the
 * files read so far include. Undefined if there is none.
 */
export function fileWith(
  undefinedNames: UndefinedNames,
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
    others(touched).find((file) => defines(file, [...undefinedNames.missing, ...undefinedNames.unresolved])) ??
    others(files.flatMap((file) => includedBy(file, tree))).find((file) => defines(file, undefinedNames.missing))
  );
}

/** Returns the headers that a file includes, as paths in the tree. */
function includedBy(file: string, tree: KernelTree): string[] {
  const includes = (tree.read(file) ?? "").matchAll(/^[ \t]*#[ \t]*include[ \t]*(?:<([\w./-]+)>|"([\w./-]+)")/gm);
  return [...includes].map(([, system, near]) =>
    near === undefined ? `include/${system}` : posix.join(posix.dirname(file), near),
  );
}
