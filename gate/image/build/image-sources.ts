/** Whether a tree has what an image is made of. A folder with just the files of the leaf functions has not. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BOUNDS_SOURCE } from "./bounds-header.ts";
import { INCLUDED_FILES } from "./image-files.ts";

/** The first file that is missing; undefined where an image can be built. */
export function missingForImage(tree: string): string | undefined {
  return [BOUNDS_SOURCE, "include/linux/mm_types.h", "lib/maple_tree.c", "mm/memory.c", ...INCLUDED_FILES].find(
    (file) => !existsSync(join(tree, file)),
  );
}
