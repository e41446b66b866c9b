import { describe, expect, it } from "vitest";
import { hashState } from "../../explore/packed/hash.ts";
import { NO_PARENT, StateStore } from "../../explore/visited/state-store.ts";
import * as fc from "../fast-check.ts";
import { collidingPairs, scrambled } from "../toys/colliding-states.ts";

describe("The visited set", () => {
  it("the visited set stores 450,000 states and their parents while its table is doubled several times", () => {
    const words = 3;
    const count = 450_000;
    const store = new StateStore(words);
    const memory = new Int32Array(2 * words);
    // The first word is the same for runs of 64 states, so that comparing it alone would not suffice.
    const write = (i: number): number => {
      memory.set([i >> 6, ...scrambled(i)], words);
      return hashState(memory, words, words);
    };
    const parent = (i: number): number => (i === 0 ? NO_PARENT : i >> 1);
    for (let i = 0; i < count; i++) {
      if (store.insert(memory, words, write(i), parent(i)) !== i) {
        expect.fail(`state ${i} was taken for another one`);
      }
      if (i % 4_999 === 0) {
        for (const earlier of [0, i >> 1, i]) {
          expect(store.insert(memory, words, write(earlier), 7)).toBe(-1);
        }
      }
    }
    expect(store.count).toBe(count);
    for (let i = 0; i < count; i++) {
      const hash = write(i);
      if (store.insert(memory, words, hash, 7) !== -1 || store.parentOf(i) !== parent(i)) {
        expect.fail(`state ${i} or its parent was lost`);
      }
    }
    for (const i of [0, 1, 4_095, 65_535, 65_536, 131_072, count - 1]) {
      write(i);
      store.load(i, memory, 0);
      expect([...memory.subarray(0, words)]).toEqual([...memory.subarray(words)]);
    }
    expect(store.count).toBe(count);
  });

  it("the visited set distinguishes states with equal hashes, before and after its table grows", () => {
    const pairs = collidingPairs();
    expect(pairs.length).toBeGreaterThan(0);
    const store = new StateStore(2);
    const insert = (state: Int32Array): number => store.insert(state, 0, hashState(state, 0, 2), NO_PARENT);
    for (const [first, second] of pairs) {
      expect(insert(first)).toBe(store.count - 1);
      expect(insert(second)).toBe(store.count - 1);
    }
    for (let i = 1_000_000; i < 1_030_000; i++) {
      insert(Int32Array.from(scrambled(i)));
    }
    for (const state of pairs.flat()) {
      expect(insert(state)).toBe(-1);
    }
  });

  it("the visited set behaves like a Map, even with a bad hash", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0, 1, 7, 0x8000_0000, 0xffff_f000, 0xffff_ffff),
        fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 4, maxLength: 4 }), { maxLength: 200 }),
        (words, mask, rows) => {
          const store = new StateStore(words);
          const indices = new Map<string, number>();
          for (const [i, row] of rows.entries()) {
            const state = Int32Array.from(row.slice(0, words));
            const index = store.insert(state, 0, hashState(state, 0, words) & mask, i);
            const key = state.join();
            expect(index).toBe(indices.has(key) ? -1 : indices.size);
            if (index >= 0) {
              indices.set(key, index);
              expect(store.parentOf(index)).toBe(i);
            }
          }
          for (const [key, index] of indices) {
            const loaded = new Int32Array(words);
            store.load(index, loaded, 0);
            expect(loaded.join()).toBe(key);
          }
          expect(store.count).toBe(indices.size);
        },
      ),
    );
  });

  it("prefetching does not change the visited set", () => {
    const store = new StateStore(1);
    const hashes = new Int32Array(100);
    for (let i = 0; i < 50; i++) {
      const state = Int32Array.of(i);
      store.insert(state, 0, hashState(state, 0, 1), NO_PARENT);
    }
    for (let i = 0; i < 100; i++) {
      hashes[i] = hashState(Int32Array.of(i), 0, 1);
    }
    store.prefetch(hashes, 0, 100);
    for (let i = 0; i < 100; i++) {
      expect(store.insert(Int32Array.of(i), 0, hashes[i] as number, NO_PARENT)).toBe(i < 50 ? -1 : i);
    }
  });

  it("bytesWith() predicts the size of the visited set", () => {
    const store = new StateStore(2);
    const ahead = [1, 3_072, 3_073, 65_536, 65_537, 100_000].map((count) => [count, store.bytesWith(count)] as const);
    for (const [count, bytes] of ahead) {
      while (store.count < count) {
        const state = Int32Array.from(scrambled(store.count));
        store.insert(state, 0, hashState(state, 0, 2), NO_PARENT);
      }
      expect(store.bytes).toBe(bytes);
    }
  });
});
