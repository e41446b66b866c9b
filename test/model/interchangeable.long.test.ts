import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import type { DeepReadonly, Property } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { View } from "../../model/environment/view.ts";
import * as fc from "../fast-check.ts";
import { allRenamings, renamed, smallestKey } from "../toys/naive-explorer.ts";
import { encodingOf } from "../toys/random-schema.ts";
import { countsSubject, kernelIn, rmapSubject, type Subject, worldSubject } from "./session.ts";
import { TINY_WORLDS, type TinyWorld } from "./tiny-worlds.ts";

/** Value of a property for a state or a step; vacuity is a value of its own. */
function answer<V>(property: Property<V>, before: DeepReadonly<V>, after: DeepReadonly<V>): boolean | undefined {
  switch (property.kind) {
    case "always":
      return property.holds(after);
    case "sometimes":
      return property.reached(after);
    case "always-step":
      return property.holds(before, after);
    case "sometimes-step":
      return property.reached(before, after);
    case "warning":
      return undefined;
  }
}

/**
 * Renaming a state and then stepping leads where stepping and then renaming leads. Which free folio an allocation takes
 * depends on positions: so up to a renaming of folios.
 */
function expectCommuting<S, V extends View>(subject: Subject<S, V>, numRuns: number): void {
  const { model, kernel } = subject;
  const interpreter = interpret(model);
  const renamings = allRenamings(model.schema);
  expect(renamings.length).toBeGreaterThan(1);
  const ofFolios = renamings.filter((renaming) => renaming.get("mm")?.every((to, from) => to === from));
  const answers = (before: S, after: S): (boolean | undefined)[] => {
    const view = (state: S): DeepReadonly<V> => model.view(state as DeepReadonly<S>, kernel) as DeepReadonly<V>;
    const [from, to] = [view(before), view(after)];
    return model.properties.map((property) => answer(property, from, to));
  };
  const stepsFrom = (state: S) =>
    interpreter.enabledActions(state).map((call) => {
      const outcome = interpreter.attempt(state, call);
      if (!outcome.enabled) {
        throw new Error("enabled and not enabled");
      }
      return { ...outcome, action: call.action };
    });
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 14 }), fc.nat(), (choices, which) => {
      const renaming = renamings[1 + (which % (renamings.length - 1))] as (typeof renamings)[number];
      const rename = (state: S): S => renamed(model.schema, state, renaming);
      let state = interpreter.initialStates[0] as S;
      for (const choice of choices) {
        const steps = stepsFrom(state);
        const here = steps.map(({ action, state: after, warning }) =>
          [action, smallestKey(model.schema, rename(after), ofFolios), warning, answers(state, after)].join(),
        );
        const there = stepsFrom(rename(state)).map(({ action, state: after, warning }) =>
          [action, smallestKey(model.schema, after, ofFolios), warning, answers(rename(state), after)].join(),
        );
        expect(here.toSorted()).toEqual(there.toSorted());
        if (steps.length === 0) {
          return;
        }
        state = (steps[choice % steps.length] as (typeof steps)[number]).state;
      }
    }),
    { numRuns },
  );
}

/** Visits every state without symmetry, and counts states and orbits by brute force. */
function bruteForce<S, V extends View>({ model }: Subject<S, V>): { states: number; orbits: number } {
  const { memory, words, actions, loadInitial } = compile(model);
  const { decode } = encodingOf(model.schema);
  loadInitial(0);
  const queue = [memory.slice(0, words)];
  const seen = new Set(queue.map(String));
  const orbits = new Set<string>();
  const renamings = allRenamings(model.schema);
  for (const state of queue) {
    memory.set(state);
    orbits.add(smallestKey(model.schema, decode(memory), renamings));
    for (const { instances, apply } of actions) {
      for (let instance = 0; instance < instances; instance++) {
        memory.set(state);
        const key = apply(instance) ? String(memory.subarray(0, words)) : "";
        if (key !== "" && !seen.has(key)) {
          seen.add(key);
          queue.push(memory.slice(0, words));
        }
      }
    }
  }
  return { states: seen.size, orbits: orbits.size };
}

