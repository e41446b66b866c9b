import { describe, expect, it } from "vitest";
import { hashState } from "../../../explore/packed/hash.ts";
import { SpillingStore } from "../../../explore/visited/spilling-store.ts";
import { NO_PARENT, StateStore } from "../../../explore/visited/state-store.ts";
import * as fc from "../../fast-check.ts";
import { MemoryFile } from "./memory-file.ts";

const WORDS = 2;

function smallStore(limit: number): SpillingStore {
  const spill = { segmentBits: 2, open: (): MemoryFile => new MemoryFile() };
  return new SpillingStore(WORDS, false, { spill, properties: 3, limit });
}

/** Successors that are all led to by action 1, with property 2 evaluated on those at odd positions. */
function successorsOf(values: readonly number[]): Parameters<SpillingStore["postpone"]>[0] {
  const states = Int32Array.from(values.flatMap((value) => [value, -value]));
  return {
    states,
    hashes: Int32Array.from(values, (_, i) => hashState(states, i * WORDS, WORDS)),
    via: new Int32Array(values.length).fill(1),
    evaluated: Int32Array.from(values, (_, i) => (i % 2) << 2),
    evaluatedWords: 1,
  };
}

describe("Visited states of which some are on disk", () => {
  it("a store has the numbers and parents of a store in memory, wherever it settles and moves states", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(150), { maxLength: 20 }), { maxLength: 60 }),
        fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        (batches, settles) => {
          const inMemory = new StateStore(WORDS);
          const store = smallStore(400);
          for (const [parent, values] of batches.entries()) {
            const batch = successorsOf(values);
            for (let i = 0; i < values.length; i++) {
              const hash = batch.hashes[i] as number;
              inMemory.insert(batch.states, i * WORDS, hash, parent);
              if (store.isSpilled) {
                store.postpone(batch, i, parent);
              } else {
                store.insert(batch.states, i * WORDS, hash, parent);
              }
            }
            if (settles[parent] === true || !store.hasRoomFor(20)) {
              store.settle(() => {});
              store.makeRoom(20);
            }
          }
          store.settle(() => {});
          expect(store.count).toBe(inMemory.count);
          const [one, other] = [new Int32Array(WORDS), new Int32Array(WORDS)];
          for (const index of [...Array(store.count).keys(), ...Array(store.count).keys()].reverse()) {
            store.load(index, one, 0);
            inMemory.load(index, other, 0);
            expect([...one, store.parentOf(index)]).toEqual([...other, inMemory.parentOf(index)]);
          }
          expect([...store.pieces()].length).toBe([...inMemory.pieces()].length);
        },
      ),
    );
  });

  /** A store with the states of 0 … 39, most of them on disk. */
  function spilledStore(): SpillingStore {
    const store = smallStore(300);
    const batch = successorsOf([...Array(40).keys()]);
    for (let i = 0; i < 40; i++) {
      store.insert(batch.states, i * WORDS, batch.hashes[i] as number, NO_PARENT);
    }
    store.makeRoom(1);
    expect(store.start).toBeGreaterThan(30);
    return store;
  }

  it("a settled store reports each pending state once, with its action and the properties evaluated on it", () => {
    const store = spilledStore();
    const batch = successorsOf([5, 100, 101, 5, 101]);
    const added = [0, 1, 2, 3, 4].map((i) => store.postpone(batch, i, 7));
    expect(added).toEqual([true, true, true, false, false]);
    const decided: unknown[] = [];
    store.settle((index, isNew) => {
      const { pending } = store;
      decided.push([isNew, pending.viaOf(index), pending.wasEvaluated(2, index), pending.wasEvaluated(1, index)]);
    });
    expect(decided).toEqual([
      [false, 1, false, false],
      [true, 1, true, false],
      [true, 1, false, false],
    ]);
    expect([store.count, store.pending.count]).toEqual([42, 0]);
  });

  it("a state that must have been visited fails when it is looked up, and only then", () => {
    const store = spilledStore();
    const failed: string[] = [];
    const require = (value: number): void => {
      const { states } = successorsOf([value]);
      store.requireVisited(states, 0, () => failed.push(`${value}`));
    };
    store.postpone(successorsOf([200]), 0, 7);
    for (const value of [3, 39, 100, 200]) {
      require(value);
    }
    expect(failed).toEqual([]);
    store.settle(() => {});
    expect(failed).toEqual(["100"]);
    expect(store.count).toBe(41);
  });

  it("a state that was not looked up cannot be inserted", () => {
    const store = spilledStore();
    const { states, hashes } = successorsOf([100, 5]);
    const insert = (i: number): number => store.insert(states, i * WORDS, hashes[i] as number, 7);
    expect(() => insert(0)).toThrow("not looked up on disk");
    store.pending.addForLookup(states, 0, hashes[0] as number);
    store.pending.addForLookup(states, WORDS, hashes[1] as number);
    expect(() => insert(0)).toThrow("not looked up on disk");
    store.lookUp();
    expect([insert(0), insert(1), insert(0)]).toEqual([40, -1, -1]);
  });

  it("a store that is restored from a checkpoint moves states to disk, and has all of them", () => {
    const limit = 1_000_000;
    const store = smallStore(limit);
    let next = 0;
    store.restore(200_000, (piece) => {
      for (let i = 0; i < piece.length; i++) {
        piece[i] = piece instanceof Int32Array ? next++ : NO_PARENT;
      }
    });
    const state = new Int32Array(WORDS);
    for (let index = 0; index < 200_000; index += 997) {
      store.load(index, state, 0);
      expect([...state, store.parentOf(index)]).toEqual([2 * index, 2 * index + 1, NO_PARENT]);
    }
    // The states of a piece of the checkpoint, their parents and the table for them come on top.
    expect(store.bytes).toBeLessThanOrEqual(limit + 65_536 * 20);
    expect(store.bytes).toBeLessThan(200_000 * 12);
  });
});
