import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { rmapTrace } from "./fixtures.ts";
import { traceIn, unqueuedRun } from "./race-traces.ts";
import { stepOf } from "./reading.ts";
import { migrationTrace, pinsTrace, swapTrace } from "./scope-traces.ts";

const traces: { readonly [name: string]: TraceReport } = { migrationTrace, pinsTrace, swapTrace };
const page = readFileSync(new URL("../../docs/traces.md", import.meta.url), "utf8");

describe("docs/traces.md", () => {
  test("docs/traces.md shows in its first example the trace that the renderer prints", () => {
    const example = /<!-- example: test\/report\/fixtures\.ts, rmapTrace -->\s+```text\n([\s\S]*?)```/.exec(page)?.[1];
    expect(example).toBe(formatTrace(rmapTrace, { color: false, shows: "violated", file: "c8.json" }));
  });

  test("docs/traces.md shows the columns of a race that the renderer prints", () => {
    const example = /<!-- example: test\/report\/race-traces\.ts, UNQUEUED -->\s+```text\n([\s\S]+?)```/.exec(
      page,
    )?.[1];
    const printed = formatTrace(traceIn(unqueuedRun(), "C14"), { color: false, shows: "violated" });
    expect(printed).toContain(example);
  });

  const excerpts = [
    ...page.matchAll(/<!-- excerpt: test\/report\/scope-traces\.ts, (\w+), step (\d+) -->\s+```text\n([\s\S]*?)```/g),
  ];

  test.each(excerpts.map(([, name = "", step = "", text = ""]) => [name, step, text]))(
    "docs/traces.md shows of %s, step %s, the text that the renderer prints",
    (name, step, text) => {
      const printed = stepOf(
        formatTrace(traces[name] as TraceReport, { color: false, shows: "violated" }),
        Number(step),
      );
      expect(text).toBe(`${printed.join("\n")}\n`);
    },
  );

  test("docs/traces.md has excerpts of several traces, and no examples that are not tested", () => {
    expect(new Set(excerpts.map(([, name]) => name))).toEqual(new Set(Object.keys(traces)));
    expect(page.split("```text\n")).toHaveLength(excerpts.length + 3);
  });
});
