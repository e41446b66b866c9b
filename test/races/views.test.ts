/** Litmus tests under views, with the outcomes known from the literature. */
import { describe, expect, test } from "vitest";
import { type Program, program, type Thread } from "../toys/threads.ts";
import { exploreRaces, reduced, withOptions } from "./explore-races.ts";

/** The final results of the CPUs, such as `1 0`, with all reductions and without. */
function ends(threads: readonly Thread[], variables: readonly string[], ...shown: string[]): string[] {
  const each: Program = { variables, cpus: threads.map((thread) => [thread]) };
  const subject = reduced(program(each, "views"));
  const results = threads.map((_, cpu) => `r${cpu}`);
  const outcomes = [
    subject,
    withOptions(subject, { reductions: { protectedAccesses: false, callFrames: false, nodeClasses: false } }),
  ].map((one) => {
    const values = exploreRaces(one).atRest.flatMap((text) => {
      const values = new Map(text.split(" ").map((pair) => pair.split("=") as [string, string]));
      const ended = results.every((name) => values.get(name) !== "-1");
      return ended ? [(shown.length > 0 ? shown : results).map((name) => values.get(name)).join(" ")] : [];
    });
    return [...new Set(values)].sort();
  });
  expect(outcomes[0]).toEqual(outcomes[1]);
  return outcomes[1] as string[];
}

type Order = "relaxed" | "ordered" | "fence";

const write =
  (names: readonly string[], how: Order): Thread =>
  (variables, { fence, storeRelease }) => {
    names.forEach((name, i) => {
      if (how === "fence" && i > 0) {
        fence("release");
      }
      if (how === "ordered" && i > 0) {
        storeRelease(name, 1);
      } else {
        variables[name] = 1;
      }
    });
    return 0;
  };

/** The values of two variables: 2 × first + second. */
const read =
  (first: string, second: string, how: Order | "full"): Thread =>
  (variables, { fence, loadAcquire }) => {
    const one = how === "ordered" ? loadAcquire(first) : (variables[first] as number);
    if (how === "fence" || how === "full") {
      fence(how === "full" ? "full" : "acquire");
    }
    return 2 * one + (variables[second] as number);
  };

describe("message passing", () => {
  const variables = ["data", "flag"];
  const outcomes = (writer: Order, reader: Order): string[] =>
    ends([write(["data", "flag"], writer), read("flag", "data", reader)], variables, "r1");

  test.each([
    ["relaxed", "relaxed"],
    ["ordered", "relaxed"],
    ["relaxed", "ordered"],
    ["fence", "relaxed"],
    ["relaxed", "fence"],
  ] as const)("message passing shows the flag without the data: writer %s, reader %s", (writer, reader) => {
    expect(outcomes(writer, reader)).toEqual(["0", "1", "2", "3"]);
  });

  test.each([
    ["ordered", "ordered"],
    ["ordered", "fence"],
    ["fence", "ordered"],
    ["fence", "fence"],
  ] as const)("message passing never shows the flag without the data: writer %s, reader %s", (writer, reader) => {
    expect(outcomes(writer, reader)).toEqual(["0", "1", "3"]);
  });

  test("a release sequence continues through a read-modify-write of a third CPU, but not through its store", () => {
    const passer =
      (isAtomic: boolean): Thread =>
      (values, { fetchAdd }) => {
        if (isAtomic) {
          return fetchAdd("flag", 1, "relaxed");
        }
        if (values["flag"] !== 1) {
          return 0;
        }
        values["flag"] = 2;
        return 1;
      };
    const reader: Thread = (values, { loadAcquire }) => {
      const flag = loadAcquire("flag");
      return flag === 2 ? (values["data"] as number) : 3;
    };
    const threads = (isAtomic: boolean): Thread[] => [write(["data", "flag"], "ordered"), passer(isAtomic), reader];
    // The flag is 2 if the third CPU was second: then its result is 1.
    expect(ends(threads(true), variables, "r1", "r2")).not.toContain("1 0");
    expect(ends(threads(false), variables, "r1", "r2")).toContain("1 0");
  });
});

