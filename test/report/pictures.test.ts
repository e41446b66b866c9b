/** Pictures of random executions of every scope: they show every change, and fit the width. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { MACHINES } from "../../machines/index.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { widthOf } from "../../report/text/styled-text.ts";
import type { PictureLine } from "../../report/trace/field.ts";
import { drawState, type PictureSetting } from "../../report/trace/picture.ts";
import { memoryOf } from "../../report/trace/race-state.ts";

const STEPS = 120;
const setting: PictureSetting = { config: "page-mapcount,64bit,mm-id", kernels: ["v7.1"], width: 94 };

/** Deterministic pseudo-random numbers. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Returns the states of an execution that takes random enabled actions. */
function* walk(machine: (typeof MACHINES)[number], bounds: { readonly [name: string]: number }): Generator<unknown> {
  const model = machine.build(bounds, v7_1(parseConfig("")));
  const interpreter = interpret(model);
  const pick = numbers(7);
  let [state] = interpreter.initialStates;
  yield state;
  for (let step = 0; step < STEPS; step++) {
    for (;;) {
      const action = model.actions[pick(model.actions.length)] as (typeof model.actions)[number];
      const parameters = action.choices[pick(action.choices.length)] ?? {};
      const outcome = interpreter.attempt(state, { action: action.name, parameters });
      if (outcome.enabled) {
        state = outcome.state;
        break;
      }
    }
    yield state;
  }
}

const textOf = ({ line }: PictureLine): string => line.map(({ text }) => text).join("");

describe.each(MACHINES)("machine $name", (machine) => {
  const names = machine.bounds.map(({ name }) => name);
  // Bounds that enable every part of the machine.
  const bounds = Object.fromEntries(
    machine.bounds.map(({ name, values, default: usual }) => [
      name,
      ["anon", "file", "pmd", "holders"].includes(name)
        ? Math.max(usual, ...values.filter((each) => each <= 2))
        : // A random walk does not collect the accesses that a search may merge, because they need no interleaving.
          name === "merge"
          ? 0
          : usual,
    ]),
  );

  test(`the picture of machine ${machine.name} shows every step at ${names.map((name) => `${name} ${bounds[name]}`).join(", ")}`, () => {
    let before: unknown;
    for (const visited of walk(machine, bounds)) {
      // CPUs are in the columns of a trace, not in pictures.
      const state = machine.name === "race" ? memoryOf(visited) : visited;
      const lines = drawState(state, before, setting);
      for (const line of lines) {
        expect(widthOf(line.line), textOf(line)).toBeLessThanOrEqual(setting.width);
        // A line is marked if and only if its text contains a change.
        expect(line.changed || !/→|\*/.test(textOf(line)), textOf(line)).toBe(true);
      }
      const changed = before !== undefined && JSON.stringify(before) !== JSON.stringify(state);
      expect(lines.some((line) => line.changed)).toBe(changed);
      const undrawn = lines.map(textOf).filter((text) => text.startsWith("also"));
      expect(undrawn).toEqual([]);
      before = state;
    }
  });
});
