import { readFileSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import type { LiveReport } from "../../live/run/report.ts";
import { LIVE_REPORTERS } from "../../report/live-reporters.ts";
import { REPORTERS } from "../../report/reporters.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import { liveProgressLine } from "../../report/text/progress.ts";
import { xmlElements } from "../cli/xml.ts";
import { report } from "../live/simulated-report.ts";

const schema = JSON.parse(readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8")) as AnySchema;
const validate = new Ajv({ allErrors: true }).compile(schema);

let holds: LiveReport;
let violated: LiveReport;
let incomplete: LiveReport;
let random: LiveReport;
beforeAll(async () => {
  let progress = 0;
  holds = await report();
  violated = await report({
    kernel: "reuse-ignores-shared",
    bounds: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 1 },
  });
  incomplete = await report(
    {},
    {
      stopped: () => (progress > 1 ? "time" : undefined),
      onProgress: () => {
        progress += 1;
      },
    },
  );
  random = await report({ random: { seed: 7, steps: 2000 } });
});

const plain = { color: false };

describe("the report on a walk", () => {
  test("the report of a walk has a verdict and the coverage", () => {
    expect(holds).toMatchObject({
      command: "live",
      verdict: "holds",
      differences: [],
      retries: 0,
      walk: { kind: "tour" },
    });
    expect(holds.coverage?.covered).toBe(holds.coverage?.reachable);
    expect(violated).toMatchObject({ verdict: "violated" });
    expect(incomplete).toMatchObject({ verdict: "incomplete", stopped: "time" });
    expect(random).toMatchObject({ verdict: "holds", walk: { kind: "random", seed: 7 } });
    expect(random).not.toHaveProperty("coverage");
  });

  test("the report of a walk has the trace of a difference, every field, and a program", () => {
    const [difference] = violated.differences;
    expect(difference?.trace.steps.map(({ action }) => action)).toEqual(["anonFault", "fork", "writeFault"]);
    expect(difference?.trace).toMatchObject({
      format: "foliocheck-trace",
      property: "live",
      kernel: "reuse-ignores-shared",
    });
    expect(difference?.fields.filter(({ place }) => place === "mm 0 vma 0 entry 0").map(({ field }) => field)).toEqual([
      "present",
      "swapped",
      "page frame",
      "mapcount",
      "exclusive",
      "flags",
      "content",
    ]);
    expect(difference?.reproducer).toContain("int main(void)");
  });

  test("the report of a walk lists what was not checked", () => {
    expect(holds.notChecked.map(notCheckedText)).toContain("Concurrency: one operation is done at a time");
    expect(holds.notChecked.map(notCheckedText)).not.toContain("Everything after the first difference");
    expect(violated.notChecked.map(notCheckedText)).toContain("Everything after the first difference");
    expect(
      incomplete.notChecked
        .map(notCheckedText)
        .some((sentence) => /^The \d+ transitions that the walk did not take$/.test(sentence)),
    ).toBe(true);
    expect(
      random.notChecked.map(notCheckedText).some((sentence) => sentence.startsWith("Executions that no walk took")),
    ).toBe(true);
  });

  test("the report of a walk matches the schema", () => {
    for (const each of [holds, violated, incomplete, random]) {
      expect(validate(JSON.parse(LIVE_REPORTERS.json(each, plain))), JSON.stringify(validate.errors)).toBe(true);
    }
    expect(validate({ ...holds, extra: 1 })).toBe(false);
    expect(validate({ ...holds, verdict: "unreached" })).toBe(false);
    expect(validate({ ...holds, coverage: { covered: 1 } })).toBe(false);
    expect(validate({ ...violated, differences: [{}] })).toBe(false);
  });
});

describe("the reporters of walks", () => {
  test("reports of walks have the reporters of other reports", () => {
    expect(Object.keys(LIVE_REPORTERS)).toEqual(Object.keys(REPORTERS));
  });

  test("a walk that holds is printed with the verdict last", () => {
    const text = LIVE_REPORTERS.pretty(holds, plain);
    expect(text).toMatch(/^foliocheck live: scope anon, model v7\.1, on Linux 6\.18\.2-example\n/);
    expect(text).toMatch(/coverage +([\d,]+) of \1 transitions \(100 %\)/);
    expect(text).toContain("large anon folios of 16, 32, 64 KiB");
    expect(text).toContain("none was repeated");
    expect(text).toMatch(/\n✓ holds · .*\n$/);
    expect(text.split("\n").every((line) => [...line].length <= 100)).toBe(true);
  });

  test("an unfinished tour never shows 100 %", () => {
    const almost = { ...holds, coverage: { covered: 99_999, reachable: 100_000 } };
    expect(LIVE_REPORTERS.pretty(almost, plain)).toContain("(99.9 %)");
  });

  test("a difference is printed with its steps, both sides of every field, marks where they differ, and the command that reproduces it", () => {
    const text = LIVE_REPORTERS.pretty(violated, { ...plain, traceFile: "trace.json" });
    expect(text).toMatch(/\nDifference after 3 steps\n {3}0 {2}initial state\n {3}1 {2}anonFault\(mm: 0, /);
    expect(text).toMatch(/^ {2}\* {2}mm \d vma 0 entry \d +mapcount +2 +1$/m);
    expect(text).toMatch(/^ {5}mm \d vma 0 entry \d +mapcount +2 +2$/m);
    expect(text).toMatch(/^ {2}\* {2}mm \d vma 0 entry \d +flags +(?:head|tail), anon +anon$/m);
    expect(text).toMatch(/^ {2}foliocheck repro trace\.json > repro\.c$/m);
    expect(text).toMatch(/\n✗ violated · .*\n$/);
    expect(LIVE_REPORTERS.pretty(violated, plain)).toContain(
      "run the same again with --trace-out FILE, then\n  foliocheck repro FILE",
    );
  });

  test("an incomplete walk is printed with the reason, and with the seed of random walks", () => {
    expect(LIVE_REPORTERS.pretty(incomplete, plain)).toContain(
      "\nincomplete: the time limit was reached\n… incomplete",
    );
    expect(LIVE_REPORTERS.pretty({ ...incomplete, stopped: "interrupt" }, plain)).toContain(
      "\nincomplete: interrupted\n",
    );
    expect(LIVE_REPORTERS.pretty(random, plain)).toMatch(/walk +\d+ random walks, seed 7\n/);
  });

  test("the report of a walk counts repeated executions", () => {
    expect(LIVE_REPORTERS.pretty({ ...holds, retries: 2 }, plain)).toContain(
      "2 executions repeated because of a difference",
    );
  });

  test("a walk is a test case in JUnit that passes, fails or is skipped", () => {
    const outcomes = (each: LiveReport): string[] =>
      xmlElements(LIVE_REPORTERS.junit(each, plain))
        .filter(({ path }) => path.includes("testcase"))
        .map(({ name }) => name);
    expect([holds, violated, incomplete].map(outcomes)).toEqual([[], ["failure"], ["skipped"]]);
    const text = LIVE_REPORTERS.junit(violated, plain);
    expect(text).toContain("writeFault");
    expect(text).toMatch(/mm \d vma 0 entry \d, mapcount: model 2, kernel 1/);
  });

  test("GitHub has an error for a difference, a warning for a walk that ended early, and a notice", () => {
    expect(LIVE_REPORTERS.github(violated, plain)).toMatch(/^::error title=foliocheck live.*::1\. anonFault/);
    expect(LIVE_REPORTERS.github(incomplete, plain)).toMatch(/^::warning title=foliocheck live/);
    expect(LIVE_REPORTERS.github(holds, plain)).toMatch(/^::notice title=foliocheck live%3A holds::scope: anon%0A/);
  });

  test("a walk is tables without times in Markdown", () => {
    const text = LIVE_REPORTERS.markdown(violated, plain);
    expect(text).toContain("Model against the running kernel: violated.");
    expect(text).toMatch(/\| mm \d vma 0 entry \d \| mapcount \| 2 \| 1 \| differs \|/);
    expect(text).toMatch(/3\. `writeFault\(mm: \d, entry: \d\)`/);
    expect(LIVE_REPORTERS.markdown({ ...violated, seconds: 1e6, stepsPerSecond: 1 }, plain)).toBe(text);
  });
});

test("the progress of a walk has the number of steps, and of a tour the number of transitions", () => {
  expect(liveProgressLine({ steps: 12_345, retries: 0, covered: 10, reachable: 1000 })).toBe(
    "12,345 steps · 10 of 1,000 transitions",
  );
  expect(liveProgressLine({ steps: 1, retries: 2 })).toBe("1 step · 2 repeated");
});
