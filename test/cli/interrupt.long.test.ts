/** Interrupts: the results so far are reported as incomplete, and no temporary file remains. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { GateReport, RunReport, SuiteReport } from "../../verify/report/report.ts";
import { planSuite } from "../../verify/suite.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { OWN_KERNEL } from "../gate/tree-copy.ts";
import { ownFolder, start } from "./command.ts";

const folder = ownFolder();

/** Search that takes many minutes. */
const LONG = ["check", "rmap", "--pages", "8", "--min-pages", "8", "--mms", "3", "--reporter", "json"];

let running: ChildProcess | undefined;
afterEach(() => {
  running?.kill("SIGKILL");
});

interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts a command, and interrupts it when its temporary output file exists. */
async function interrupted(args: readonly string[], signal: NodeJS.Signals): Promise<Ending> {
  return interruptedAfter(/^/, args, signal);
}

/** Pattern of a progress line of runs. */
const PROGRESS = / states/;

/** Starts a command, and interrupts it when its temporary output file exists and standard error matches a pattern. */
async function interruptedAfter(
  pattern: RegExp,
  args: readonly string[],
  ...signals: readonly NodeJS.Signals[]
): Promise<Ending> {
  const child = start([...args, "--output", "report"], folder.path);
  running = child;
  let out = "";
  let err = "";
  child.stdout?.on("data", (data) => {
    out += String(data);
  });
  child.stderr?.on("data", (data) => {
    err += String(data);
  });
  const closed = once(child, "close");
  while (!(pattern.test(err) && folder.files().some((name) => name.endsWith(".tmp")))) {
    expect(child.exitCode).toBe(null);
    await sleep(5);
  }
  for (const signal of signals) {
    child.kill(signal);
  }
  const [code] = (await closed) as [number | null];
  return { code, out, err };
}

const reported = <T>(): T => JSON.parse(readFileSync(join(folder.path, "report"), "utf8")) as T;

describe("an interrupt", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s ends a check as incomplete", async (signal) => {
    const { code, out, err } = await interrupted([...LONG, "--trace-out", "trace.json"], signal);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(/^interrupted: [^\n]*\n$/);
    expect(folder.files()).toEqual(["report"]);
    const report = reported<RunReport>();
    expect(report).toMatchObject({ command: "check", verdict: "incomplete", stopped: "interrupted" });
    expect(report.notChecked.map(notCheckedText)[0]).toMatch(/^The rest of the state space: it was interrupted, /);
  });

  test("the report of an interrupted check has the states that were explored before", async () => {
    const { code } = await interruptedAfter(PROGRESS, LONG, "SIGINT");
    expect(code).toBe(3);
    expect(reported<RunReport>().states).toBeGreaterThan(1);
  });

  test("an interrupt ends every run of a suite, also those that had not begun", async () => {
    const args = ["verify", "--profile", "deep", "--only", "rmap", "--workers", "1", "--reporter", "json"];
    const { code } = await interrupted(args, "SIGINT");
    expect(code).toBe(3);
    const report = reported<SuiteReport>();
    expect(report.verdict).toBe("incomplete");
    expect(report.runs).toHaveLength(planSuite({ profile: "deep", only: "rmap" }).jobs.length);
    expect(report.runs.at(-1)).toMatchObject({ verdict: "incomplete", stopped: "interrupted" });
  });

  const GATE = ["gate", "--tree", OWN_KERNEL, "--config", "page-mapcount,64bit,mm-id", "--reporter", "json"];

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s ends a gate that compiles at once, with exit code %i, and leaves no files",
    async (signal, expected) => {
      const { code, out } = await interrupted([...GATE, "--no-cache", "--no-progress"], signal);
      expect({ code, out }).toEqual({ code: expected, out: "" });
      expect(folder.files()).toEqual([]);
    },
  );

  test("an interrupt ends a gate that explores as incomplete", async () => {
    const args = [...GATE, "--cache", testCacheFolder, "--profile", "deep", "--only", "rmap"];
    const { code, err } = await interruptedAfter(/ done; run /, args, "SIGINT");
    expect(code).toBe(3);
    expect(err).toMatch(/\ninterrupted: [^\n]*\n$/);
    expect(folder.files()).toEqual(["report"]);
    const report = reported<GateReport>();
    expect(report).toMatchObject({ command: "gate", verdict: "incomplete" });
    expect(report.runs.map(({ stopped }) => stopped)).toContain("interrupted");
    expect(report.functions.filter(({ outcome }) => outcome === "conforms")).toEqual([]);
  });

  test("a second interrupt ends the command at once, with its own exit code, and leaves files unchanged", async () => {
    writeFileSync(join(folder.path, "report"), "as before");
    const { code } = await interruptedAfter(PROGRESS, LONG, "SIGINT", "SIGTERM");
    // The signals may be delivered in any order: the exit code is that of the second one.
    expect([130, 143]).toContain(code);
    expect(folder.files()).toEqual(["report"]);
    expect(readFileSync(join(folder.path, "report"), "utf8")).toBe("as before");
  });
});
