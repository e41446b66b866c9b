import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import {
  action,
  always,
  alwaysStep,
  type Model,
  noWarning,
  type Property,
  sometimes,
  sometimesStep,
} from "../../explore/model/model.ts";
import { array, at, int, type StructField, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import { callsOf, execute } from "../../explore/search/trace.ts";
import { faultyToys, soundToys } from "../toys/all.ts";
import { type CounterGrid, counterGrid, sumOf } from "../toys/counter-grid.ts";

const text = (id: string): { id: string; claim: string; source: string } => ({ id, claim: id, source: "this test" });

interface Lamp {
  level: number;
}
const lampSchema: StructField<Lamp> = struct({ level: int(0, 3) });

/** A lamp that can be turned up to 3; "explode" is never enabled. Turning it up above 2 raises warning 9. */
function lamp(properties: readonly Property<Lamp>[], warn: boolean = false): Model<Lamp, null> {
  const log = { first: 0 };
  return {
    name: "lamp",
    schema: lampSchema,
    context: null,
    view: (state) => state,
    warnings: { log, text: String },
    actions: [
      action("up", {}, (state: Lamp) => {
        if (state.level === 3) {
          return false;
        }
        if (warn && state.level === 2) {
          log.first = 9;
        }
        state.level += 1;
        return true;
      }),
      action("explode", { loudly: [true, false] }, (state: Lamp) => {
        if (state.level < 4) {
          return false;
        }
        state.level = 0;
        return true;
      }),
      action("stay", {}, () => true),
    ],
    properties,
  };
}

const verdicts = (result: SearchResult): string[] => result.properties.map(({ verdict }) => verdict);

describe("Coverage", () => {
  it("coverage counts each action's transitions and new states; an action that is never enabled has 0", () => {
    const { actions, transitions, states } = search(compile(lamp([])));
    expect(actions).toEqual([
      { name: "up", enabled: 3, newStates: 3 },
      { name: "explode", enabled: 0, newStates: 0 },
      { name: "stay", enabled: 4, newStates: 0 },
    ]);
    expect({ transitions, states }).toEqual({ transitions: 7, states: 4 });
  });
});

describe("A property", () => {
  it("a property whose premise is never true holds vacuously", () => {
    const { outcome, properties } = search(
      compile(
        lamp([
          always({ ...text("never"), when: (state) => state.level > 3, holds: () => false }),
          always({ ...text("once"), when: (state) => state.level === 3, holds: () => true }),
          always({ ...text("plain"), holds: () => true }),
          alwaysStep({ ...text("no-step"), when: (before, after) => after.level < before.level, holds: () => false }),
          alwaysStep({
            ...text("one-step"),
            when: (before, after) => after.level === before.level + 1,
            holds: () => true,
          }),
        ]),
      ),
    );
    expect(outcome).toBe("exhausted");
    expect(properties).toEqual([
      { id: "never", kind: "always", verdict: "holds", checked: 0, vacuous: true },
      { id: "once", kind: "always", verdict: "holds", checked: 1, vacuous: false },
      { id: "plain", kind: "always", verdict: "holds", checked: 4, vacuous: false },
      { id: "no-step", kind: "always-step", verdict: "holds", checked: 0, vacuous: true },
      { id: "one-step", kind: "always-step", verdict: "holds", checked: 3, vacuous: false },
    ]);
  });

  it("each `sometimes` property has its verdict, reached or unreached", () => {
    const result = search(
      compile(
        lamp([
          sometimes({ ...text("start"), reached: (state) => state.level === 0 }),
          sometimes({ ...text("end"), reached: (state) => state.level === 3 }),
          sometimes({ ...text("beyond"), reached: (state) => state.level > 3 }),
          sometimesStep({ ...text("stay"), reached: (before, after) => before.level === 2 && after.level === 2 }),
          sometimesStep({ ...text("down"), reached: (before, after) => after.level < before.level }),
        ]),
      ),
    );
    expect(result.outcome).toBe("exhausted");
    expect(verdicts(result)).toEqual(["reached", "reached", "unreached", "reached", "unreached"]);
    const steps = result.witnesses.map(({ property, path }) => ({ property, steps: path.steps.length }));
    expect(steps.sort((a, b) => a.property - b.property)).toEqual([
      { property: 0, steps: 0 },
      { property: 1, steps: 3 },
      { property: 3, steps: 3 },
    ]);
    expect(result.properties.some((property) => property.vacuous)).toBe(false);
  });

  it("a property that fails in the initial state has a counterexample without steps", () => {
    const result = search(compile(lamp([always({ ...text("lit"), holds: (state) => state.level > 0 })])));
    expect(result).toMatchObject({
      outcome: "violated",
      states: 1,
      depth: 0,
      violations: [{ property: 0, path: { initial: 0, steps: [] } }],
    });
  });

  it("properties that fail in the same state are reported together; the others are incomplete", () => {
    const result = search(
      compile(
        lamp([
          always({ ...text("below-2"), holds: (state) => state.level < 2 }),
          always({ ...text("not-2"), holds: (state) => state.level !== 2 }),
          always({ ...text("true"), holds: () => true }),
          sometimes({ ...text("3"), reached: (state) => state.level === 3 }),
          sometimes({ ...text("1"), reached: (state) => state.level === 1 }),
        ]),
      ),
    );
    expect(verdicts(result)).toEqual(["violated", "violated", "incomplete", "incomplete", "reached"]);
    expect(result.violations.map(({ property, path }) => [property, path.steps.length])).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  it("the counterexample of a step property ends with the violating step", () => {
    const model = lamp([alwaysStep({ ...text("no-2-3"), holds: (before, after) => before.level + after.level !== 5 })]);
    const { violations, outcome } = search(compile(model));
    expect(outcome).toBe("violated");
    expect(violations.map(({ path }) => callsOf(model, path).map((call) => call.action))).toEqual([["up", "up", "up"]]);
  });
});

describe("A warning", () => {
  it("a warning violates the property with its code, in the step that raised it", () => {
    const model = lamp(
      [noWarning({ ...text("other"), codes: [8] }), noWarning({ ...text("mine"), codes: [7, 9] })],
      true,
    );
    const result = search(compile(model));
    expect(verdicts(result)).toEqual(["incomplete", "violated"]);
    expect(result.violations).toMatchObject([{ property: 1, warning: 9 }]);
    const [finding] = result.violations;
    const { steps } = execute(interpret(model), 0, callsOf(model, finding?.path ?? { initial: 0, steps: [] }));
    expect(steps.map((step) => step.warning)).toEqual([undefined, undefined, 9]);
  });

  it("a property about a warning that is never raised holds, checked at every step", () => {
    const { properties } = search(compile(lamp([noWarning({ ...text("mine"), codes: [9] })])));
    expect(properties).toEqual([{ id: "mine", kind: "warning", verdict: "holds", checked: 7, vacuous: false }]);
  });

  it("a warning without a property is an error that names it", () => {
    expect(() => search(compile(lamp([], true)))).toThrow(/warning 9 .* machine lamp/);
  });

  it("a warning is cleared at the end of the search", () => {
    const model = lamp([noWarning({ ...text("mine"), codes: [9] })], true);
    const machine = compile(model);
    search(machine);
    expect(machine.warnings.first).toBe(0);
    expect(search(machine).violations).toHaveLength(1);
  });
});

describe("Initial states", () => {
  const startsAt = (...levels: number[]): Model<Lamp, null> => ({
    ...lamp([sometimes({ ...text("3"), reached: (state) => state.level === 3 })]),
    initial: levels.map((level) => (state: Lamp) => {
      state.level = level;
    }),
  });

  it("equal initial states count once, and a witness starts at the nearest one", () => {
    const { states, depth, witnesses } = search(compile(startsAt(1, 1, 2)));
    expect({ states, depth }).toEqual({ states: 3, depth: 1 });
    expect(witnesses).toEqual([{ property: 0, path: { initial: 2, steps: [{ action: 0, instance: 0 }] } }]);
  });

  it("initial states that differ by a renaming are one under symmetry; a witness starts at a real one", () => {
    const base = counterGrid(2, 2);
    const model = {
      ...base,
      initial: [0, 1].map((which) => (state: { readonly counters: readonly { value: number }[] }) => {
        at(state.counters, which).value = 2;
      }),
    };
    expect(search(compile(model), { symmetry: false, budget: { maxDepth: 0 } }).states).toBe(2);
    expect(search(compile(model), { symmetry: true, budget: { maxDepth: 0 } }).states).toBe(1);
    const { witnesses } = search(compile(model));
    for (const { path } of witnesses) {
      const trace = execute(interpret(model), path.initial, callsOf(model, path));
      expect(sumOf(trace.steps.at(-1)?.state ?? trace.initial)).toBe(4);
    }
  });

  it("all initial states are visited before any is expanded", () => {
    expect(search(compile(startsAt(3, 0))).witnesses).toMatchObject([{ path: { initial: 0, steps: [] } }]);
    expect(search(compile(startsAt(0, 3))).witnesses).toMatchObject([{ path: { initial: 1, steps: [] } }]);
  });
});

describe("A view", () => {
  it("a view with caches is refreshed whenever its state was replaced", () => {
    class Cached {
      private readonly state: Lamp;
      level = -1;
      constructor(state: Lamp) {
        this.state = state;
        this.refresh();
      }
      refresh(): void {
        this.level = this.state.level;
      }
    }
    const model: Model<Lamp, null, Cached> = {
      ...lamp([]),
      view: (state) => new Cached(state),
      refresh: (view) => view.refresh(),
      properties: [
        alwaysStep({
          ...text("by-at-most-1"),
          holds: (before, after) => after.level === before.level || after.level === before.level + 1,
        }),
        sometimesStep({ ...text("2-to-3"), reached: (before, after) => before.level === 2 && after.level === 3 }),
        sometimes({ ...text("3"), reached: ({ level }) => level === 3 }),
      ],
    };
    const result = search(compile(model));
    expect(verdicts(result)).toEqual(["holds", "reached", "reached"]);
    expect(result.witnesses.map(({ path }) => path.steps.length)).toEqual([3, 3]);
  });
});

describe("The same search", () => {
  it.each([...soundToys, ...faultyToys])("repeated searches of $name have the same result", (each) => {
    each.with((model) => {
      const { seconds: _, ...first } = search(compile(model));
      const machine = compile(model);
      for (let i = 0; i < 2; i++) {
        const { seconds: _, ...again } = search(machine);
        expect(again).toEqual(first);
      }
    });
  });
});

describe("Deadlock", () => {
  const model: Model<{ readonly lamps: readonly Lamp[] }, null> = {
    name: "lamps that burn out",
    schema: struct({ lamps: array(lampSchema, 2, { symmetric: "lamp" }) }),
    context: null,
    view: (state) => state,
    deadlock: "error",
    actions: [
      action("up", { lamp: [0, 1] }, (state: { readonly lamps: readonly Lamp[] }, _, { lamp }) => {
        const which = at(state.lamps, lamp);
        if (which.level === 3) {
          return false;
        }
        which.level += 1;
        return true;
      }),
    ],
    properties: [always({ ...text("true"), holds: () => true })],
  };

  it.each([{ symmetry: false }, { symmetry: true }])(
    "a deadlock is found after 6 steps, symmetry: $symmetry",
    (options) => {
      const result = search(compile(model), options);
      expect(result).toMatchObject({ outcome: "violated", violations: [{ property: -1 }], depth: 6 });
      expect(result.violations[0]?.path.steps).toHaveLength(6);
      expect(verdicts(result)).toEqual(["incomplete"]);
    },
  );

  it.each([{ symmetry: false }, { symmetry: true }])(
    "a deadlock is legal where the model's predicate is true, and an error elsewhere, symmetry: $symmetry",
    (options) => {
      const burnt = (level: number) => (state: { readonly lamps: readonly Lamp[] }) =>
        state.lamps.every((each) => each.level === level);
      const legal = search(compile({ ...model, deadlock: burnt(3) }), options);
      expect(legal).toMatchObject({ outcome: "exhausted", violations: [] });
      const illegal = search(compile({ ...model, deadlock: burnt(2) }), options);
      expect(illegal).toMatchObject({ outcome: "violated", violations: [{ property: -1 }], depth: 6 });
    },
  );

  it("a deadlock is found among states of one depth of which some are legal ends", () => {
    // An end one step away, and after another state of that depth a violation two steps away.
    const fork: Model<Lamp, null> = {
      ...lamp([always({ ...text("low"), holds: ({ level }) => level !== 2 })]),
      actions: [
        action("up", {}, (state: Lamp) => {
          if (state.level > 1) {
            return false;
          }
          state.level += 1;
          return true;
        }),
        action("off", {}, (state: Lamp) => {
          if (state.level !== 0) {
            return false;
          }
          state.level = 3;
          return true;
        }),
      ],
    };
    const ends = (level: number) => ({ ...fork, deadlock: (state: Lamp) => state.level === level });
    expect(search(compile(ends(0))).violations).toMatchObject([{ property: -1, path: { steps: [{}] } }]);
    expect(search(compile(ends(3))).violations).toMatchObject([{ property: 0, path: { steps: [{}, {}] } }]);
    const all = search(compile(ends(0)), { allViolations: true });
    expect(all.violations.map(({ property, path }) => [property, path.steps.length])).toEqual([
      [0, 2],
      [-1, 1],
    ]);
  });

  it("a predicate of legal ends that returns no boolean is an error", () => {
    const vague = { ...model, deadlock: (() => 1) as unknown as () => boolean };
    expect(() => search(compile(vague))).toThrow(
      "the predicate of legal ends: deadlock() returned 1; it must return true or false",
    );
  });

  it("a predicate of legal ends that distinguishes interchangeable elements is an error", () => {
    const first = { ...model, deadlock: (state: { readonly lamps: readonly Lamp[] }) => at(state.lamps, 0).level > 1 };
    expect(() => search(compile(first), { symmetry: true })).toThrow(
      /the predicate of legal ends of machine .* distinguishes/,
    );
  });

  it("a deadlock is allowed by default", () => {
    expect(search(compile({ ...model, deadlock: "allowed" }))).toMatchObject({ outcome: "exhausted", states: 10 });
  });
});

describe("A search for all violations", () => {
  const sumBelow = (below: number): Property<CounterGrid> =>
    always({ ...text(`below ${below}`), holds: (state) => sumOf(state) < below });
  const claims: Model<CounterGrid, null> = {
    ...counterGrid(2, 9),
    properties: [sumBelow(5), sumBelow(3), sumBelow(19), sumBelow(0), ...counterGrid(2, 9).properties],
  };

  it("a search for all violations visits every state, and has a shortest counterexample for each property", () => {
    const whole = search(compile(counterGrid(2, 9)));
    const result = search(compile(claims), { allViolations: true });
    const { states, transitions, depth } = whole;
    expect(result).toMatchObject({ outcome: "violated", states, transitions, depth, frontier: 0 });
    expect(result).not.toHaveProperty("stopped");
    expect(result.violations.map(({ property, path }) => [property, path.steps.length])).toEqual([
      [3, 0],
      [1, 3],
      [0, 5],
    ]);
    expect(verdicts(result)).toEqual(["violated", "violated", "holds", "violated", "holds", "reached"]);
  });

  it("an incomplete search for all violations has no verdict `holds`, and reports its violations", () => {
    const result = search(compile(claims), { allViolations: true, budget: { maxDepth: 4 } });
    expect(result).toMatchObject({ outcome: "violated", stopped: "max-depth" });
    expect(verdicts(result)).toEqual(["incomplete", "violated", "incomplete", "violated", "incomplete", "incomplete"]);
  });

  /** A lamp that raises warning 1 from level 1 on, and warning 2 if `also` returns true. */
  const warning = (also: (level: number) => boolean): Model<Lamp, null> => {
    const log = { first: 0 };
    const raise = (code: number): void => {
      log.first ||= code;
    };
    return {
      ...lamp([noWarning({ ...text("one"), codes: [1] }), noWarning({ ...text("two"), codes: [2] })]),
      warnings: { log, text: String },
      actions: [
        action("up", {}, (state: Lamp) => {
          if (state.level === 3) {
            return false;
          }
          state.level += 1;
          raise(1);
          if (also(state.level)) {
            raise(2);
          }
          return true;
        }),
      ],
    };
  };

  it("a warning that is masked by an earlier one in the same step has no verdict `holds`", () => {
    for (const also of [() => false, (level: number) => level === 2]) {
      const result = search(compile(warning(also)), { allViolations: true });
      expect(result).toMatchObject({ states: 4, frontier: 0 });
      expect(verdicts(result)).toEqual(["violated", "incomplete"]);
    }
  });

  it("a search for all violations omits and counts out-of-range steps, and then has no verdict `holds`", () => {
    const beyond: Model<Lamp, null> = {
      ...lamp([
        always({ ...text("low"), holds: ({ level }) => level < 2 }),
        always({ ...text("true"), holds: () => true }),
      ]),
      actions: [
        action("up", { by: [1, 2] }, (state: Lamp, _, { by }) => {
          state.level += by;
          return true;
        }),
      ],
    };
    const result = search(compile(beyond), { allViolations: true });
    expect(result).toMatchObject({ outcome: "violated", states: 4, frontier: 0, leftOut: { steps: 3 } });
    expect(result.leftOut?.why).toContain("action up(by: 2): the value 4 does not fit field level");
    expect(verdicts(result)).toEqual(["violated", "incomplete"]);
    // Without a preceding violation such a step is an error of the machine, as in any search.
    const clean = { ...beyond, properties: beyond.properties.slice(1) };
    expect(() => search(compile(clean), { allViolations: true })).toThrow("does not fit field level");
  });
});

describe("A claim inside a recipe, whose premise recipes count,", () => {
  const codes = [1];

  /**
   * A lamp whose recipe evaluates the premise at level 1, but in checks, initial states and properties at every level.
   */
  function askingLamp(when: number, rest: Partial<Model<Lamp, null>> = {}): Model<Lamp, null> {
    const log = { first: 0, evaluations: new Float64Array(2) };
    const ask = (): void => {
      log.evaluations[1] = (log.evaluations[1] ?? 0) + 1;
    };
    const model = lamp([noWarning({ ...text("claim"), codes, counted: true })]);
    const asks = (kind: typeof always<Lamp> | typeof alwaysStep<Lamp>): Property<Lamp> =>
      kind({
        ...text(`asks, ${kind.name}`),
        holds: () => {
          ask();
          return true;
        },
      });
    return {
      ...model,
      warnings: { log, text: String },
      initial: [ask],
      refresh: ask,
      actions: [
        action("up", { hand: ["left", "right"] }, (state: Lamp) => {
          if (state.level === when) {
            ask();
          }
          if (state.level === 3) {
            return false;
          }
          state.level += 1;
          return true;
        }),
        action("stay", {}, () => true),
      ],
      properties: [...model.properties, asks(always), asks(alwaysStep)],
      ...rest,
    };
  }

  it.each([
    { when: 1, checked: 2 },
    // Evaluations in recipes that turn out not to be enabled count, too.
    { when: 3, checked: 2 },
    { when: 4, checked: 0 },
  ])("premises count in the search's own steps only: at level $when, $checked times", ({ when, checked }) => {
    const { outcome, properties } = search(compile(askingLamp(when)));
    expect(outcome).toBe("exhausted");
    expect(properties[0]).toEqual({
      id: "claim",
      kind: "warning",
      verdict: "holds",
      checked,
      vacuous: checked === 0,
    });
  });

  it("each search counts premises from 0, and restores the log's counters", () => {
    const model = askingLamp(2);
    const machine = compile(model);
    const evaluations = model.warnings?.log.evaluations;
    const before = evaluations?.slice();
    expect([search(machine), search(machine)].map((result) => result.properties[0]?.checked)).toEqual([2, 2]);
    const failing = { ...machine, loadInitial: () => expect.fail("as it should") };
    expect(() => search(failing)).toThrow("as it should");
    expect(model.warnings?.log.evaluations).toBe(evaluations);
    expect(evaluations).toEqual(before);
  });

  it("a violated claim is not vacuous", () => {
    const model = lamp([noWarning({ ...text("claim"), codes: [9], counted: true })], true);
    const log = model.warnings?.log ?? { first: 0 };
    log.evaluations = new Float64Array(10);
    expect(search(compile(model)).properties).toMatchObject([{ verdict: "violated", checked: 0, vacuous: false }]);
  });

  it("a counted claim needs a counter for each of its codes", () => {
    const model = askingLamp(1, { properties: [noWarning({ ...text("claim"), codes: [1, 2], counted: true })] });
    expect(() => compile(model)).toThrow(
      'property claim counts warning 2, for which the log has no counter in "evaluations"',
    );
    expect(() => compile(lamp([noWarning({ ...text("claim"), codes, counted: true })]))).toThrow("counts warning 1");
  });
});
