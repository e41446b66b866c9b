/** States with colliding hashes, found by search. */
import { hashState } from "../../explore/packed/hash.ts";

/** 64 pseudo-random bits from `i`, the same in every run. */
export function scrambled(i: number): [number, number] {
  let x = Math.imul(i + 1, 0x9e3779b1);
  x ^= x >>> 13;
  x = Math.imul(x, 0x27d4eb2f);
  let y = Math.imul(i ^ x, 0x165667b1) ^ (x >>> 7);
  y = Math.imul(y ^ (y >>> 11), 0x85ebca77);
  return [x | 0, y | 0];
}

/** Pairs of different states of two words with the same 32-bit hash. */
export function collidingPairs(): [Int32Array, Int32Array][] {
  const byHash = new Map<number, Int32Array>();
  const pairs: [Int32Array, Int32Array][] = [];
  for (let i = 0; i < 300_000; i++) {
    const state = Int32Array.from(scrambled(i));
    const hash = hashState(state, 0, 2);
    const other = byHash.get(hash);
    if (other !== undefined && (other[0] !== state[0] || other[1] !== state[1])) {
      pairs.push([other, state]);
    }
    byHash.set(hash, state);
  }
  return pairs;
}
