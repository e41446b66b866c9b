/**
 * Dining philosophers who all take their left fork first and therefore can deadlock.
 *
 * Reachable states: fork i is the left one of philosopher i and the right one of philosopher i − 1. A configuration
 * over {thinking, left, eating} is possible if each eater's right neighbour thinks (they share a fork); each such
 * configuration is reached if the eaters take their forks first. See `philosopherStates`.
 *
 * Deadlock: no philosopher eats in it (an eater can stop), and none thinks (without eaters, a thinker's left fork is
 * free). So all have their left fork. Each needs one step for this, and no more: the shortest trace has as many steps
 * as there are philosophers.
 */
import { action, always, type Model } from "../../explore/model/model.ts";
import { array, at, int, type StructField, struct } from "../../explore/model/schema.ts";

const schemaOf = (count: number): StructField<DiningPhilosophers> =>
  struct({ philosophers: array(struct({ phase: int(0, 2) }), count) });

export interface DiningPhilosophers {
  readonly philosophers: readonly { phase: number }[];
}

const Phase = { thinking: 0, left: 1, eating: 2 } as const;

export function diningPhilosophers(
  count: number,
  deadlock: "error" | "allowed" = "error",
): Model<DiningPhilosophers, null> {
  const philosopher = Array.from({ length: count }, (_, i) => i);
  return {
    name: `${count} dining philosophers${deadlock === "error" ? "" : ", deadlock allowed"}`,
    schema: schemaOf(count),
    context: null,
    view: (state) => state,
    deadlock,
    actions: [
      action("takeLeft", { philosopher }, ({ philosophers }: DiningPhilosophers, _, { philosopher }) => {
        const who = at(philosophers, philosopher);
        const leftNeighbour = at(philosophers, (philosopher + count - 1) % count);
        if (who.phase !== Phase.thinking || leftNeighbour.phase === Phase.eating) {
          return false;
        }
        who.phase = Phase.left;
        return true;
      }),
      action("takeRight", { philosopher }, ({ philosophers }: DiningPhilosophers, _, { philosopher }) => {
        const who = at(philosophers, philosopher);
        const rightNeighbour = at(philosophers, (philosopher + 1) % count);
        if (who.phase !== Phase.left || rightNeighbour.phase !== Phase.thinking) {
          return false;
        }
        who.phase = Phase.eating;
        return true;
      }),
      action("stop", { philosopher }, ({ philosophers }: DiningPhilosophers, _, { philosopher }) => {
        const who = at(philosophers, philosopher);
        if (who.phase !== Phase.eating) {
          return false;
        }
        who.phase = Phase.thinking;
        return true;
      }),
    ],
    properties: [
      always({
        id: "forks",
        claim: "No two neighbours eat at the same time",
        source: "Dijkstra, EWD 310",
        holds: ({ philosophers }) =>
          philosophers.every(
            (each, i) => each.phase !== Phase.eating || at(philosophers, (i + 1) % count).phase !== Phase.eating,
          ),
      }),
    ],
  };
}

/** The number of reachable states: circular words over {thinking, left, eating} with a thinker after each eater. */
export function philosopherStates(count: number): number {
  // Whether the second phase may be to the right of the first; the result is the trace of this matrix to the power
  // `count`.
  const follows = [
    [1, 1, 1],
    [1, 1, 1],
    [1, 0, 0],
  ];
  let power: number[][] = follows;
  for (let i = 1; i < count; i++) {
    power = power.map((row) =>
      row.map((_, to) => row.reduce((sum, ways, via) => sum + ways * at(at(follows, via), to), 0)),
    );
  }
  return power.reduce((sum, row, i) => sum + at(row, i), 0);
}
