/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35) and a native clang. Processes map a file of shmem; mistakes
 * in that code are among those of faulty-callers.long.test.ts.
 */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { zapForgetsDirtyPmd } from "../../../gate/image/machine/file-claims.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import { runJob } from "../../../verify/run.ts";
import { CONFIG, shownAs, violated } from "./explored-tree.ts";
import { mistakePatch, type TextChange } from "./mistake-patch.ts";
import { TREE, treeImage } from "./tree-image.ts";

/** Lets a function fail an assertion before a call. */
const forbidden = (file: string, name: string, call: string, condition = "1"): TextChange => ({
  file,
  in: name,
  change: [new RegExp(`\\b(?=${call}\\()`), `WARN_ON_ONCE(${condition});`],
});

describe.skipIf(TREE === "" || clangOnPath() === undefined)("files in the image of a tree", () => {
  test.each<[Bounds]>([
    [{ mms: 2, file: 1, steps: 4 }],
    [{ mms: 2, file: 3, unmap: 1, steps: 3 }],
    [{ mms: 1, file: 3, split: 1, migrate: 1, steps: 4 }],
    [{ mms: 2, file: 3, swap: 1, steps: 3 }],
    [{ mms: 1, file: 3, swap: 2, split: 1, steps: 4 }],
    [{ mms: 1, file: 1, race: 1, steps: 2 }],
  ])("no property is violated with bounds %o", async (bounds) => {
    expect((await violated(bounds)).map(shownAs)).toEqual([]);
  });

  test.each<[string, TextChange, Bounds]>([
    ["a file is mapped by a PMD", forbidden("mm/memory.c", "do_set_pmd", "folio_add_file_rmap_pmd"), {}],
    ["pages around a fault are mapped", forbidden("mm/filemap.c", "filemap_map_pages", "pte_unmap_unlock"), {}],
    ["a page of the file is copied", forbidden("mm/memory.c", "do_cow_fault", "__folio_mark_uptodate"), {}],
    [
      "a folio is cut by the end of the file",
      forbidden("mm/truncate.c", "truncate_inode_partial_folio", "folio_wait_writeback", "folio_test_large(folio)"),
      {},
    ],
    ["a page is read back from swap", forbidden("mm/shmem.c", "shmem_swapin_folio", "folio_mark_dirty"), { swap: 2 }],
  ])("%s: an assertion there fails", async (_, change, bounds) => {
    const found = await violated({ mms: 1, file: 3, steps: 3, ...bounds }, mistakePatch(change));
    expect(found.map(shownAs)).toEqual([expect.stringContaining("KERNEL: WARN in")]);
  });

  test("a huge page that was written to through a PMD is clean after the PMD was zapped", async () => {
    const bounds = { mms: 1, file: 1, steps: 3, lockstep: 0 };
    const { properties } = runJob(imageJob(await treeImage(CONFIG), { config: CONFIG, bounds, budget: {} }));
    const { verdict, trace } = properties.find(({ id }) => id === zapForgetsDirtyPmd.id) ?? {};
    expect(verdict).toBe("reached");
    expect(trace?.steps.map(({ action }) => action)).toEqual(["fileRead", "fileWrite", expect.any(String)]);
  });

  test("with 64 bits, truncation within a large swap entry does not end", async () => {
    const config = "no-page-mapcount,64bit,mm-id";
    const bounds = { mms: 1, file: 1, swap: 2, cutswap: 1, steps: 3, lockstep: 0 };
    const { properties } = runJob(imageJob(await treeImage(config), { config, bounds, budget: {} }));
    const [found] = properties.filter(({ verdict }) => verdict === "violated");
    expect(found?.trace?.steps.map(({ action }) => action)).toEqual(["fileWrite", "fileReclaim", "truncate"]);
  });
});
