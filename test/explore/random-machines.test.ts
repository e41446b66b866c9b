import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../explore/compile.ts";
import { interpret } from "../../explore/interpreter.ts";
import type { Model } from "../../explore/model.ts";
import { search } from "../../explore/search.ts";
import { callsOf, execute } from "../../explore/trace.ts";
import { exploreNaively } from "../toys/naive-explorer.ts";
import { type RandomWorld, randomMachine } from "../toys/random-machine.ts";

/** Leaves out machines that the naive explorer would take too long for. */
const isSmall = (model: Model<RandomWorld, null>): boolean =>
  search(compile({ ...model, properties: [], deadlockIsError: false }), { symmetry: false, budget: { maxStates: 150 } })
    .outcome === "exhausted";

const smallMachine = randomMachine.filter(isSmall);

describe.each([{ symmetry: false }, { symmetry: true }])(
  "On random machines, with symmetry: $symmetry,",
  ({ symmetry }) => {
    it("the search visits what the naive explorer visits", () => {
      fc.assert(
        fc.property(smallMachine, (model) => {
          const bare = { ...model, properties: [], deadlockIsError: false };
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

    it("verdicts are right, and findings are shortest real executions that show what they claim", () => {
      fc.assert(
        fc.property(smallMachine, fc.nat(2), (whole, which) => {
          // One property at a time: the first violation of any would end the search for the others.
          const deadlockIsError = whole.deadlockIsError === true && which === 0;
          const model = {
            ...whole,
            deadlockIsError,
            properties: deadlockIsError ? [] : whole.properties.slice(which, which + 1),
          };
          const naive = exploreNaively(model);
          const [expected] = naive.properties;
          const { outcome, violations, witnesses, properties } = search(compile(model), { symmetry });
          const interpreter = interpret(model);
          if (deadlockIsError) {
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
            expect(steps.length).toBe(deadlockIsError ? naive.deadlock : expected?.shortest);
            if (deadlockIsError) {
              expect(interpreter.enabledActions(last)).toEqual([]);
            } else {
              expect(interpreter.decides(0, states.at(-2), last)).toBe(true);
            }
          }
        }),
        { numRuns: 60 },
      );
    });
  },
);
