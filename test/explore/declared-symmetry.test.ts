/** Symmetry declared by a model whose states are indices into data of its recipes. */
import { describe, expect, test } from "vitest";
import { action, always, type Model, type ModelSymmetry, noWarning } from "../../explore/model/model.ts";
import { array, bool, int, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchOptions, search } from "../../explore/search/search.ts";
import { callsOf } from "../../explore/search/trace.ts";

interface Numbered {
  pair: number;
}

const MOST = 3;

/** Two counters, each from 0 to MOST; a state is an index into `pairs`. */
interface Counters {
  readonly pairs: Pair[];
  /** Whether steps must lead to canonical states. */
  isOn: boolean;
  /** Number of such steps. */
  canonicalSteps: number;
}

function numberOf({ pairs }: Counters, [a, b]: Pair): number {
  const index = pairs.findIndex(([one, other]) => one === a && other === b);
  return index < 0 ? pairs.push([a, b]) - 1 : index;
}

function pairAt({ pairs }: Counters, number: number): Pair {
  return pairs[number] as Pair;
}

type Pair = readonly [number, number];

const descending = ([a, b]: Pair): Pair => (a < b ? [b, a] : [a, b]);
const ascending = ([a, b]: Pair): Pair => (a < b ? [a, b] : [b, a]);

function counters(
  symmetry: (context: Counters) => Partial<ModelSymmetry<Numbered>> = () => ({}),
  canonical: (pair: Pair) => Pair = descending,
): Model<Numbered, Counters, Numbered> {
  const context: Counters = { pairs: [[0, 0]], isOn: false, canonicalSteps: 0 };
  return {
    name: "counters",
    schema: struct({ pair: int(0, 1_000) }),
    context,
    actions: [
      action<Numbered, Counters, { which: number }>("increase", { which: [0, 1] }, (state, context, { which }) => {
        const pair = pairAt(context, state.pair);
        if (pair[which] === MOST) {
          return false;
        }
        const next: Pair = [pair[0] + (which === 0 ? 1 : 0), pair[1] + (which === 1 ? 1 : 0)];
        context.canonicalSteps += context.isOn ? 1 : 0;
        state.pair = numberOf(context, context.isOn ? canonical(next) : next);
        return true;
      }),
    ],
    view: (state) => state,
    properties: [
      always({
        id: "equal",
        claim: "Neither counter is ahead by 3",
        source: "this test",
        holds: ({ pair }) => Math.abs(pairAt(context, pair)[0] - pairAt(context, pair)[1]) < 3,
      }),
    ],
    symmetry: {
      canonicalize: (state) => {
        state.pair = numberOf(context, canonical(pairAt(context, state.pair)));
      },
      rename: (state) => {
        const [a, b] = pairAt(context, state.pair);
        state.pair = numberOf(context, [b, a]);
      },
      inSteps: (isOn) => {
        context.isOn = isOn;
      },
      ...symmetry(context),
    },
  };
}

const searchAll = (model: ReturnType<typeof counters>, options: SearchOptions = {}): ReturnType<typeof search> =>
  search(compile(model), { allViolations: true, ...options });

describe("a model that declares its symmetry itself", () => {
  test("a search visits one state of each orbit, and every state without symmetry", () => {
    expect(searchAll(counters())).toMatchObject({ states: 10, symmetry: true });
    expect(searchAll(counters(), { symmetry: false })).toMatchObject({ states: 16, symmetry: false });
  });

  test("a search takes canonical steps, and real steps to reconstruct an execution", () => {
    const model = counters();
    const { violations } = searchAll(model);
    expect(violations).toHaveLength(1);
    expect(model.context.canonicalSteps).toBeGreaterThan(0);
    expect(model.context.isOn).toBe(false);
    const calls = violations.map(({ path }) => callsOf(model, path));
    expect(calls).toEqual([Array.from({ length: MOST }, () => ({ action: "increase", parameters: { which: 0 } }))]);
  });

  test("the warning of a counterexample names the elements of the real execution", () => {
    const model = counters(undefined, ascending);
    const { actions, context } = model;
    const [increase] = actions as [(typeof actions)[number]];
    const log = { first: 0 };
    const recipe: typeof increase.recipe = (state, _, parameters) => {
      const { which } = parameters as { which: number };
      const ends = pairAt(context, state.pair)[which] === MOST - 1;
      const isTaken = increase.recipe(state, context, parameters);
      log.first = isTaken && ends ? 1 + which : 0;
      return isTaken;
    };
    const noneEnds = noWarning<Numbered>({ id: "end", claim: "No counter ends", source: "this test", codes: [1, 2] });
    const warnings = { log, text: (code: number) => `counter ${code - 1} ends` };
    const { violations } = search(
      compile({ ...model, actions: [{ ...increase, recipe }], properties: [noneEnds], warnings }),
    );
    // In the canonical state before the step, the other counter is larger.
    expect(violations.map(({ warning, path }) => [warning, callsOf(model, path)])).toEqual([
      [1, Array.from({ length: MOST }, () => ({ action: "increase", parameters: { which: 0 } }))],
    ]);
  });

  test("a search without symmetry takes no canonical steps", () => {
    const model = counters();
    searchAll(model, { symmetry: false });
    expect(model.context.canonicalSteps).toBe(0);
  });

  test("a search refuses a model whose declared symmetry does not hold", () => {
    const model = counters((context) => ({
      rename: (state) => {
        const [a] = pairAt(context, state.pair);
        state.pair = numberOf(context, [a, a]);
      },
    }));
    expect(() => searchAll(model)).toThrow(/distinguishes interchangeable elements/);
  });

  test("a model that declares symmetry is refused if its schema does, too", () => {
    const twins = array(struct({ on: bool() }), 2, { symmetric: "twin" });
    const model = { ...counters(), schema: struct({ pair: int(0, 9), twins }) };
    expect(() => compile(model as never)).toThrow(/declares symmetry, and its schema does, too/);
  });
});
