/** Checks that a tree has the files of an image. A folder with only the files of the functions in scope does not. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BOUNDS_SOURCE } from "./bounds-header.ts";
import { INCLUDED_FILES } from "./image-files.ts";

/** Returns the first missing file; undefined if an image can be built. */
export function missingForImage(tree: string): string | undefined {
  return [BOUNDS_SOURCE, "include/linux/mm_types.h", "lib/maple_tree.c", "mm/memory.c", ...INCLUDED_FILES].find(
    (file) => !existsSync(join(tree, file)),
  );
}
