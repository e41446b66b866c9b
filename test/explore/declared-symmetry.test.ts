/** Symmetry that a model declares for states that are numbers of something that its recipes keep. */
import { describe, expect, test } from "vitest";
import { compile } from "../../explore/compile.ts";
import { action, always, type Model, type ModelSymmetry } from "../../explore/model.ts";
import { array, bool, int, struct } from "../../explore/schema.ts";
import { type SearchOptions, search } from "../../explore/search.ts";
import { callsOf } from "../../explore/trace.ts";

interface Numbered {
  pair: number;
}

const MOST = 3;

/** Two counters, each from 0 to MOST; the number of a state is a position in `pairs`. */
interface Counters {
  readonly pairs: (readonly [number, number])[];
  /** Whether steps lead to canonical states. */
  isOn: boolean;
  /** How often a step was asked to. */
  canonicalSteps: number;
}

function numberOf({ pairs }: Counters, [a, b]: readonly [number, number]): number {
  const known = pairs.findIndex(([one, other]) => one === a && other === b);
  return known < 0 ? pairs.push([a, b]) - 1 : known;
}

function pairAt({ pairs }: Counters, number: number): readonly [number, number] {
  return pairs[number] as readonly [number, number];
}

const sorted = ([a, b]: readonly [number, number]): readonly [number, number] => (a < b ? [b, a] : [a, b]);

function counters(
  symmetry: (context: Counters) => Partial<ModelSymmetry<Numbered>> = () => ({}),
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
        const next: readonly [number, number] = [pair[0] + (which === 0 ? 1 : 0), pair[1] + (which === 1 ? 1 : 0)];
        kept.canonicalSteps += kept.isOn ? 1 : 0;
        state.pair = numberOf(kept, kept.isOn ? sorted(next) : next);
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
        state.pair = numberOf(context, sorted(pairAt(context, state.pair)));
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
