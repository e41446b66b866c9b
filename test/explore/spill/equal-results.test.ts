/** Compares searches that move states to disk with searches in memory. */
import { describe, expect, it } from "vitest";
import {
  action,
  always,
  alwaysStep,
  type Model,
  noWarning,
  sometimes,
  sometimesStep,
} from "../../../explore/model/model.ts";
import { at } from "../../../explore/model/schema.ts";
import { compile } from "../../../explore/search/compile.ts";
import { type SearchOptions, type SearchResult, search } from "../../../explore/search/search.ts";
import * as fc from "../../fast-check.ts";
import { faultyToys, soundToys } from "../../toys/all.ts";
import { type CounterGrid, counterGrid, sumOf } from "../../toys/counter-grid.ts";
import { machineOf } from "../../toys/described-machine.ts";
import { randomDescription } from "../../toys/random-machine.ts";
import { type MemoryFile, spilling } from "./memory-file.ts";

/** The result without times and sizes, or the error that it raises. */
function outcomeOf(run: () => SearchResult): unknown {
  try {
    const { seconds, tableBytes, ...rest } = run();
    return rest;
  } catch (error) {
    return { thrown: String(error), ...(error as object) };
  }
}

const MODES = [
  { symmetry: false, allViolations: false },
  { symmetry: true, allViolations: false },
  { symmetry: false, allViolations: true },
  { symmetry: true, allViolations: true },
];

/** Those with enough states for a file. */
const LARGE = /^(?:4 processes|[23] accounts|2 large and 3 small boxes|3 people)/;

describe.each(MODES)("symmetry: $symmetry, all violations: $allViolations", (options) => {
  it.each([...soundToys, ...faultyToys])(
    "a search of $name with states on disk has the result of one in memory",
    (each) => {
      each.with((model) => {
        const machine = compile(model);
        const files: MemoryFile[] = [];
        const inMemory = outcomeOf(() => search(machine, options));
        expect(outcomeOf(() => search(machine, { ...options, ...spilling(machine, files) }))).toEqual(inMemory);
        expect(files.length).toBeLessThanOrEqual(1);
        expect(files.every(({ isClosed }) => isClosed)).toBe(true);
        if (LARGE.test(each.name) && !options.symmetry) {
          expect(files[0]?.written).toBeGreaterThan(10);
          expect(files[0]?.read).toBeGreaterThan(10);
        }
      });
    },
  );
});

it("a search of random machines with states on disk has the result of one in memory, at any limit", () => {
  fc.assert(
    fc.property(
      randomDescription,
      fc.constantFrom(...MODES),
      fc.record({ maxStates: fc.nat(1500), maxDepth: fc.nat(20) }, { requiredKeys: [] }),
      (description, mode, limits) => {
        const machine = compile(machineOf(description));
        const { budget, spill } = spilling(machine);
        const options: SearchOptions = { ...mode, budget: { maxStates: 3000, ...limits } };
        const inMemory = outcomeOf(() => search(machine, options));
        const onDisk = outcomeOf(() =>
          search(machine, { ...options, budget: { ...options.budget, ...budget }, spill }),
        );
        expect(onDisk).toEqual(inMemory);
      },
    ),
    { numRuns: 100 },
  );
});

/** Its result is in canonical form only after renaming. */
const jump = action("jump", { counter: [0, 1] }, ({ counters }: CounterGrid, _: null, { counter }) => {
  const each = at(counters, counter);
  if (each.value > 30) {
    return false;
  }
  each.value += 10;
  return true;
});

/** Two counters up to 40, whose sum decides properties of every kind, which may be at any depth. */
function eventful(sums: readonly number[]): Model<CounterGrid, null> {
  const [reached, left, avoided, skipped, warned] = sums as [number, number, number, number, number];
  const text = { claim: "a sum", source: "this test" };
  const log = { first: 0 };
  const grid = counterGrid(2, 40);
  return {
    ...grid,
    warnings: { log },
    properties: [
      sometimes({ ...text, id: "reached", reached: (state) => sumOf(state) === reached }),
      sometimesStep({ ...text, id: "left", reached: (before, after) => sumOf(before) === left && sumOf(after) < left }),
      always({ ...text, id: "avoided", when: (state) => sumOf(state) > 9, holds: (state) => sumOf(state) !== avoided }),
      alwaysStep({ ...text, id: "skipped", holds: (before) => sumOf(before) !== skipped }),
      noWarning({ ...text, id: "warned", codes: [1] }),
    ],
    actions: [...grid.actions, jump].map((each) => ({
      ...each,
      recipe: (state, context, parameters): boolean => {
        const isEnabled = each.recipe(state, context, parameters);
        log.first = isEnabled && sumOf(state) === warned ? 1 : log.first;
        return isEnabled;
      },
    })),
  };
}

it("a search with states on disk has all violations and witnesses, wherever they are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(99), { minLength: 5, maxLength: 5 }),
      fc.constantFrom(...MODES),
      fc.oneof(fc.constant(9999), fc.nat(1681)),
      (sums, mode, maxStates) => {
        const machine = compile(eventful(sums));
        const files: MemoryFile[] = [];
        const { budget, spill } = spilling(machine, files);
        const inMemory = outcomeOf(() => search(machine, { ...mode, budget: { maxStates } }));
        expect(outcomeOf(() => search(machine, { ...mode, budget: { ...budget, maxStates }, spill }))).toEqual(
          inMemory,
        );
        fc.pre(files.length === 1);
      },
    ),
    { numRuns: 60 },
  );
});

it("a search with states on disk stays within its memory limit", () => {
  const machine = compile(counterGrid(3, 30));
  const { budget, spill } = spilling(machine);
  const { states, tableBytes } = search(machine, { budget, spill, symmetry: false });
  expect(states).toBe(31 ** 3);
  expect(tableBytes).toBeLessThanOrEqual(budget.maxMemoryBytes);
  expect(budget.maxMemoryBytes).toBeLessThan(states);
});
