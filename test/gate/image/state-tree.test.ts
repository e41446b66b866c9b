/** A state tree is exact: it agrees with a map of uncompressed states. */
import { describe, expect, test } from "vitest";
import { StateTree } from "../../../gate/image/module/state-tree.ts";
import * as fc from "../../fast-check.ts";

/** By chunk: number of its content; 0 in the first state. */
type State = readonly number[];

/** More than the children of a node, so that some states need all levels. */
const CHUNKS = 300;
const zeros: State = Array.from({ length: CHUNKS }, () => 0);

/** Few values in few chunks, so that chunks and states recur. */
const states = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 17, 18, 40, 299), fc.integer({ min: 0, max: 2 })), { maxLength: 6 })
  .map((values): State => values.reduce<State>((state, [chunk, value]) => state.with(chunk, value), zeros));

/** Each chunk has a leaf: more leaves than one node below the root has. */
const everywhere: State = zeros.map((_, chunk) => 3 + chunk);

/** A tree, and its loaded state. */
class Loaded {
  readonly tree = new StateTree(CHUNKS);
  private state: State = zeros;

  numberOf(next: State): number {
    const changed = next.flatMap((content, chunk) => (content === this.state[chunk] ? [] : [chunk]));
    const contents = changed.map((chunk) => next[chunk] as number);
    return this.tree.rootOf(Uint16Array.from(changed), Int32Array.from(contents), changed.length);
  }

  load(number: number): State {
    const changed = new Uint16Array(CHUNKS);
    const contents = new Int32Array(CHUNKS);
    const count = this.tree.load(number, changed, contents);
    for (let i = 0; i < count; i++) {
      const chunk = changed[i] as number;
      expect(this.state[chunk]).not.toBe(contents[i]);
      this.state = this.state.with(chunk, contents[i] as number);
    }
    return this.state;
  }
}

const sequences = fc
  .tuple(fc.array(states, { minLength: 2, maxLength: 30 }), fc.boolean())
  .map(([some, isLarge]) => (isLarge ? [everywhere, ...some] : some));

describe("a state tree", () => {
  test("a state tree assigns the same number to two states exactly if they are equal", () => {
    fc.assert(
      fc.property(sequences, (some) => {
        const loaded = new Loaded();
        const numbers = new Map<string, number>([[zeros.join(), loaded.tree.root]]);
        for (const state of some) {
          const number = loaded.numberOf(state);
          expect(numbers.get(state.join()) ?? number).toBe(number);
          numbers.set(state.join(), number);
          expect(new Set(numbers.values()).size).toBe(numbers.size);
        }
      }),
    );
  });

  test("a state tree loads the contents of each stored state", () => {
    fc.assert(
      fc.property(sequences, fc.nat(), (some, seed) => {
        const loaded = new Loaded();
        const numbers = some.map((state) => loaded.numberOf(state));
        for (const i of some.map((_, position) => (position * 7 + seed) % some.length)) {
          expect(loaded.load(numbers[i] as number)).toEqual(some[i]);
          expect(loaded.tree.root).toBe(numbers[i]);
          const next = some[(i + 1) % some.length] as State;
          expect(loaded.numberOf(next)).toBe(numbers[(i + 1) % some.length]);
        }
      }),
    );
  });

  test("a state tree grows beyond its initial tables", () => {
    const loaded = new Loaded();
    const numbers = new Set<number>();
    for (let i = 1; i <= 10_000; i++) {
      numbers.add(loaded.numberOf(zeros.with(0, i).with(299, i >> 1)));
    }
    expect(numbers.size).toBe(10_000);
    expect(loaded.numberOf(zeros.with(0, 10_000).with(299, 5_000))).toBe([...numbers].at(-1));
  });

  test("a state tree stores a state with few changed chunks in one node, in addition to those above the chunks", () => {
    const { tree } = new Loaded();
    const numbers = Array.from({ length: 1_000 }, (_, i) =>
      tree.rootOf(Uint16Array.of(3, 7), Int32Array.of(1, i + 1), 2),
    );
    // Numbers are even, and each state takes two nodes: the second is the state.
    expect(numbers).toEqual(numbers.map((_, i) => 4 * (i + 1)));
  });
});
