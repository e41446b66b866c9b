/** Compressed states are exact: a map of whole states agrees. */
import { describe, expect, test } from "vitest";
import { CHUNK_WORDS, StateTree } from "../../../gate/image/state-tree.ts";
import * as fc from "../../fast-check.ts";

const CHUNKS = 5;

/** A few values, so that chunks and states come again. */
const areas = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: CHUNKS, maxLength: CHUNKS }).map((values) => {
  const area = new Int32Array(CHUNKS * CHUNK_WORDS);
  values.forEach((value, chunk) => {
    area[chunk * CHUNK_WORDS + (chunk % CHUNK_WORDS)] = value;
  });
  return area;
});

/** The chunks in which an area differs from the loaded one, as the image reports them. */
function changedChunks(loaded: Int32Array, next: Int32Array): Uint16Array {
  const chunk = (area: Int32Array, i: number): string => area.slice(i * CHUNK_WORDS, (i + 1) * CHUNK_WORDS).join();
  return Uint16Array.from(
    Array.from({ length: CHUNKS }, (_, i) => i).filter((i) => chunk(loaded, i) !== chunk(next, i)),
  );
}

describe("a state tree", () => {
  test("gives two states the same number exactly when they are the same", () => {
    fc.assert(
      fc.property(fc.array(areas, { minLength: 1, maxLength: 30 }), (states) => {
        const [first] = states as [Int32Array, ...Int32Array[]];
        const loaded = Int32Array.from(first);
        const tree = new StateTree(loaded);
        const numbers = new Map<string, number>([[first.join(), tree.root]]);
        for (const state of states) {
          const changed = changedChunks(loaded, state);
          const number = tree.rootOf(state, changed, changed.length);
          const known = numbers.get(state.join());
          expect(known ?? number).toBe(number);
          numbers.set(state.join(), number);
          expect(new Set(numbers.values()).size).toBe(numbers.size);
        }
      }),
    );
  });

  test("loads each state as it was", () => {
    fc.assert(
      fc.property(fc.array(areas, { minLength: 2, maxLength: 30 }), fc.nat(), (states, seed) => {
        const loaded = Int32Array.from(states[0] as Int32Array);
        const tree = new StateTree(loaded);
        const numbers = states.map((state) => {
          const changed = changedChunks(loaded, state);
          return tree.rootOf(state, changed, changed.length);
        });
        const order = states.map((_, i) => (i * 7 + seed) % states.length);
        for (const i of order) {
          const before = Int32Array.from(loaded);
          const changed = new Uint16Array(CHUNKS);
          const count = tree.load(numbers[i] as number, loaded, changed);
          expect(changed.subarray(0, count).sort()).toEqual(changedChunks(before, loaded));
          expect(loaded).toEqual(states[i]);
          expect(tree.root).toBe(numbers[i]);
        }
      }),
    );
  });

  test("grows beyond its first tables", () => {
    const loaded = new Int32Array(CHUNKS * CHUNK_WORDS);
    const tree = new StateTree(loaded);
    const numbers = new Set<number>();
    const state = Int32Array.from(loaded);
    const all = Uint16Array.of(0, 4);
    for (let i = 1; i <= 10_000; i++) {
      state[0] = i;
      state[CHUNKS * CHUNK_WORDS - 1] = i >> 1;
      numbers.add(tree.rootOf(state, all, 2));
    }
    expect(numbers.size).toBe(10_000);
    expect(tree.rootOf(state, all, 2)).toBe([...numbers].at(-1));
  });
});
