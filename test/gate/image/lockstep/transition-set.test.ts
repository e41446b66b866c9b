import { expect, test } from "vitest";
import { TransitionSet } from "../../../../gate/image/lockstep/transition-set.ts";

test("a transition is new once, whatever other states were visited since", () => {
  const executed = new TransitionSet();
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
