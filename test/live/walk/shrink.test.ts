import { describe, expect, test } from "vitest";
import { shrink } from "../../../live/walk/shrink.ts";

const numbers = Array.from({ length: 100 }, (_, i) => i);
const has =
  (...needed: readonly number[]) =>
  async (items: readonly number[]): Promise<boolean> =>
    needed.every((each) => items.includes(each));

describe("shrinking", () => {
  test.each([[[99]], [[0]], [[0, 99]], [[3, 50, 51, 97]], [numbers.slice(10, 30)]])(
    "shrink() keeps exactly the needed items: %j",
    async (needed) => {
      expect(await shrink(numbers, has(...needed))).toEqual(needed);
    },
  );

  test("shrink() removes all items if none is needed", async () => {
    expect(await shrink(numbers, async () => true)).toEqual([]);
  });

  test("shrink() keeps a list in which each item is needed", async () => {
    expect(await shrink(numbers, async (items) => items.length === numbers.length)).toEqual(numbers);
  });

  test("shrink() returns a list that does not fail without any one of its items", async () => {
    // Failure depends on the sum, which no subset of the result has.
    const fails = async (items: readonly number[]): Promise<boolean> =>
      items.reduce((sum, each) => sum + each, 0) >= 300;
    const shrunk = await shrink(numbers, fails);
    expect(await fails(shrunk)).toBe(true);
    for (const index of shrunk.keys()) {
      expect(await fails(shrunk.toSpliced(index, 1))).toBe(false);
    }
  });

  test("shrink() needs few attempts if the end of the list is sufficient", async () => {
    let attempts = 0;
    await shrink(numbers, (items) => {
      attempts += 1;
      return has(97, 99)(items);
    });
    expect(attempts).toBeLessThan(20);
  });

  test("shrink() returns the best list when it is stopped", async () => {
    let attempts = 0;
    const shrunk = await shrink(
      numbers,
      (items) => {
        attempts += 1;
        return has(3, 50)(items);
      },
      () => attempts >= 8,
    );
    expect(shrunk.length).toBeLessThan(100);
    expect(await has(3, 50)(shrunk)).toBe(true);
    expect(attempts).toBe(8);
  });
});
