import { describe, expect, it } from "vitest";
import { hashState } from "../../explore/packed/hash.ts";
import { search } from "../../explore/search/search.ts";
import { collidingPairs } from "../toys/colliding-states.ts";
import { jumps } from "../toys/jumps.ts";

const start = Int32Array.of(0, 0);

describe("The visited states", () => {
  it("a search visits each state once when states have equal hashes", () => {
    const states = [start, ...collidingPairs().flat()];
    const hashes = new Set(states.map((state) => hashState(state, 0, 2)));
    expect(hashes.size).toBe((states.length - 1) / 2 + 1);
    expect(search(jumps(states, "first"))).toMatchObject({ states: states.length, transitions: states.length });
    expect(search(jumps(states, "all"))).toMatchObject({ states: states.length, transitions: states.length ** 2 });
  });

  it.each([1, 2, 3, 4, 7, 20])("a search distinguishes states of %i words that differ in any one of them", (words) => {
    const base = Int32Array.from({ length: words }, (_, i) => i * 1_000_003);
    const states = [base];
    for (let word = 0; word < words; word++) {
      for (const change of [1, -1, 0x4000_0000, -0x8000_0000]) {
        states.push(base.map((value, i) => (i === word ? value ^ change : value)));
      }
    }
    expect(search(jumps(states, "all"))).toMatchObject({ states: states.length, transitions: states.length ** 2 });
  });

  it.each([1, 2, 3, 4, 5, 6])("a search visits states of %i equal words, including zeros, once", (words) => {
    for (let first = 0; first < 12; first++) {
      // Each of these states is initial once, and is jumped to otherwise.
      const states = Array.from({ length: 12 }, (_, i) => new Int32Array(words).fill((first + i) % 12));
      expect(search(jumps(states, "first"))).toMatchObject({ states: 12, depth: 1 });
    }
  });
});
