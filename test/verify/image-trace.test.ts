import { readFileSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { runImageTrace } from "../../live/run/image-trace.ts";
import type { LiveReport } from "../../live/run/report.ts";
import { DEFAULT_CONFIG, parseConfig } from "../../model/kernel/config.ts";
import { LIVE_REPORTERS } from "../../report/live-reporters.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { imageCommands } from "../../verify/trace/image-commands.ts";
import { notOnRunningKernel, planImageTrace } from "../../verify/trace/image-trace.ts";
import { type Change, planSession } from "../live/image/plan-session.ts";
import { storedTrace } from "../live/image/stored-traces.ts";
import { HOST } from "../live/simulated-report.ts";

const schema = JSON.parse(readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8")) as AnySchema;
const validate = new Ajv({ allErrors: true }).compile(schema);

/** Executes a trace on a simulated kernel, which behaves as recorded unless `change` alters an answer. */
function reportOn(trace: TraceReport, change?: Change): Promise<LiveReport> {
  const plan = planImageTrace(trace);
  return runImageTrace(trace, plan, planSession(plan, change), HOST, DEFAULT_CONFIG);
}

const trace = storedTrace("copy-on-write-of-a-huge-page");

/** Returns the trace with a last step that ends in a fault of the image. */
function faulty(): TraceReport {
  const { visible: _, ...last } = trace.steps.at(-1) as TraceReport["steps"][number];
  return { ...trace, steps: [...trace.steps.slice(0, -1), last] };
}

/** Change after which no process is live. */
const noProcess =
  (index: number): Change =>
  (answer, i) =>
    i === index ? { ...answer, mms: answer.mms.map(() => null) } : answer;

describe("a trace of an mm image on a running kernel", () => {
  test("the verdict is holds if the kernel behaves as recorded", async () => {
    const report = await reportOn(trace);
    expect(report).toMatchObject({
      verdict: "holds",
      scope: "trace",
      machine: "image",
      kernel: "tree",
      walk: { kind: "trace", property: "C1", pagesOfEntry: 64 },
      steps: 8,
      differences: [],
      notChecked: expect.arrayContaining([
        { subject: "Whether the kernel violates C1 in a way that user space cannot observe" },
      ]),
    });
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  });

  test("the verdict is violated if the kernel differs, with the steps, both values and a C program", async () => {
    const report = await reportOn(trace, noProcess(2));
    expect(report.verdict).toBe("violated");
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const [difference] = report.differences;
    expect(difference?.trace.steps.map(({ action }) => action)).toEqual(["write", "fork"]);
    expect(difference?.reproducer).toContain('"fork(mm: 0)", { FORK, 0, 1 }');
    const text = LIVE_REPORTERS.pretty(report, { color: false });
    expect(text).toContain("foliocheck live: a trace, on Linux 6.18.2-example\n");
    expect(text).toContain("the steps of a trace of C1; a page of the image is 64 pages here");
    expect(text).toMatch(/^ +where +what +trace +kernel$/m);
    expect(LIVE_REPORTERS.junit(report, { color: false })).toContain("shows what the trace says");
  });

  test("the verdict is incomplete if the last step ends in a fault of the image", async () => {
    const report = await reportOn(faulty());
    expect(report.verdict).toBe("incomplete");
    expect(report.notChecked.map(notCheckedText)).toContain(
      "The kernel's behaviour in the last step, which ends in a fault of the image",
    );
    expect(LIVE_REPORTERS.pretty(report, { color: false })).toMatch(/… incomplete · /);
    expect((await reportOn(faulty(), noProcess(2))).verdict).toBe("violated");
  });

  test("a trace is refused if the kernel has another configuration, or refuses an operation", async () => {
    const plan = planImageTrace(trace);
    const other = parseConfig("no-page-mapcount", DEFAULT_CONFIG);
    await expect(runImageTrace(trace, plan, planSession(plan), HOST, other)).rejects.toThrow(
      /^cannot run here: the trace is of page-mapcount,.*, and the running kernel has no-page-mapcount,/,
    );
    await expect(reportOn(trace, () => ({ kind: "failure", message: "no" }))).rejects.toThrow(
      "cannot run here: step 0, initial state: no",
    );
  });
});

describe("the commands of a trace of an mm image", () => {
  test("a trace that user space can execute has the commands image, live and repro", () => {
    expect(imageCommands(trace)).toEqual([
      "foliocheck image --tree TREE --config page-mapcount,32bit,mm-id --lockstep 0",
      "foliocheck live FILE",
      "foliocheck repro FILE > repro.c",
    ]);
    expect(trace.reproduce).toBeUndefined();
  });

  test("the command image has the bounds that are not the default, and no other", () => {
    const bounds = { ...trace.bounds, mms: 1, swap: 2, slots: 15, lockstep: 1 };
    expect(imageCommands({ ...trace, bounds })[0]).toBe(
      "foliocheck image --tree TREE --config page-mapcount,32bit,mm-id --mms 1 --swap 2",
    );
  });

  test("a trace that user space cannot execute has only the command image", () => {
    const [first] = trace.steps;
    const undone = {
      ...trace,
      steps: [{ ...(first as (typeof trace.steps)[0]), action: "migrateUndo", parameters: {} }],
    };
    expect(notOnRunningKernel(undone)).toBe(
      "step 1, migrateUndo(), cannot be performed from user space: user space cannot abort a migration",
    );
    expect(imageCommands(undone)).toHaveLength(1);
  });
});
