import { describe, expect, test } from "vitest";
import * as litmus from "../toys/litmus.ts";
import { closed, type Program, program, type Thread, type Variables } from "../toys/threads.ts";
import { exploreRaces, type Reached, reduced, type Subject } from "./explore-races.ts";

type MemoryModel = Subject<unknown>["options"]["memoryModel"];

function explore(each: Program, memoryModel: MemoryModel = "sc"): Reached {
  return exploreRaces(reduced(program(each, memoryModel)));
}

/** The final values of some variables after both CPUs have ended, such as `0 1`. */
function ends(reached: Reached, ...names: string[]): string[] {
  const values = reached.atRest.flatMap((text) => {
    const values = new Map(text.split(" ").map((each) => each.split("=") as [string, string]));
    const results = [...values].filter(([name]) => /^r\d/.test(name));
    return results.some(([, value]) => value === "-1") ? [] : names.map((name) => values.get(name)).join(" ");
  });
  return [...new Set(values)].sort();
}

describe("store buffering", () => {
  test("store buffering lets both CPUs load 0 under x86-TSO only", () => {
    expect(ends(explore(litmus.storeBuffering), "r0", "r1")).toEqual(["0 1", "1 0", "1 1"]);
    expect(ends(explore(litmus.storeBuffering, "tso"), "r0", "r1")).toEqual(["0 0", "0 1", "1 0", "1 1"]);
  });

  test("store buffering never lets both CPUs load 0 when each has smp_mb() after its store", () => {
    for (const memoryModel of ["sc", "tso"] as const) {
      expect(ends(explore(litmus.storeBufferingFenced, memoryModel), "r0", "r1")).toEqual(["0 1", "1 0", "1 1"]);
    }
  });
});

test("message passing never shows the flag without the data, under sc and tso", () => {
  for (const memoryModel of ["sc", "tso"] as const) {
    // 2 would be the flag without the data.
    expect(ends(explore(litmus.messagePassing, memoryModel), "r1")).toEqual(["0", "1", "3"]);
  }
});

describe("Peterson's lock", () => {
  test("Peterson's lock excludes under sequential consistency", () => {
    expect(explore(litmus.petersonUnfenced).warnings).toEqual([]);
  });

  test("Peterson's lock fails under x86-TSO, unless there is smp_mb() before the test", () => {
    expect(explore(litmus.petersonUnfenced, "tso").warnings).toEqual([1]);
    expect(explore(litmus.petersonFenced, "tso").warnings).toEqual([]);
  });
});

describe("an update of two CPUs", () => {
  test("an update of two CPUs without a lock is lost, and is a data race", () => {
    const reached = explore(litmus.lostUpdate);
    expect(ends(reached, "n")).toEqual(["1", "2"]);
    expect(reached.dataRaces).toEqual([" plain read n /  plain write n", " plain write n /  plain write n"]);
  });

  test.each([
    ["a lock", litmus.lockedUpdate],
    ["atomics that return", litmus.atomicUpdate],
    ["atomics that return nothing", litmus.voidUpdate],
  ])("an update of two CPUs with %s is not lost, and is no data race", (_, each) => {
    for (const memoryModel of ["sc", "tso"] as const) {
      const reached = explore(each, memoryModel);
      expect(ends(reached, "n")).toEqual(["2"]);
      expect(reached.dataRaces).toEqual([]);
    }
  });

  test("exactly one of two atomic additions returns the other's value", () => {
    expect(ends(explore(litmus.atomicUpdate), "r0", "r1")).toEqual(["0 1", "1 0"]);
  });
});

describe("two locks", () => {
  test("two locks deadlock when they are taken in opposite orders", () => {
    const reached = explore(litmus.oppositeLocks);
    expect(reached.deadlocks).toBe(true);
    expect(ends(reached, "n")).toEqual(["2"]);
  });

  test("two locks do not deadlock when they are taken in one order", () => {
    expect(explore(litmus.orderedLocks).deadlocks).toBe(false);
  });
});

test("a CPU that waits for a flag reads the data written before it", () => {
  for (const memoryModel of ["sc", "tso"] as const) {
    const reached = explore(litmus.waiting, memoryModel);
    expect(ends(reached, "r1")).toEqual(["1"]);
    // Also while the CPU that will set the flag has not begun.
    expect(reached.deadlocks).toBe(false);
    expect(reached.dataRaces).toEqual([]);
  }
});

describe("a CPU that waits for a condition", () => {
  const waiter: Thread = (variables, { waitFor }) => {
    const { x = 0 } = variables;
    waitFor("x", 1);
    return x;
  };
  const setter: Thread = (variables) => {
    variables["x"] = 1;
    return 0;
  };
  const idle: Thread = () => 0;
  const taker: Thread = (_, { lock }) => {
    lock("lock");
    return 0;
  };
  const release: Thread = (_, { lock, unlock }) => {
    lock("lock");
    unlock("lock");
    return 0;
  };
  const variables = ["x", "lock"];

  test.each<[string, Program["cpus"], boolean]>([
    ["is deadlocked after the others have ended", [[idle], [waiter]], true],
    ["is not deadlocked while another CPU can begin a call that makes it true", [[idle, setter], [waiter]], false],
    // Only the CPU that holds the lock could set it.
    [
      "is deadlocked if the call that would make it true waits for a lock that is never released",
      [[taker, release, setter], [waiter]],
      true,
    ],
  ])("a CPU that waits for a condition %s", (_, cpus, expected) => {
    const subject = program({ variables, cpus });
    expect(exploreRaces(subject).deadlocks).toBe(expected);
    expect(exploreRaces(reduced(subject)).deadlocks).toBe(expected);
  });
});

test("one CPU that takes a lock twice is deadlocked, with and without reductions", () => {
  const twice: Thread = (_, { lock, unlock }) => {
    lock("lock");
    lock("lock");
    unlock("lock");
    return 0;
  };
  const subject = program({ variables: ["lock"], cpus: [[twice]] });
  for (const each of [subject, reduced(subject)]) {
    expect(exploreRaces(each)).toMatchObject({ deadlocks: true, atRest: ["lock=0 r0=-1"] });
  }
});

test("a CPU that waits for a lock whose holder has ended is deadlocked, even if others can begin calls", () => {
  const taker: Thread = (variables, { lock }) => {
    lock("lock");
    variables["n"] = 1;
    return 0;
  };
  const reader: Thread = (variables) => variables["n"] as number;
  const subject = closed({ variables: ["n", "lock"], cpus: [[taker, reader]] }, 2);
  // Afterwards CPUs only read, so that one of them is always idle or can make a step.
  const definition = (): ReturnType<typeof subject.definition> => {
    const { operations, ...rest } = subject.definition();
    const mayStart = ({ n }: Variables): boolean => n === 0;
    return {
      ...rest,
      operations: (port, cells) => operations(port, cells).map((each, i) => (i === 0 ? { ...each, mayStart } : each)),
    };
  };
  expect(exploreRaces({ ...subject, definition }).deadlocks).toBe(true);
});

test("a plain store races with a marked load of another part of its C object", () => {
  expect(explore(litmus.oneWord).dataRaces).toEqual([" marked read word /  plain write word"]);
  const { objects: _, ...apart } = litmus.oneWord;
  expect(explore(apart).dataRaces).toEqual([]);
});
