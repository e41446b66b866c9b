import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import type { Model } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { callsOf, execute } from "../../explore/search/trace.ts";
import * as fc from "../fast-check.ts";
import { exploreNaively } from "../toys/naive-explorer.ts";
import { type RandomWorld, randomMachine } from "../toys/random-machine.ts";

/** Excludes machines that are too large for the naive explorer. */
const isSmall = (model: Model<RandomWorld, null>): boolean =>
  search(compile({ ...model, properties: [], deadlock: "allowed" }), { symmetry: false, budget: { maxStates: 150 } })
    .outcome === "exhausted";

const smallMachine = randomMachine.filter(isSmall);

describe.each([{ symmetry: false }, { symmetry: true }])("symmetry: $symmetry", ({ symmetry }) => {
  it("the search of a random machine visits as many states as the naive explorer", () => {
    fc.assert(
      fc.property(smallMachine, (model) => {
        const bare = { ...model, properties: [], deadlock: "allowed" as const };
        const naive = exploreNaively(bare, { upToRenaming: symmetry });
        const { outcome, states, transitions, depth } = search(compile(bare), { symmetry });
        expect({ outcome, states, transitions, depth }).toEqual({
          outcome: "exhausted",
          states: naive.states,
          transitions: naive.transitions,
          depth: naive.depth,
        });
      }),
      { numRuns: 40 },
    );
  });

  it("the verdicts on a random machine are right, with shortest real executions that decide the properties", () => {
    fc.assert(
      fc.property(smallMachine, fc.nat(2), (whole, which) => {
        // One property at a time: the first violation ends the search for all others.
        const isDeadlock = whole.deadlock === "error" && which === 0;
        const model = {
          ...whole,
          deadlock: isDeadlock ? ("error" as const) : ("allowed" as const),
          properties: isDeadlock ? [] : whole.properties.slice(which, which + 1),
        };
        const naive = exploreNaively(model);
        const [expected] = naive.properties;
        const { outcome, violations, witnesses, properties } = search(compile(model), { symmetry });
        const interpreter = interpret(model);
        if (isDeadlock) {
          expect(outcome).toBe(naive.deadlock === undefined ? "exhausted" : "violated");
        } else {
          expect(properties.map((each) => each.verdict)).toEqual([expected?.verdict]);
          if (!symmetry && outcome === "exhausted" && properties[0]?.kind !== "sometimes") {
            expect(properties[0]?.checked).toBe(expected?.checked);
          }
        }
        for (const finding of [...violations, ...witnesses]) {
          const { initial, steps } = execute(interpreter, finding.path.initial, callsOf(model, finding.path));
          const states = [initial, ...steps.map((each) => each.state)];
          const last = states.at(-1) as RandomWorld;
          expect(steps.length).toBe(isDeadlock ? naive.deadlock : expected?.shortest);
          if (isDeadlock) {
            expect(interpreter.enabledActions(last)).toEqual([]);
          } else {
            expect(interpreter.decides(0, states.at(-2), last)).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("a search for all violations of a random machine agrees with the naive explorer, with shortest traces", () => {
    fc.assert(
      fc.property(smallMachine, (model) => {
        const naive = exploreNaively(model);
        const result = search(compile(model), { symmetry, allViolations: true });
        expect(result.properties.map(({ verdict }) => verdict)).toEqual(naive.properties.map(({ verdict }) => verdict));
        expect(result.frontier).toBe(0);
        if (!symmetry) {
          expect(result).toMatchObject({ states: naive.states, transitions: naive.transitions, depth: naive.depth });
        }
        const deadlock = model.deadlock === "error" ? naive.deadlock : undefined;
        const lengths = new Map(result.violations.map(({ property, path }) => [property, path.steps.length]));
        expect(lengths.get(-1)).toBe(deadlock);
        expect(lengths.size).toBe(result.violations.length);
        for (const [index, { verdict, shortest }] of naive.properties.entries()) {
          expect(lengths.get(index)).toBe(verdict === "violated" ? shortest : undefined);
        }
      }),
      { numRuns: 60 },
    );
  });
});
