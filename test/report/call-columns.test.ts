/** Calls of two CPUs, in columns. */
import { describe, expect, test } from "vitest";
import type { CallNode } from "../../model/kernel/call-node.ts";
import { callColumns } from "../../report/trace/call-columns.ts";
import { callLines } from "../../report/trace/calls.ts";
import { onCpu, ranC } from "./call-trees.ts";

const WIDTH = 63;

/** Returns the texts of the lines, without trailing spaces. */
function columnsOf(calls: readonly CallNode[], most?: number): string[] | undefined {
  const columns = callColumns(callLines([{ calls }], most === undefined ? {} : { most }), WIDTH);
  return columns === undefined
    ? undefined
    : [...[columns.header, ...columns.rows].map((line) => line.map(({ text }) => text).join("")), ...columns.rest].map(
        (text) => text.trimEnd(),
      );
}

const interrupted = (name: string): CallNode => ({ ...ranC(name, "mm/a.c:1"), isInterrupted: true });
const continued = (name: string, calls: readonly CallNode[]): CallNode => ({
  ...ranC(name, "mm/a.c:1", calls),
  isContinued: true,
});

describe("calls of two CPUs in columns", () => {
  test("each turn of a CPU stands in its column, below the turn before", () => {
    expect(
      columnsOf([
        onCpu(0, [ranC("first", "mm/a.c:1", [ranC("callee", "mm/a.c:9")])]),
        onCpu(1, [ranC("second", "mm/b.c:2")]),
        onCpu(0, [ranC("third", "mm/a.c:3")]),
      ]),
    ).toEqual([
      "CPU 0                          │ CPU 1",
      "C first() mm/a.c:1             │",
      " C callee() mm/a.c:9           │",
      "                               │ C second() mm/b.c:2",
      "C third() mm/a.c:3             │",
    ]);
  });

  test("a call that another CPU interrupts is marked, and has its place once", () => {
    expect(
      columnsOf([
        onCpu(0, [interrupted("f")]),
        onCpu(1, [ranC("g", "mm/b.c:2")]),
        onCpu(0, [continued("f", [ranC("h", "mm/a.c:5")])]),
      ]),
    ).toEqual([
      "CPU 0                          │ CPU 1",
      "C f() mm/a.c:1 (interrupted    │",
      "  here)                        │",
      "                               │ C g() mm/b.c:2",
      "… C f()                        │",
      " C h() mm/a.c:5                │",
    ]);
  });

  test("the number of calls that are left out stands below both columns", () => {
    const many = Array.from({ length: 9 }, (_, i) => ranC(`f${i}`, "mm/a.c:1", [ranC(`g${i}`, "mm/a.c:2")]));
    expect(columnsOf([onCpu(0, many), onCpu(1, [ranC("h", "mm/b.c:2")])], 15)?.at(-1)).toBe("… and 9 calls more");
  });

  test("calls of one CPU, and of three, are not in columns", () => {
    expect(columnsOf([ranC("f", "mm/a.c:1")])).toBeUndefined();
    expect(columnsOf([0, 1, 2].map((cpu) => onCpu(cpu, [ranC("f", "mm/a.c:1")])))).toBeUndefined();
  });
});
