/**
 * Counters that go up and down between 0 and a limit. Every combination is reachable: (limit + 1)^counters states, the
 * deepest of which is limit × counters steps away; each counter can go up in limit of its limit + 1 values, and down in
 * as many, which gives 2 × counters × limit × (limit + 1)^(counters − 1) transitions. Up to renaming the states are
 * multisets: (counters + limit) over limit.
 */
import { action, always, alwaysStep, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, int, type StructField, struct } from "../../explore/model/schema.ts";

const schemaOf = (counters: number, limit: number): StructField<CounterGrid> =>
  struct({ counters: array(struct({ value: int(0, limit) }), counters, { symmetric: "counter" }) });

export interface CounterGrid {
  readonly counters: readonly { value: number }[];
}

export interface CounterGridOptions {
  /** Adds the claim that the sum of all counters stays below this number. */
  readonly sumBelow?: number;
}

export const sumOf = ({ counters }: CounterGrid): number => counters.reduce((sum, each) => sum + each.value, 0);

export function counterGrid(
  counters: number,
  limit: number,
  options: CounterGridOptions = {},
): Model<CounterGrid, null> {
  const counter = Array.from({ length: counters }, (_, i) => i);
  const { sumBelow } = options;
  const small = (below: number) =>
    always<CounterGrid>({
      id: "small-sum",
      claim: `The sum stays below ${below}`,
      source: "the model's author",
      holds: (state) => sumOf(state) < below,
    });
  return {
    name: `${counters} counters up to ${limit}${sumBelow === undefined ? "" : `, claimed below ${sumBelow}`}`,
    schema: schemaOf(counters, limit),
    context: null,
    view: (state) => state,
    actions: [
      action("up", { counter }, (state: CounterGrid, _, parameters) => {
        const which = at(state.counters, parameters.counter);
        if (which.value === limit) {
          return false;
        }
        which.value += 1;
        return true;
      }),
      action("down", { counter }, (state: CounterGrid, _, parameters) => {
        const which = at(state.counters, parameters.counter);
        if (which.value === 0) {
          return false;
        }
        which.value -= 1;
        return true;
      }),
    ],
    properties: [
      ...(sumBelow === undefined ? [] : [small(sumBelow)]),
      alwaysStep({
        id: "one-at-a-time",
        claim: "A step changes the sum by one",
        source: "the model's author",
        holds: (before, after) => Math.abs(sumOf(before) - sumOf(after)) === 1,
      }),
      sometimes({
        id: "full",
        claim: "All counters can be at the limit at once",
        source: "the model's author",
        reached: (state) => state.counters.every((each) => each.value === limit),
      }),
    ],
  };
}
