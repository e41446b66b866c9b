/** Symmetry that a model declares for states that are numbers of something that its recipes keep. */
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

/** Two counters, each from 0 to MOST; the number of a state is a position in `pairs`. */
interface Counters {
  readonly pairs: Pair[];
  /** Whether steps lead to canonical states. */
  isOn: boolean;
  /** How often a step was asked to. */
  canonicalSteps: number;
}

function numberOf({ pairs }: Counters, [a, b]: Pair): number {
  const known = pairs.findIndex(([one, other]) => one === a && other === b);
  return known < 0 ? pairs.push([a, b]) - 1 : known;
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
      action<Numbered, Counters, { which: number }>("increase", { which: [0, 1] }, (state, kept, { which }) => {
        const pair = pairAt(kept, state.pair);
        if (pair[which] === MOST) {
          return false;
        }
        const next: Pair = [pair[0] + (which === 0 ? 1 : 0), pair[1] + (which === 1 ? 1 : 0)];
        kept.canonicalSteps += kept.isOn ? 1 : 0;
        state.pair = numberOf(kept, kept.isOn ? canonical(next) : next);
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

const found = (model: ReturnType<typeof counters>, options: SearchOptions = {}): ReturnType<typeof search> =>
  search(compile(model), { allViolations: true, ...options });

describe("a model that declares its symmetry itself", () => {
  test("has a state for each class of equal ones, and every state without symmetry", () => {
    expect(found(counters())).toMatchObject({ states: 10, symmetry: true });
    expect(found(counters(), { symmetry: false })).toMatchObject({ states: 16, symmetry: false });
  });

  test("takes canonical steps in a search, and real ones where an execution is looked for", () => {
    const model = counters();
    const { violations } = found(model);
    expect(violations).toHaveLength(1);
    expect(model.context.canonicalSteps).toBeGreaterThan(0);
    expect(model.context.isOn).toBe(false);
    const calls = violations.map(({ path }) => callsOf(model, path));
    expect(calls).toEqual([Array.from({ length: MOST }, () => ({ action: "increase", parameters: { which: 0 } }))]);
  });

  test("raises in a real execution the warning that names the elements of that execution", () => {
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
    // In the canonical state before it, the other counter is ahead.
    expect(violations.map(({ warning, path }) => [warning, callsOf(model, path)])).toEqual([
      [1, Array.from({ length: MOST }, () => ({ action: "increase", parameters: { which: 0 } }))],
    ]);
  });

  test("takes no canonical steps without symmetry", () => {
    const model = counters();
    found(model, { symmetry: false });
    expect(model.context.canonicalSteps).toBe(0);
  });

  test("is refused where what it calls equal is not", () => {
    const model = counters((context) => ({
      rename: (state) => {
        const [a] = pairAt(context, state.pair);
        state.pair = numberOf(context, [a, a]);
      },
    }));
    expect(() => found(model)).toThrow(/tells interchangeable elements apart/);
  });

  test("is refused where its schema declares symmetry, too", () => {
    const twins = array(struct({ on: bool() }), 2, { symmetric: "twin" });
    const model = { ...counters(), schema: struct({ pair: int(0, 9), twins }) };
    expect(() => compile(model as never)).toThrow(/declares symmetry, and its schema does, too/);
  });
});
