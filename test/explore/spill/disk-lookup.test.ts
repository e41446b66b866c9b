import { expect, it } from "vitest";
import { hashState } from "../../../explore/packed/hash.ts";
import { DiskLookup } from "../../../explore/visited/disk-lookup.ts";
import { NO_PARENT, StateStore } from "../../../explore/visited/state-store.ts";
import { collidingPairs, scrambled } from "../../toys/colliding-states.ts";

const WORDS = 2;

it("a look-up finds the states that are in a segment, and no others, also those with equal hashes", () => {
  const pairs = collidingPairs().map((pair) => pair.map((state) => [...state]));
  const inFile = [
    ...pairs.map(([first]) => first as number[]),
    ...Array.from({ length: 1000 }, (_, i) => scrambled(i)),
  ];
  const others = [
    ...pairs.map(([, second]) => second as number[]),
    ...Array.from({ length: 500 }, (_, i) => scrambled(1000 + i)),
  ];
  const wanted = new StateStore(WORDS);
  for (const state of [...others, ...inFile.slice(0, 700)]) {
    const words = Int32Array.from(state);
    wanted.insert(words, 0, hashState(words, 0, WORDS), NO_PARENT);
  }
  const lookup = new DiskLookup(wanted, WORDS, inFile.length);
  lookup.mark(Int32Array.from(inFile.flat()));
  expect([...lookup.found]).toEqual([...others.map(() => 0), ...inFile.slice(0, 700).map(() => 1)]);
});
