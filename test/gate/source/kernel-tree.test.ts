import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kernelTree, patched } from "../../../gate/source/kernel-tree.ts";
import { TreeError } from "../../../gate/source/tree-error.ts";
import { newFolder, OWN_KERNEL, treeWith } from "../tree-copy.ts";

/** A patch file with this text. */
function patchFile(text: string): string {
  const path = join(newFolder(), "my.patch");
  writeFileSync(path, text);
  return path;
}

const CHANGE = `From: somebody
Subject: [PATCH] a change

Says why.
---
 fs/proc/internal.h | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/fs/proc/internal.h b/fs/proc/internal.h
--- a/fs/proc/internal.h
+++ b/fs/proc/internal.h
@@ -2,3 +2,3 @@
 
-static inline int folio_precise_page_mapcount(struct folio *folio, struct page *page)
+static inline int folio_exact_page_mapcount(struct folio *folio, struct page *page)
 {
`;

const ADDED_FILE = `diff --git a/mm/swap.h b/mm/swap.h
new file mode 100644
--- /dev/null
+++ b/mm/swap.h
@@ -0,0 +1,1 @@
+#define NEW 1
`;

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

describe("a patch", () => {
  test("as git format-patch writes it is applied, and the folder stays as it was", () => {
    const folder = treeWith([]);
    const tree = patched(kernelTree(folder), patchFile(CHANGE));
    expect(tree.read("fs/proc/internal.h")).toContain("folio_exact_page_mapcount");
    expect(kernelTree(folder).read("fs/proc/internal.h")).toContain("folio_precise_page_mapcount");
  });

  test("may change several files, and add one", () => {
    const tree = patched(kernelTree(OWN_KERNEL), patchFile(CHANGE + ADDED_FILE));
    expect(tree.read("fs/proc/internal.h")).toContain("folio_exact_page_mapcount");
    expect(tree.read("mm/swap.h")).toContain("#define NEW 1");
  });

  test("of files that the gate does not read may be applied to a folder without them", () => {
    const other = "--- a/drivers/a.c\n+++ b/drivers/a.c\n@@ -1,1 +1,1 @@\n-a\n+b\n";
    const tree = patched(kernelTree(OWN_KERNEL), patchFile(other + CHANGE));
    expect(tree.read("fs/proc/internal.h")).toContain("folio_exact_page_mapcount");
  });

  test.each([
    [
      "that does not apply",
      () => patchFile(CHANGE.replace("folio_precise", "folio_imprecise")),
      "does not apply to fs/proc/internal.h:2, hunk 1 of 1",
    ],
    [
      "of a file that the tree lacks",
      () => patchFile(CHANGE.replaceAll("fs/proc/internal.h", "mm/swap.h")),
      "does not apply to mm/swap.h:2, hunk 1 of 1",
    ],
    ["that is no diff", () => patchFile("hello\n"), "has no changes in it; want a unified diff"],
    ["that is broken off", () => patchFile(CHANGE.split("\n").slice(0, -2).join("\n")), "is not a unified diff"],
    ["that is not there", () => join(newFolder(), "none"), "cannot read the patch"],
  ])("%s is an error in one line", (_, file, message) => {
    const apply = (): unknown => patched(kernelTree(OWN_KERNEL), file());
    expect(apply).toThrow(TreeError);
    expect(apply).toThrow(message);
    expect(apply).toThrow(/^[^\n]*$/);
  });
});
