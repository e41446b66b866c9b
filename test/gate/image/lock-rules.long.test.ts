/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. Mistakes that break a
 * rule of locks.
 */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { shownAs, violated } from "./explored-tree.ts";
import { SLEEPS, WRONG_ORDERS } from "./lock-mistakes.ts";
import { mistakePatch } from "./mistake-patch.ts";
import { TREE } from "./tree-image.ts";

const titled = [...SLEEPS, ...WRONG_ORDERS].map((mistake) => [`in ${mistake.in}(): ${mistake.what}`, mistake] as const);

describe.skipIf(TREE === "" || clangOnPath() === undefined)("rules of locks in the image of a tree", () => {
  test("operations that race and wait break no rule of locks", async () => {
    expect((await violated({ mms: 2, split: 1, steps: 3, race: 1, preemptions: 1 })).map(shownAs)).toEqual([]);
  });

  test.each(titled)("a mistake is found, %s", async (_, mistake) => {
    const found = (await violated(mistake.group, mistakePatch(mistake))).map(shownAs);
    expect(found).toEqual([expect.stringContaining(`KERNEL: ${mistake.by}`)]);
  });

  test("the same operations break no rule without the mistakes", async () => {
    for (const group of new Set(titled.map(([, { group: bounds }]) => JSON.stringify(bounds)))) {
      expect((await violated(JSON.parse(group))).map(shownAs)).toEqual([]);
    }
  });

  test("a function that sleeps is reported with stack switching, too", async () => {
    const { group, ...mistake } = SLEEPS[0] as (typeof SLEEPS)[number];
    const found = await violated({ ...group, race: 1, preemptions: 1 }, mistakePatch(mistake));
    expect(found.map(shownAs)).toEqual([expect.stringContaining(`KERNEL: ${mistake.by}`)]);
  });
});
