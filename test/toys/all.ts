/** Every toy at a size that the naive explorer can handle. */
import type { Model } from "../../explore/model/model.ts";
import { accounts } from "./accounts.ts";
import { boxes } from "./boxes.ts";
import { clientsAndServers } from "./clients-and-servers.ts";
import { counterGrid } from "./counter-grid.ts";
import { diningPhilosophers } from "./dining-philosophers.ts";
import { conveyor } from "./field-kinds.ts";
import { followers } from "./followers.ts";
import { partners } from "./partners.ts";
import { twoPhaseCommit } from "./two-phase-commit.ts";
import { twoWorlds } from "./two-worlds.ts";
import { waterJugs } from "./water-jugs.ts";

/** A model with hidden types. */
export interface Toy {
  readonly name: string;
  /** Calls `use` with the model and its types. */
  with<R>(use: <S, C, V>(model: Model<S, C, V>) => R): R;
}

export function toy<S, C, V>(model: Model<S, C, V>): Toy {
  return { name: model.name, with: (use) => use(model) };
}

/** Toys whose properties all hold. */
export const soundToys: readonly Toy[] = [
  toy(waterJugs()),
  toy(twoPhaseCommit(1)),
  toy(twoPhaseCommit(3)),
  toy(diningPhilosophers(4, "allowed")),
  toy(clientsAndServers(3, 2)),
  toy(clientsAndServers(2, 3)),
  toy(partners(3, 2)),
  toy(partners(2, 3)),
  toy(partners(2, 2)),
  toy(followers(3)),
  toy(followers(4)),
  toy(accounts(2)),
  toy(accounts(3)),
  toy(boxes),
  toy(twoWorlds(2)),
  toy(twoWorlds(3)),
  toy(counterGrid(1, 4)),
  toy(counterGrid(4, 3)),
  toy(conveyor()),
];

/** Toys with a false claim or a deadlock. */
export const faultyToys: readonly Toy[] = [
  toy(waterJugs({ claimImpossible: true })),
  toy(twoPhaseCommit(3, { hastyCommit: true })),
  toy(diningPhilosophers(3)),
  toy(diningPhilosophers(5)),
  toy(followers(3, { claimAcyclic: true })),
  toy(counterGrid(3, 3, { sumBelow: 5 })),
  toy(conveyor({ warnWorn: true })),
];