function explored<S, V extends View>({ model }: Subject<S, V>): { states: number; orbits: number } {
  const all = search(compile(model), { symmetry: false });
  const upToRenaming = search(compile(model), { symmetry: true });
  expect([all.outcome, upToRenaming.outcome]).toEqual(["exhausted", "exhausted"]);
  return { states: all.states, orbits: upToRenaming.states };
}

const rmaps: readonly { readonly bounds: Bounds; readonly config: string; readonly kernel?: string }[] = [
  { bounds: { mms: 3 }, config: "page-mapcount" },
  { bounds: { pages: 2, mms: 3, folios: 3, file: 1 }, config: "no-page-mapcount" },
  { bounds: { pages: 2, mms: 3, anon: 0, file: 2, folios: 2 }, config: "32bit,mm-id-mapcount-max=1" },
  { bounds: { pages: 2, folios: 2, file: 1 }, config: "no-mm-id" },
  { bounds: { mms: 3, folios: 2 }, config: "", kernel: "slot-0-without-shared" },
];

const worlds: readonly TinyWorld[] = [
  { scope: "pmd", bounds: { pages: 2, folios: 2, smallFolios: 1 }, config: "" },
  { scope: "cow", bounds: { pages: 2, mms: 3, smallFolios: 1 }, config: "" },
  { scope: "pins", bounds: { pages: 2, holders: 2, smallFolios: 2 }, config: "32bit" },
  { scope: "swap", bounds: { pages: 2, swapSlots: 2, smallFolios: 2, holders: 1 }, config: "" },
  { scope: "migration", bounds: { pages: 2, folios: 2, mms: 3, smallFolios: 0 }, config: "no-page-mapcount" },
  { scope: "split", bounds: { pages: 2, smallFolios: 2, mms: 3 }, config: "" },
];

describe("MMs and folios are interchangeable: renaming commutes with every step and every property of", () => {
  it.each(rmaps)(
    "MMs and folios are interchangeable: renaming commutes with every step and every property of: rmap at $bounds in $config $kernel",
    ({ bounds, config, kernel }) => {
      expectCommuting(rmapSubject(bounds, config, kernelIn(config, kernel)), 8);
    },
  );

  it.each(worlds)(
    "MMs and folios are interchangeable: renaming commutes with every step and every property of: $scope at $bounds in $config",
    ({ scope, bounds, config }) => {
      expectCommuting(worldSubject(scope, bounds, config), 4);
    },
  );

  it.each([{ bounds: {} }, { bounds: { pages: 3, mms: 5 } }])(
    "MMs and folios are interchangeable: renaming commutes with every step and every property of: owner-tracking at $bounds",
    ({ bounds }) => {
      expectCommuting(countsSubject(bounds), 15);
    },
  );
});

describe("Brute force counts the same states and orbits as the search", () => {
  it("Brute force counts the same states and orbits as the search of owner-tracking with 4 pages and 3 MMs: 810 orbits of 4,552 states", () => {
    const subject = countsSubject({ pages: 4, mms: 3 });
    expect(bruteForce(subject)).toEqual({ states: 4_552, orbits: 810 });
    expect(explored(subject)).toEqual({ states: 4_552, orbits: 810 });
  });

  it.each([
    { bounds: { pages: 2, mms: 2, folios: 2 }, config: "" },
    { bounds: { pages: 2, mms: 3 }, config: "no-page-mapcount" },
    { bounds: { pages: 2, minPages: 2, mms: 2, anon: 0, file: 2 }, config: "32bit,mm-id-mapcount-max=1" },
    { bounds: { pages: 1, mms: 2, folios: 3, file: 1 }, config: "" },
  ])(
    "Brute force counts the same states and orbits as the search of rmap at $bounds in $config",
    ({ bounds, config }) => {
      const subject = rmapSubject(bounds, config);
      const counted = bruteForce(subject);
      expect(counted.orbits).toBeLessThan(counted.states);
      expect(explored(subject)).toEqual(counted);
    },
  );

  it.each(TINY_WORLDS)(
    "Brute force counts the same states and orbits as the search of $scope at $bounds in $config",
    ({ scope, bounds, config }) => {
      const subject = worldSubject(scope, bounds, config);
      expect(explored(subject)).toEqual(bruteForce(subject));
    },
  );
});
