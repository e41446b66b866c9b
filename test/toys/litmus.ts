/** Litmus tests and small algorithms with known outcomes. */
import type { Program, Thread } from "./threads.ts";

const store =
  (to: string, from: string, fenced: boolean): Thread =>
  (variables, { fence }) => {
    variables[to] = 1;
    if (fenced) {
      fence();
    }
    return variables[from] as number;
  };

/** Both loads can return 0 if stores are buffered. */
export const storeBuffering: Program = {
  variables: ["x", "y"],
  cpus: [[store("x", "y", false)], [store("y", "x", false)]],
};

/** Store buffering with smp_mb() between the store and the load. */
export const storeBufferingFenced: Program = {
  variables: ["x", "y"],
  cpus: [[store("x", "y", true)], [store("y", "x", true)]],
};

/** Message passing: data is written before the flag and read after it. The result is 10 × flag + data. */
export const messagePassing: Program = {
  variables: ["data", "flag"],
  cpus: [
    [
      (variables) => {
        variables["data"] = 1;
        variables["flag"] = 1;
        return 0;
      },
    ],
    [(variables) => (variables["flag"] as number) * 2 + (variables["data"] as number)],
  ],
};

/** Peterson's lock: warns if both threads are in the critical section. */
const peterson =
  (own: number, fenced: boolean): Thread =>
  (variables, { fence, warn }) => {
    const other = 1 - own;
    variables[`wants${own}`] = 1;
    variables["turn"] = other;
    if (fenced) {
      fence();
    }
    if (variables[`wants${other}`] === 1 && variables["turn"] === other) {
      variables[`wants${own}`] = 0;
      return 0;
    }
    variables[`inside${own}`] = 1;
    if (variables[`inside${other}`] === 1) {
      warn(1);
    }
    variables[`inside${own}`] = 0;
    variables[`wants${own}`] = 0;
    return 1;
  };

const PETERSON = ["wants0", "wants1", "turn", "inside0", "inside1"];

export const petersonUnfenced: Program = {
  variables: PETERSON,
  cpus: [[peterson(0, false)], [peterson(1, false)]],
  codes: [1],
};
export const petersonFenced: Program = {
  variables: PETERSON,
  cpus: [[peterson(0, true)], [peterson(1, true)]],
  codes: [1],
};

const increment: Thread = (variables) => {
  variables["n"] = (variables["n"] as number) + 1;
  return 0;
};

const incrementUnderLock: Thread = (variables, primitives) => {
  primitives.lock("lock");
  increment(variables, primitives);
  primitives.unlock("lock");
  return 0;
};

/** Lost update: two CPUs load, add and store. */
export const lostUpdate: Program = { variables: ["n"], plain: ["n"], cpus: [[increment], [increment]] };

/** The same update under a lock. */
export const lockedUpdate: Program = {
  variables: ["n", "lock"],
  plain: ["n"],
  cpus: [[incrementUnderLock], [incrementUnderLock]],
};

/** Atomic additions: with a result, which counts the CPUs that were first, and without. */
export const atomicUpdate: Program = {
  variables: ["n"],
  cpus: [[(_, { fetchAdd }) => fetchAdd("n", 1)], [(_, { fetchAdd }) => fetchAdd("n", 1)]],
};
export const voidUpdate: Program = {
  variables: ["n"],
  cpus: [
    [
      (_, { add }) => {
        add("n", 1);
        return 0;
      },
    ],
    [
      (_, { add }) => {
        add("n", 1);
        return 0;
      },
    ],
  ],
};

const twoLocks =
  (first: string, second: string): Thread =>
  (variables, { lock, unlock }) => {
    lock(first);
    lock(second);
    variables["n"] = (variables["n"] as number) + 1;
    unlock(second);
    unlock(first);
    return 0;
  };

/** Two locks, taken in opposite orders. */
export const oppositeLocks: Program = {
  variables: ["a", "b", "n"],
  plain: ["n"],
  cpus: [[twoLocks("a", "b")], [twoLocks("b", "a")]],
};

/** Two locks, taken in one order. */
export const orderedLocks: Program = {
  variables: ["a", "b", "n"],
  plain: ["n"],
  cpus: [[twoLocks("a", "b")], [twoLocks("a", "b")]],
};

/** One CPU waits for a flag that the other sets after its data. */
export const waiting: Program = {
  variables: ["data", "flag"],
  plain: ["data"],
  cpus: [
    [
      (variables) => {
        variables["data"] = 1;
        variables["flag"] = 1;
        return 0;
      },
    ],
    [
      (variables, { waitFor }) => {
        waitFor("flag", 1);
        return variables["data"] as number;
      },
    ],
  ],
};

/** Two variables of one C object: one has plain writes under a lock, the other is read by a marked load without it. */
export const oneWord: Program = {
  variables: ["ids", "bit", "lock"],
  plain: ["ids"],
  objects: { ids: "word", bit: "word" },
  cpus: [
    [
      (variables, { lock, unlock }) => {
        lock("lock");
        variables["ids"] = 1;
        unlock("lock");
        return 0;
      },
    ],
    [(variables) => variables["bit"] as number],
  ],
};

/** A function that reads several variables and returns one bit. */
const forgetful: Thread = (variables, { call }) => {
  const isOdd = call("parity", () => ((variables["n"] as number) + (variables["m"] as number)) & 1);
  variables["odd"] = isOdd;
  return isOdd;
};

export const forgetting: Program = {
  variables: ["n", "m", "odd"],
  cpus: [
    [forgetful],
    [
      (variables) => {
        variables["n"] = 2;
        variables["m"] = 2;
        variables["n"] = 0;
        return 0;
      },
    ],
  ],
};

/** Three CPUs, accesses inside and outside locks, atomics, and data races. */
export const mixture: Program = {
  variables: ["n", "m", "flag", "lock"],
  plain: ["n"],
  cpus: [
    [incrementUnderLock, (variables) => variables["flag"] as number],
    [
      (variables, { add, lock, unlock, call }) => {
        lock("lock");
        const read = call("read", () => variables["n"] as number);
        unlock("lock");
        add("m", 1);
        variables["flag"] = 1;
        return read;
      },
    ],
    [(variables, { fetchAdd }) => fetchAdd("m", 1) + (variables["n"] as number)],
  ],
};

export const PROGRAMS: { readonly [name: string]: Program } = {
  storeBuffering,
  storeBufferingFenced,
  messagePassing,
  petersonUnfenced,
  petersonFenced,
  lostUpdate,
  lockedUpdate,
  atomicUpdate,
  voidUpdate,
  oppositeLocks,
  orderedLocks,
  waiting,
  oneWord,
  forgetting,
  mixture,
};
