import { expect, test } from "vitest";
import { ExecutedOnce } from "../../../../gate/image/lockstep/executed-once.ts";

test("a transition is new once, whatever other states were visited since", () => {
  const executed = new ExecutedOnce();
  executed.startFrom(100_000);
  expect(executed.isFirst("fork", [0])).toBe(true);
  expect(executed.isFirst("fork", [1])).toBe(true);
  expect(executed.isFirst("exit", [0])).toBe(true);
  expect(executed.isFirst("fork", [0])).toBe(false);
  executed.startFrom(100_001);
  expect(executed.isFirst("fork", [0])).toBe(true);
  executed.startFrom(100_000);
  expect(executed.isFirst("shrink", [])).toBe(false);
});
