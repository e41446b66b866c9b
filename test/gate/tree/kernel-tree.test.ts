import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kernelTree } from "../../../gate/tree/kernel-tree.ts";
import { TreeError } from "../../../gate/tree/tree-error.ts";
import { newFolder, OWN_KERNEL } from "../tree-copy.ts";

describe("kernelTree()", () => {
  test("reads files, and returns undefined for an absent one", () => {
    const tree = kernelTree(OWN_KERNEL);
    expect(tree.read("mm/rmap.c")).toContain("folio_add_file_rmap_ptes");
    expect(tree.read("mm/swap.h")).toBeUndefined();
  });

  test.each([
    ["an absent folder", () => join(newFolder(), "nowhere"), /is not a folder; want a kernel source tree/],
    ["an empty folder", newFolder, /has no mm\/rmap\.c and no include\/linux\/rmap\.h/],
  ])("rejects %s with an error in one line", (_, folder, message) => {
    expect(() => kernelTree(folder())).toThrow(message);
    expect(() => kernelTree(folder())).toThrow(TreeError);
  });
});
