import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { action, alwaysStep, type Model, noWarning } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type Finding, type SearchResult, search } from "../../explore/search/search.ts";
import { callsOf, execute } from "../../explore/search/trace.ts";
import { faultyToys, soundToys, toy } from "../toys/all.ts";
import { type CounterGrid, counterGrid, sumOf } from "../toys/counter-grid.ts";
import { diningPhilosophers } from "../toys/dining-philosophers.ts";
import { ConveyorWarning, conveyor } from "../toys/field-kinds.ts";
import { exploreNaively, type NaiveResult } from "../toys/naive-explorer.ts";
import { twoPhaseCommit } from "../toys/two-phase-commit.ts";
import { waterJugs } from "../toys/water-jugs.ts";

const symmetries = [{ symmetry: false }, { symmetry: true }];

/** The number of steps of a finding, which must be a real execution that decides its property. */
function replayedLength<S, C, V>(model: Model<S, C, V>, finding: Finding): number {
  const interpreter = interpret(model);
  const trace = execute(interpreter, finding.path.initial, callsOf(model, finding.path));
  const states = [trace.initial, ...trace.steps.map((each) => each.state)];
  const last = states.at(-1) as S;
  const property = model.properties[finding.property];
  if (property === undefined) {
    expect(finding.property).toBe(-1);
    expect(interpreter.enabledActions(last)).toEqual([]);
  } else if (property.kind === "warning") {
    expect(trace.steps.at(-1)?.warning).toBe(finding.warning);
    expect(property.codes).toContain(finding.warning);
  } else {
    expect(interpreter.decides(finding.property, states.at(-2), last)).toBe(true);
  }
  return trace.steps.length;
}

function compareWitnesses<S, C, V>(model: Model<S, C, V>, ours: SearchResult, naive: NaiveResult): void {
  for (const finding of ours.witnesses) {
    expect(replayedLength(model, finding)).toBe(naive.properties[finding.property]?.shortest);
  }
}

