import { describe, expect, test } from "vitest";
import { type CallNode, type CallValue, callTreeOf } from "../../model/kernel/call-node.ts";
import { callLines } from "../../report/trace/calls.ts";

/** Parses calls from indented lines such as `f(page 1, pte) = 2`. */
function callsOf(lines: readonly string[]): CallNode[] {
  return callTreeOf(
    lines.map((line) => {
      const [, indent = "", name = "", args = "", result] = /^( *)(\w+)\((.*?)\)(?: = (\S+))?$/.exec(line) ?? [];
      const node = {
        kind: "function" as const,
        name,
        args: args === "" ? [] : args.split(", ").map(callValueOf),
        ...(result === undefined ? {} : { result: callValueOf(result) }),
      };
      return { node, depth: indent.length / 2 };
    }),
  );
}

function callValueOf(text: string): CallValue {
  const [, page] = /^page (\d+)$/.exec(text) ?? [];
  return page !== undefined
    ? { kind: "pages", first: Number(page), count: 1 }
    : /^\d+$/.test(text)
      ? Number(text)
      : text;
}

function textOf(lines: readonly string[], most?: number): string[] {
  return callLines([{ calls: callsOf(lines) }], most === undefined ? {} : { most }).map(
    ({ depth, text }) => "  ".repeat(depth) + text,
  );
}

describe("the functions that ran", () => {
  test("calls without repetition are listed one by one", () => {
    const lines = ["f(1)", "  g()", "    h()", "  i()", "f(2)", "j()", "  f(3)"];
    expect(textOf(lines)).toEqual(lines);
    expect(textOf([])).toEqual([]);
  });

  test("consecutive equal calls are one line with a count", () => {
    expect(textOf(["f(1)", "f(1)", "g()", "f(1)"])).toEqual(["f(1) × 2", "g()", "f(1)"]);
    expect(textOf(["f(1)", "  g()", "f(1)", "  g()"])).toEqual(["f(1)", "  g()", "… 2 times in all"]);
  });

  test("calls that differ in numbers only are one line, with the calls that they made", () => {
    const page = (number: number): string[] => [`f(page ${number}) = ${9 - number}`, `  g(page ${number})`, "    h()"];
    expect(textOf([0, 1, 2, 3].flatMap(page))).toEqual([
      "f(page 0) = 9",
      "  g(page 0)",
      "    h()",
      "… 4 times in all, the last is f(page 3) = 6",
    ]);
  });

  test("alternating calls are one group with a count", () => {
    const page = (number: number): string[] => [`  f(page ${number})`, `    g(page ${number})`, `  put(${number})`];
    expect(textOf(["walk()", ...[0, 1, 2].flatMap(page), "  end()"])).toEqual([
      "walk()",
      "  f(page 0)",
      "    g(page 0)",
      "  put(0)",
      "  … these 2 calls 3 times in all, the last from f(page 2) on",
      "  end()",
    ]);
  });

  test("short repetitions are listed in full", () => {
    const lines = ["f(0)", "f(1)", "g(0)", "  h(0)", "g(1)", "  h(1)"];
    expect(textOf(lines)).toEqual(lines);
  });

  test("calls with other callees or other results are listed in full", () => {
    const other = ["f(0)", "  g(0)", "  h(0)", "f(1)", "  g(1)", "  i(1)"];
    expect(textOf(other)).toEqual(other);
    const failed = ["f(0)", "  g(0) = -EBUSY", "  h(0)", "f(1)", "  g(1)", "  h(1)"];
    expect(textOf(failed)).toEqual(failed);
  });

  test("a call that only forwards to another is on the same line", () => {
    expect(textOf(["remove_ptes(1)", "  __remove(1, pte)", "    sub()"])).toEqual([
      "remove_ptes → __remove(1, pte)",
      "  sub()",
    ]);
    const both = ["remove_ptes(1)", "  __remove(1, pte)", "  sub()"];
    expect(textOf(both)).toEqual(both);
  });

  test("long lists of calls are cut at a depth, with the number of calls that are left out", () => {
    const lines = ["f()", "  g()", "    h()", "      i()", "    j()", "  k()", "l()"];
    expect(textOf(lines, 8)).toEqual(lines);
    expect(textOf(lines, 7)).toEqual(["f()", "  g()", "    h()", "    j()", "  k()", "l()", "… and 1 call more"]);
    expect(textOf(lines, 6)).toEqual(["f()", "  g()", "  k()", "l()", "… and 3 calls more"]);
    expect(textOf(lines, 3)).toEqual(["f()", "l()", "… and 5 calls more"]);
    expect(textOf(lines, 2)).toEqual(["f()", "… and 6 calls more"]);
    expect(textOf([], 2)).toEqual([]);
  });
});