describe("store buffering", () => {
  const thread =
    (to: string, from: string, order?: "full" | "acquire" | "release"): Thread =>
    (values, { fence }) => {
      values[to] = 1;
      if (order !== undefined) {
        fence(order);
      }
      return values[from] as number;
    };
  const outcomes = (one?: "full" | "release", other?: "full" | "acquire"): string[] =>
    ends([thread("x", "y", one), thread("y", "x", other)], ["x", "y"]);

  test("store buffering lets both CPUs load 0 unless both have smp_mb()", () => {
    expect(outcomes()).toContain("0 0");
    expect(outcomes("full")).toContain("0 0");
    expect(outcomes("release", "acquire")).toContain("0 0");
    expect(outcomes("full", "full")).toEqual(["0 1", "1 0", "1 1"]);
  });

  test("value-returning atomics have the effect of smp_mb() on both sides", () => {
    const atomic =
      (to: string, from: string, order: "full" | "relaxed"): Thread =>
      (values, { fetchAdd }) => {
        fetchAdd(to, 1, order);
        return values[from] as number;
      };
    const of = (order: "full" | "relaxed"): string[] =>
      ends([atomic("x", "y", order), atomic("y", "x", order)], ["x", "y"]);
    expect(of("full")).toEqual(["0 1", "1 0", "1 1"]);
    expect(of("relaxed")).toEqual(["0 0", "0 1", "1 0", "1 1"]);
  });
});

test("two readers see independent writes in different orders unless they have smp_mb()", () => {
  const threads = (how: "ordered" | "full"): Thread[] => [
    write(["x"], "relaxed"),
    write(["y"], "relaxed"),
    read("x", "y", how),
    read("y", "x", how),
  ];
  expect(ends(threads("ordered"), ["x", "y"], "r2", "r3")).toContain("2 2");
  expect(ends(threads("full"), ["x", "y"], "r2", "r3")).not.toContain("2 2");
});

test("one CPU never reads the writes to one word in reverse order", () => {
  const writer: Thread = (values) => {
    values["x"] = 1;
    values["x"] = 2;
    return 0;
  };
  const reader: Thread = (values) => {
    const [first, second] = [values["x"] as number, values["x"] as number];
    return first > second ? 1 : 0;
  };
  expect(ends([writer, reader], ["x"], "r1")).toEqual(["0"]);
});

test("a release store also publishes the values that its CPU had read", () => {
  const passer: Thread = (values, { storeRelease }) => {
    const x = values["x"] as number;
    storeRelease("y", x);
    return 0;
  };
  const reader: Thread = (values, { loadAcquire }) => 2 * loadAcquire("y") + (values["x"] as number);
  // y = 1 with x = 0 would break causality.
  expect(ends([write(["x"], "relaxed"), passer, reader], ["x", "y"], "r2")).toEqual(["0", "1", "3"]);
});

test("a load is never executed after a store that follows it: no load buffering", () => {
  const thread =
    (from: string, to: string): Thread =>
    (values) => {
      const value = values[from] as number;
      values[to] = 1;
      return value;
    };
  expect(ends([thread("x", "y"), thread("y", "x")], ["x", "y"])).toEqual(["0 0", "0 1", "1 0"]);
});

describe("a lock", () => {
  const update =
    (order: "release" | "relaxed"): Thread =>
    (values, { lock, unlock }) => {
      lock("lock");
      values["n"] = (values["n"] as number) + 1;
      unlock("lock", order);
      return 0;
    };

  test("critical sections of one lock are ordered", () => {
    expect(ends([update("release"), update("release")], ["n", "lock"], "n")).toEqual(["2"]);
  });

  test("critical sections are not ordered when the unlock has no release semantics", () => {
    expect(ends([update("relaxed"), update("relaxed")], ["n", "lock"], "n")).toEqual(["1", "2"]);
  });
});

test("a history that is too short is extended", () => {
  const writer: Thread = (values) => {
    for (const name of ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]) {
      values[name] = 1;
    }
    return 0;
  };
  const reader: Thread = (values) => 2 * (values["j"] as number) + (values["a"] as number);
  const variables = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
  expect(ends([writer, reader], variables, "r1")).toEqual(["0", "1", "2", "3"]);
});

test("a load can ignore more writes than the initial limit", () => {
  const writer: Thread = (values) => {
    for (let value = 1; value <= 4; value++) {
      values["x"] = value;
    }
    values["flag"] = 1;
    return 0;
  };
  const reader: Thread = (values) => (values["flag"] === 1 ? (values["x"] as number) : 0);
  expect(ends([writer, reader], ["x", "flag"], "r1")).toEqual(["0", "1", "2", "3", "4"]);
});
