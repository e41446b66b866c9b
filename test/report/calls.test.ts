import { describe, expect, test } from "vitest";
import { tellCalls, tellFewCalls } from "../../report/calls.ts";

describe("the functions that ran", () => {
  test("are told as they are when nothing repeats", () => {
    const lines = ["f(1)", "  g()", "    h()", "  i()", "f(2)", "under v7.1:", "  f(3)"];
    expect(tellCalls(lines)).toEqual(lines);
    expect(tellCalls([])).toEqual([]);
  });

  test("are counted when one ran several times in a row", () => {
    expect(tellCalls(["f(1)", "f(1)", "g()", "f(1)"])).toEqual(["f(1) × 2", "g()", "f(1)"]);
    expect(tellCalls(["f(1)", "  g()", "f(1)", "  g()"])).toEqual(["f(1)", "  g()", "… 2 times in all"]);
  });

  test("are told once when they differ in numbers only, with what they called", () => {
    const page = (number: number): string[] => [`f(page ${number}) = ${9 - number}`, `  g(page ${number})`, "    h()"];
    expect(tellCalls([0, 1, 2, 3].flatMap(page))).toEqual([
      "f(page 0) = 9",
      "  g(page 0)",
      "    h()",
      "… 4 times in all, the last is f(page 3) = 6",
    ]);
  });

  test("are told once when several alternate", () => {
    const page = (number: number): string[] => [`  f(page ${number})`, `    g(page ${number})`, `  put(${number})`];
    expect(tellCalls(["walk()", ...[0, 1, 2].flatMap(page), "  end()"])).toEqual([
      "walk()",
      "  f(page 0)",
      "    g(page 0)",
      "  put(0)",
      "  … these 2 calls 3 times in all, the last from f(page 2) on",
      "  end()",
    ]);
  });

  test("are told in full when that takes hardly more lines", () => {
    const lines = ["f(0)", "f(1)", "g(0)", "  h(0)", "g(1)", "  h(1)"];
    expect(tellCalls(lines)).toEqual(lines);
  });

  test("are told in full when they called something else, or came to something else", () => {
    const other = ["f(0)", "  g(0)", "  h(0)", "f(1)", "  g(1)", "  i(1)"];
    expect(tellCalls(other)).toEqual(other);
    const failed = ["f(0)", "  g(0) = -EBUSY", "  h(0)", "f(1)", "  g(1)", "  h(1)"];
    expect(tellCalls(failed)).toEqual(failed);
  });

  test("stand in one line when one only passes the call on", () => {
    expect(tellCalls(["remove_ptes(1)", "  __remove(1, pte)", "    sub()"])).toEqual([
      "remove_ptes → __remove(1, pte)",
      "  sub()",
    ]);
    const both = ["remove_ptes(1)", "  __remove(1, pte)", "  sub()"];
    expect(tellCalls(both)).toEqual(both);
  });

  test("are told down to some depth where there are too many, with the number of those that are left out", () => {
    const lines = ["f()", "  g()", "    h()", "      i()", "    j()", "  k()", "l()"];
    expect(tellFewCalls(lines, 8)).toEqual(lines);
    expect(tellFewCalls(lines, 7)).toEqual(["f()", "  g()", "    h()", "    j()", "  k()", "l()", "… and 1 call more"]);
    expect(tellFewCalls(lines, 6)).toEqual(["f()", "  g()", "  k()", "l()", "… and 3 calls more"]);
    expect(tellFewCalls(lines, 3)).toEqual(["f()", "l()", "… and 5 calls more"]);
    expect(tellFewCalls(lines, 2)).toEqual(["f()", "… and 6 calls more"]);
    expect(tellFewCalls([], 2)).toEqual([]);
  });
});
