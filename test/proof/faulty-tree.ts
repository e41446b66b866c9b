/** Copies of a kernel tree with a fault in one function. */
import { kernelTree } from "../../gate/tree/kernel-tree.ts";
import { FILES } from "../../gate/tree/manifest.ts";
import { treeWith } from "../gate/tree-copy.ts";

/** A change inside of a function: the n-th match of a pattern there, from 0. */
export interface Fault {
  readonly name: string;
  readonly in: string;
  readonly pattern: RegExp;
  readonly nth?: number;
  readonly to: string;
}

/**
 * Returns the folder of a copy.
 *
 * @param path path of the file in the tree
 */
export function faultyTree(folder: string, path: string, { name, in: where, pattern, nth = 0, to }: Fault): string {
  const change = (text: string): string => {
    // Of owner tracking, the first definition is that of CONFIG_MM_ID.
    const begin = text.search(new RegExp(`^static [^;]*?\\b${where}\\(`, "m"));
    const end = text.indexOf("\n}", begin);
    const body = text.slice(begin, end);
    let left = nth;
    const changed = body.replace(new RegExp(pattern, "g"), (match) =>
      left-- === 0 ? match.replace(pattern, to) : match,
    );
    if (changed === body) {
      throw new Error(`${name}: nothing to change`);
    }
    return text.slice(0, begin) + changed + text.slice(end);
  };
  const tree = kernelTree(folder);
  return treeWith(
    [[path, change]],
    folder,
    FILES.filter((file) => tree.read(file) !== undefined),
  );
}
