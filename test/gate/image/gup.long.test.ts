/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18 or later) and a native clang. Pages that get_user_pages()
 * and pin_user_pages() take.
 */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { explored, shownAs, violated } from "./explored-tree.ts";
import { TREE } from "./tree-image.ts";

describe.skipIf(TREE === "" || clangOnPath() === undefined)("get_user_pages() in the image of a tree", () => {
  test("an image with a holder of pages satisfies all properties, with one holder and with two", async () => {
    for (const gup of [1, 2]) {
      expect((await violated({ mms: 2, gup, steps: 3 })).map(shownAs)).toEqual([]);
    }
  });

  test("a holder keeps pages that its process gave up, and more states follow with two holders", async () => {
    const { states } = await explored({ mms: 1, gup: 1, unmap: 1, steps: 3 });
    expect((await explored({ mms: 1, gup: 2, unmap: 1, steps: 3 })).states).toBeGreaterThan(states);
    expect(states).toBeGreaterThan((await explored({ mms: 1, unmap: 1, steps: 3 })).states);
  });

  test("GUP-fast of no pages stores pages behind the array (R48), where a tree has it, and nothing else is found", async () => {
    const ids = await violated({ mms: 1, gup: 1, gupends: 1, steps: 2 });
    const shown = ids.map(shownAs);
    expect([[], ["KERNEL: get_user_pages() stores more pages than were requested"]]).toContainEqual(shown);
    for (const { trace } of ids) {
      expect(trace?.steps.at(-1)).toMatchObject({ action: "getUserPagesFast", parameters: { range: { pages: 0 } } });
    }
  });
});
