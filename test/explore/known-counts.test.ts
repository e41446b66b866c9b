import { describe, expect, it } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import { accounts } from "../toys/accounts.ts";
import { type Toy, toy } from "../toys/all.ts";
import { boxes } from "../toys/boxes.ts";
import { clientServerOrbits, clientsAndServers } from "../toys/clients-and-servers.ts";
import { counterGrid } from "../toys/counter-grid.ts";
import { diningPhilosophers, philosopherStates } from "../toys/dining-philosophers.ts";
import { followers } from "../toys/followers.ts";
import { partners } from "../toys/partners.ts";
import { twoPhaseCommit } from "../toys/two-phase-commit.ts";
import { twoWorlds } from "../toys/two-worlds.ts";
import { waterJugs } from "../toys/water-jugs.ts";

const searched = (each: Toy, symmetry: boolean): SearchResult =>
  each.with((model) => search(compile(model), { symmetry }));

describe("Published counts", () => {
  it.each([
    { machine: toy(waterJugs()), states: 16 },
    { machine: toy(twoPhaseCommit(3)), states: 288 },
    { machine: toy(twoPhaseCommit(5)), states: 8_832 },
    // (n + 1)^n partial functions.
    { machine: toy(followers(3)), states: 64 },
    { machine: toy(followers(4)), states: 625 },
  ])("the search visits the published number of states of $machine.name: $states", ({ machine, states }) => {
    expect(searched(machine, false)).toMatchObject({ outcome: "exhausted", states, frontier: 0, symmetry: false });
  });

  it.each([
    { machine: toy(twoPhaseCommit(3)), states: 80 },
    { machine: toy(twoPhaseCommit(5)), states: 314 },
    // OEIS A126285: partial functions up to renaming.
    { machine: toy(followers(2)), states: 6 },
    { machine: toy(followers(3)), states: 16 },
    { machine: toy(followers(4)), states: 45 },
    { machine: toy(followers(5)), states: 121 },
  ])("the search visits the published number of orbits of $machine.name: $states", ({ machine, states }) => {
    expect(searched(machine, true)).toMatchObject({ outcome: "exhausted", states, frontier: 0, symmetry: true });
  });
});

describe("Counts by formula", () => {
  it("the search visits the calculated number of states of boxes of two kinds", () => {
    expect(searched(toy(boxes), false).states).toBe(3_072);
    expect(searched(toy(boxes), true).states).toBe(616);
  });

  it("the search visits the calculated number of states of people with a part in each of two worlds", () => {
    expect(searched(toy(twoWorlds(3)), false).states).toBe(1_024);
    expect(searched(toy(twoWorlds(3)), true).states).toBe(204);
  });

  it.each([2, 3, 5, 8])("the search visits the calculated number of states of %i dining philosophers", (count) => {
    expect(searched(toy(diningPhilosophers(count, "allowed")), false).states).toBe(philosopherStates(count));
  });

  it.each([
    [1, 1],
    [1, 300],
    [2, 3],
    [4, 3],
    [5, 6],
    // More states than a segment of the visited set, or the cache of recent states, can store.
    [3, 60],
  ])("the search visits the calculated number of states of %i counters up to %i", (counters, limit) => {
    const grid = toy(counterGrid(counters, limit));
    expect(searched(grid, false)).toMatchObject({
      states: (limit + 1) ** counters,
      transitions: 2 * counters * limit * (limit + 1) ** (counters - 1),
      depth: counters * limit,
    });
    expect(searched(grid, true)).toMatchObject({
      states: choose(counters + limit, counters),
      depth: counters * limit,
    });
  });

  it.each([
    [1, 1],
    [3, 2],
    [2, 3],
    [4, 3],
    [3, 4],
  ])("the search visits the calculated number of states of %i clients at %i servers", (clients, servers) => {
    const machine = toy(clientsAndServers(clients, servers));
    expect(searched(machine, false).states).toBe((servers + 1) ** clients * 3 ** servers);
    expect(searched(machine, true).states).toBe(clientServerOrbits(clients, servers));
  });

  it.each([
    [2, 2],
    [3, 2],
    [3, 3],
  ])("the search visits the calculated number of states of %i leads and %i follows", (leads, follows) => {
    const states = (follows + 1) ** leads * (leads + 1) ** follows;
    expect(searched(toy(partners(leads, follows)), false).states).toBe(states);
  });

  it("the search visits 3,456 states of 3 accounts wider than a word and, by Burnside's lemma, 650 orbits", () => {
    expect(searched(toy(accounts(3)), false).states).toBe(3_456);
    expect(searched(toy(accounts(3)), true).states).toBe(650);
  });
});

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) {
    ways = (ways * (n - k + i)) / i;
  }
  return ways;
}
