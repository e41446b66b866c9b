import { describe, expect, it } from "vitest";
import { hashSource, hashState } from "../../explore/packed/hash.ts";
import * as fc from "../fast-check.ts";

describe("The hash of a state", () => {
  it("the hash of words in memory equals the hash of words in variables", () => {
    const states = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(states, fc.nat(3), (state, offset) => {
        const memory = Int32Array.from([...Array<number>(offset).fill(7), ...state, 7]);
        const parameters = state.map((_, i) => `d${i}`);
        const source = `let hash = 0; ${hashSource(state.length, (i) => `d${i}`)} return hash;`;
        expect(new Function(...parameters, source)(...state)).toBe(hashState(memory, offset, state.length));
      }),
    );
  });

  it("the hash differs for almost all pairs of states that differ in one bit, whichever it is", () => {
    const words = 5;
    const hashes = new Set<number>();
    for (let bit = 0; bit < 32 * words; bit++) {
      const state = new Int32Array(words);
      state[bit >> 5] = 1 << (bit & 31);
      hashes.add(hashState(state, 0, words));
    }
    expect(hashes.size).toBe(32 * words);
  });

  it("the hash distinguishes the two lanes", () => {
    expect(hashState(Int32Array.of(1, 2), 0, 2)).not.toBe(hashState(Int32Array.of(2, 1), 0, 2));
  });
});
