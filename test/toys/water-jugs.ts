/** The water jugs of "Die Hard 3": measure 4 l with a 3 l and a 5 l jug. 16 reachable states. */
import { action, always, type Model, sometimes } from "../../explore/model/model.ts";
import { int, type StructField, struct } from "../../explore/model/schema.ts";

const schema: StructField<WaterJugs> = struct({ small: int(0, 3), big: int(0, 5) });

export interface WaterJugs {
  small: number;
  big: number;
}

type Jug = "small" | "big";
const CAPACITY: { readonly [J in Jug]: number } = { small: 3, big: 5 };

/** @param options.claimImpossible adds the claim that the riddle has no solution */
export function waterJugs(options: { readonly claimImpossible?: boolean } = {}): Model<WaterJugs, null> {
  const jug: readonly Jug[] = ["small", "big"];
  const impossible = always<WaterJugs>({
    id: "no-solution",
    claim: "The big jug never holds exactly 4 l",
    source: "Die Hard 3",
    holds: ({ big }) => big !== 4,
  });
  return {
    name: options.claimImpossible ? "water jugs, claimed impossible" : "water jugs",
    schema,
    context: null,
    view: (state) => state,
    actions: [
      action("fill", { jug }, (state: WaterJugs, _, { jug }) => {
        state[jug] = CAPACITY[jug];
        return true;
      }),
      action("empty", { jug }, (state: WaterJugs, _, { jug }) => {
        state[jug] = 0;
        return true;
      }),
      action("pour", { from: jug }, (state: WaterJugs, _, { from }) => {
        const to: Jug = from === "small" ? "big" : "small";
        const amount = Math.min(state[from], CAPACITY[to] - state[to]);
        state[from] -= amount;
        state[to] += amount;
        return true;
      }),
    ],
    properties: [
      ...(options.claimImpossible ? [impossible] : []),
      sometimes({
        id: "solved",
        claim: "The big jug can hold exactly 4 l",
        source: "Die Hard 3",
        reached: ({ big }) => big === 4,
      }),
    ],
  };
}
