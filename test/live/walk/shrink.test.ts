import { describe, expect, test } from "vitest";
import { shrink } from "../../../live/walk/shrink.ts";

const numbers = Array.from({ length: 100 }, (_, i) => i);
const has =
  (...wanted: readonly number[]) =>
  async (items: readonly number[]): Promise<boolean> =>
    wanted.every((each) => items.includes(each));

describe("shrinking", () => {
  test.each([[[99]], [[0]], [[0, 99]], [[3, 50, 51, 97]], [numbers.slice(10, 30)]])(
    "leaves %j alone",
    async (wanted) => {
      expect(await shrink(numbers, has(...wanted))).toEqual(wanted);
    },
  );

  test("leaves nothing when nothing is needed", async () => {
    expect(await shrink(numbers, async () => true)).toEqual([]);
  });

  test("leaves a list in which every item is needed as it is", async () => {
    expect(await shrink(numbers, async (items) => items.length === numbers.length)).toEqual(numbers);
  });

  test("leaves a list without any one of whose items it does not fail", async () => {
    // Whether it fails depends on the sum: no subset of what is left has it.
    const fails = async (items: readonly number[]): Promise<boolean> =>
      items.reduce((sum, each) => sum + each, 0) >= 300;
    const shrunk = await shrink(numbers, fails);
    expect(await fails(shrunk)).toBe(true);
    for (const index of shrunk.keys()) {
      expect(await fails(shrunk.toSpliced(index, 1))).toBe(false);
    }
  });

  test("asks few questions where the end of the list is enough", async () => {
    let asked = 0;
    await shrink(numbers, (items) => {
      asked += 1;
      return has(97, 99)(items);
    });
    expect(asked).toBeLessThan(20);
  });

  test("gives the best so far when it is enough", async () => {
    let asked = 0;
    const shrunk = await shrink(
      numbers,
      (items) => {
        asked += 1;
        return has(3, 50)(items);
      },
      () => asked >= 8,
    );
    expect(shrunk.length).toBeLessThan(100);
    expect(await has(3, 50)(shrunk)).toBe(true);
    expect(asked).toBe(8);
  });
});