describe.each(symmetries)("symmetry: $symmetry", ({ symmetry }) => {
  it.each(soundToys)("the search agrees with the naive explorer on $name", (each) => {
    each.with((model) => {
      const naive = exploreNaively(model, { upToRenaming: symmetry });
      const ours = search(compile(model), { symmetry });
      expect(ours.outcome).toBe("exhausted");
      expect(ours.violations).toEqual([]);
      expect({ states: ours.states, transitions: ours.transitions, depth: ours.depth }).toEqual({
        states: naive.states,
        transitions: naive.transitions,
        depth: naive.depth,
      });
      if (symmetry) {
        // The action that finds a state first depends on the representatives of orbits; the number of states does not.
        expect(ours.actions.map(({ name, enabled }) => ({ name, enabled }))).toEqual(
          naive.actions.map(({ name, enabled }) => ({ name, enabled })),
        );
        const newStates = ours.actions.reduce((sum, action) => sum + action.newStates, 0);
        expect(newStates).toBe(naive.actions.reduce((sum, action) => sum + action.newStates, 0));
      } else {
        expect(ours.actions).toEqual(naive.actions);
      }
      expect(ours.properties.map(({ id, verdict }) => ({ id, verdict }))).toEqual(
        naive.properties.map(({ id, verdict }) => ({ id, verdict })),
      );
      ours.properties.forEach((property, p) => {
        if (property.kind !== "sometimes" && property.kind !== "sometimes-step") {
          expect(property.checked).toBe(naive.properties[p]?.checked);
        }
      });
      expect(ours.witnesses.map((finding) => finding.property).sort()).toEqual(
        naive.properties.flatMap(({ verdict }, p) => (verdict === "reached" ? [p] : [])).sort(),
      );
      compareWitnesses(model, ours, naive);
    });
  });

  it.each(faultyToys)("the search finds a shortest, real counterexample of $name", (each) => {
    each.with((model) => {
      const naive = exploreNaively(model);
      const ours = search(compile(model), { symmetry });
      expect(ours.outcome).toBe("violated");
      const lengths = naive.properties.flatMap(({ verdict, shortest }) => (verdict === "violated" ? [shortest] : []));
      const deadlock = model.deadlock === "error" ? [naive.deadlock] : [];
      const shortest = Math.min(...[...lengths, ...deadlock].map((length) => length ?? Number.NaN));
      expect(shortest).toBeGreaterThan(0);
      expect(ours.violations.length).toBeGreaterThan(0);
      for (const finding of ours.violations) {
        expect(replayedLength(model, finding)).toBe(shortest);
      }
      compareWitnesses(model, ours, naive);
    });
  });

  it.each([2, 3, 4, 6])("the search finds the deadlock of %i philosophers after that many steps", (count) => {
    const model = diningPhilosophers(count);
    const { violations, outcome, properties } = search(compile(model), { symmetry });
    expect(outcome).toBe("violated");
    expect(violations).toHaveLength(1);
    expect(violations.map((finding) => replayedLength(model, finding))).toEqual([count]);
    expect(properties.map((property) => property.verdict)).toEqual(["incomplete"]);
  });

  it("the search finds that a hasty commit fails in 3 steps: commit, receive it, abort elsewhere", () => {
    const model = twoPhaseCommit(3, { hastyCommit: true });
    const { violations } = search(compile(model), { symmetry });
    expect(violations.map((finding) => replayedLength(model, finding))).toEqual([3]);
  });

  it("the search solves the water jugs in the published 6 steps", () => {
    const model = waterJugs();
    const { witnesses } = search(compile(model), { symmetry });
    expect(witnesses.map((finding) => replayedLength(model, finding))).toEqual([6]);
  });

  it("a step property's counterexample ends with the instance that violates it, not another of the same action", () => {
    const model: Model<CounterGrid, null> = {
      ...counterGrid(3, 9),
      actions: [
        action("set", { counter: [0, 1, 2], to: [1, 2, 3] }, (state: CounterGrid, _, { counter, to }) => {
          if (sumOf(state) + to > 4) {
            return false;
          }
          at(state.counters, counter).value = to;
          return true;
        }),
      ],
      properties: [
        alwaysStep({
          id: "no-3-after-1",
          claim: "No counter is set to 3 once another is 1",
          source: "this test",
          when: (before) => before.counters.some((each) => each.value === 1),
          holds: (_, after) => !after.counters.some((each) => each.value === 3),
        }),
      ],
    };
    const { violations } = search(compile(model), { symmetry });
    expect(violations.map((finding) => replayedLength(model, finding))).toEqual([2]);
  });

  it("a warning's counterexample ends with the instance that raises it, not another with the same result", () => {
    const log = { first: 0 };
    const model: Model<CounterGrid, { first: number }> = {
      ...counterGrid(2, 3),
      context: log,
      initial: [() => {}],
      view: (state) => state,
      warnings: { log, text: String },
      actions: [
        action("raise", { counter: [0, 1], loudly: [false, true] }, (state: CounterGrid, log, { counter, loudly }) => {
          const which = at(state.counters, counter);
          if (which.value > 1) {
            return false;
          }
          if (loudly && which.value === 1) {
            log.first = 4;
          }
          which.value += 1;
          return true;
        }),
      ],
      properties: [noWarning({ id: "quiet", claim: "Nobody is loud", source: "this test", codes: [4] })],
    };
    const { violations } = search(compile(model), { symmetry });
    expect(violations.map((finding) => replayedLength(model, finding))).toEqual([2]);
  });

  it("a warning is reported with its code and the step that raised it", () => {
    const model = conveyor({ warnWorn: true });
    const { violations, properties } = search(compile(model), { symmetry });
    expect(violations).toMatchObject([{ warning: ConveyorWarning.worn }]);
    expect(properties).toContainEqual(expect.objectContaining({ id: "no-warning", verdict: "violated" }));
  });
});

describe("The naive explorer and the toys", () => {
  it("the naive explorer reports a deadlock only if there is one", () => {
    expect(exploreNaively(diningPhilosophers(4)).deadlock).toBe(4);
    expect(toy(waterJugs()).with((model) => exploreNaively(model)).deadlock).toBeUndefined();
  });
});
