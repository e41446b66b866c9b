import { expect, test } from "vitest";
import { TransitionSet } from "../../../../gate/image/lockstep/transition-set.ts";

test("a transition is new once, whatever other states were visited since", () => {
  const transitions = new TransitionSet();
  transitions.startFrom(100_000);
  expect(transitions.isFirst("fork", [0])).toBe(true);
  expect(transitions.isFirst("fork", [1])).toBe(true);
  expect(transitions.isFirst("exit", [0])).toBe(true);
  expect(transitions.isFirst("fork", [0])).toBe(false);
  transitions.startFrom(100_001);
  expect(transitions.isFirst("fork", [0])).toBe(true);
  transitions.startFrom(100_000);
  expect(transitions.isFirst("shrink", [])).toBe(false);
});
