import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kernelTree } from "../../../gate/tree/kernel-tree.ts";
import { TreeError } from "../../../gate/tree/tree-error.ts";
import { newFolder, OWN_KERNEL } from "../tree-copy.ts";

describe("a tree", () => {
  test("is read file by file, and a file that is not there is none", () => {
    const tree = kernelTree(OWN_KERNEL);
    expect(tree.read("mm/rmap.c")).toContain("folio_add_file_rmap_ptes");
    expect(tree.read("mm/swap.h")).toBeUndefined();
  });

  test.each([
    ["a folder that is not there", () => join(newFolder(), "nowhere"), /is not a folder; want a kernel source tree/],
    ["an empty folder", newFolder, /has no mm\/rmap\.c and no include\/linux\/rmap\.h/],
  ])("%s is an error in one line", (_, folder, message) => {
    expect(() => kernelTree(folder())).toThrow(message);
    expect(() => kernelTree(folder())).toThrow(TreeError);
  });
});
