/** Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE) and a native clang. UFFDIO_MOVE, also in races. */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { shownAs, violated } from "./explored-tree.ts";
import { TREE } from "./tree-image.ts";

describe.skipIf(TREE === "" || clangOnPath() === undefined)("UFFDIO_MOVE in the image of a tree", () => {
  test.each<[Bounds]>([
    [{ mms: 2, uffd: 1, steps: 4 }],
    [{ mms: 1, uffd: 1, pages: 16, steps: 3 }],
    [{ mms: 2, uffd: 1, swap: 1, steps: 4 }],
    [{ mms: 2, uffd: 1, migrate: 1, steps: 4 }],
    [{ mms: 1, uffd: 1, race: 2, steps: 2 }],
    [{ mms: 1, uffd: 1, pages: 16, migrate: 1, race: 2, steps: 2 }],
  ])("no property is violated with bounds %o", async (bounds) => {
    expect((await violated(bounds)).map(shownAs)).toEqual([]);
  });

  test("a move of a large folio that has another reference does not end", async () => {
    const [first] = await violated({ mms: 1, uffd: 1, gup: 1, pages: 16, steps: 3 });
    expect(first?.trace?.steps.map(({ action }) => action)).toEqual(["write", "getUserPages", "uffdMove"]);
    expect(first === undefined ? "" : shownAs(first)).toMatch(
      /^KERNEL: it takes more than [\d,]+ iterations of loops$/,
    );
  });
});
