/**
 * A tree of a few small files in the form of kernel code, and C files that replace those of the project. It contains no
 * kernel code.
 */
import { treeWith } from "../../tree-copy.ts";

const TREE: Readonly<Record<string, string>> = {
  "include/linux/kconfig.h": "#include <generated/autoconf.h>\n",
  "include/linux/compiler_types.h": "#define __always_used __attribute__((used))\n",
  "include/linux/mm.h": "#define PAGES 3\nint read_by_memory(void);\n",
  "include/linux/rmap.h": "int read_by_rmap(void);\n",
  "include/asm-generic/generic.h": "#define GENERIC 40\n",
  "include/uapi/asm-generic/own.h": "#error our architecture has one of its own\n",
  "kernel/bounds.c": [
    "#define __GENERATING_BOUNDS_H",
    '#define DEFINE(name, value) asm volatile("\\n.ascii \\"->" #name " %0 " #value "\\"" : : "i"(value))',
    "int main(void) { DEFINE(FROM_BOUNDS, sizeof(int) * 500); return 0; }",
    "",
  ].join("\n"),
  "mm/internal.h": "#define INTERNAL 100\n",
  "mm/late.h": "#define LATE 0\n",
  "mm/memory.c": [
    "#include <linux/mm.h>",
    "#include <asm/generic.h>",
    "#include <asm/own.h>",
    "#include <generated/bounds.h>",
    '#include "internal.h"',
    "#ifdef CONFIG_64BIT",
    "#define WIDTH 20000",
    "#else",
    "#define WIDTH 10000",
    "#endif",
    "int read_by_memory(void) { return WIDTH + FROM_BOUNDS + INTERNAL + GENERIC + OWN + PAGES; }",
    "const char *place_of_memory(void) { return __FILE__; }",
    "",
  ].join("\n"),
  "mm/rmap.c": "#include <linux/rmap.h>\n#include <late.h>\nint read_by_rmap(void) { return LATE; }\n",
  "fs/mount.h": "#define PLACE_OF_MOUNT 7\n",
  "lib/xarray.c": '#include "../fs/mount.h"\nint read_by_xarray(void) { return PLACE_OF_MOUNT; }\n',
};

const OWN: Readonly<Record<string, string>> = {
  "image.h": "#define IMAGE 1\n",
  "asm/own.h": "#define OWN 5\n",
  "harness/harness.h": "#define EXPORT(name) __attribute__((export_name(name)))\n",
  "harness/answer.c": [
    "#include <linux/mm.h>",
    "#include <linux/rmap.h>",
    '#include "harness.h"',
    "int read_by_xarray(void);",
    "const char *place_of_memory(void);",
    "int not_defined(int);",
    'EXPORT("answer") int answer(void) { return read_by_memory() + read_by_rmap() + read_by_xarray(); }',
    'EXPORT("place") const char *place(void) { return place_of_memory(); }',
    'EXPORT("missing") int missing(void) { return not_defined(IMAGE); }',
    "",
  ].join("\n"),
};

/**
 * Result of the module's `answer`: 10000 in 32 bits or 20000, then 2000, 100, 40, 5, 3 of memory.c, and 7 of xarray.c.
 */
export const ANSWER = 12155;

/** Number of files of the image: those of the tree, the harness, and kernel/bounds.c. */
export const COMPILED = 5;

/** Creates a folder with files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  return treeWith(
    Object.entries(files).map(([file, text]) => [file, () => text] as const),
    undefined,
    [],
  );
}

/** Returns a new copy of the tree. */
export const smallTree = (): string => folderOf(TREE);

/** Returns a new copy of our C files. */
export const smallHarness = (): string => folderOf(OWN);

/** Returns the text of a file of the tree. */
export const textOf = (file: string): string => TREE[file] ?? "";
