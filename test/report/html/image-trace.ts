/** Trace of an image, hand-written: the states of the rmap trace, calls with places, and what /proc shows. */
import type { DrawableState } from "../../../gate/image/world/drawable-state.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { rmapTrace } from "../fixtures.ts";

/** File of the tree that the calls of the trace are in. */
export const FILE: string = "mm/example.c";

/** Text of that file: a function from line 3 on. */
export const TEXT: string = [
  "/* Example */",
  "",
  "static void example(void)",
  "{",
  "\tcall();",
  "}",
  "",
  "int other;",
].join("\n");

const picture = (rss: number): object => ({
  "process 0": { RSS: rss, maps: "8–11: A[0–3]" },
  "folio A": { pages: 4, references: 4 },
});

const world = (state: unknown): DrawableState => state as DrawableState;

/** The trace. */
export const imageTrace: TraceReport = {
  ...rmapTrace,
  machine: "image",
  kernel: "tree",
  property: "KERNEL",
  warning: { kind: "text", text: "something happened" },
  state: picture(0),
  world: world(rmapTrace.state),
  steps: rmapTrace.steps.map((step, i) => ({
    ...step,
    functions: [
      { calls: [{ kind: "function", name: "example", args: [], place: { file: FILE, line: 3 }, calls: [] }] },
    ],
    state: picture(i + 1),
    world: world(step.state),
  })),
};
