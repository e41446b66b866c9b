/** `foliocheck race`, and `--memory` of `check race`. */
import { describe, expect, test } from "vitest";
import type { RunReport } from "../../verify/report/report.ts";
import { foliocheck } from "./command.ts";

const CALLS = "zap(0, 0, 1) | folio_maybe_mapped_shared()";

describe("race", () => {
  test("race explores the calls, and exits with 0 when every claim holds", () => {
    const { code, out, err } = foliocheck(["race", CALLS, "--memory", "tso", "--no-progress"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^ {2}start {7}anonFault\(mm: 0\)$/m);
    expect(out).toMatch(/^ {2}CPU 0 {7}zap\(mm: 0, first: 0, count: 1\)$/m);
    expect(out).toMatch(/^ {2}CPU 1 {7}maybeMappedShared\(\)$/m);
    expect(out).toMatch(/^ {2}interleaved memory model: x86-TSO$/m);
    expect(out).toMatch(/^✓ holds/m);
  });

  test("race exits with 1 for a violation, with the trace in columns", () => {
    const start = ["--start", "anonFault(0); fork(0, 1)", "--pages", "4", "--pmd", "1", "--config", "no-page-mapcount"];
    const { code, out } = foliocheck(["race", "exit(0) | zap(1, 0, 1)", ...start, "--no-progress"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^ +CPU 0 +│ CPU 1$/m);
    expect(out).toMatch(/^violated: C14$/m);
  });

  test.each([
    [["munmap(0)"], /^error: unknown operation "munmap"; want .*\n$/],
    [["zap(0, 0, 1) |"], /^error: no call for CPU 1; want .*\n$/],
    [[CALLS, "--start", "fork(0, 1)"], /^error: fork\(parent: 0, child: 1\) cannot start in the initial state\n$/],
    [[CALLS, "--memory", "arm"], /^error: .*Allowed choices are sc, tso, views\.\n$/],
    [["exit(0) | exit(0) | exit(0) | exit(0) | exit(0)"], /^error: cpus 5 is out of range .*\n$/],
  ])("race refuses %j in one line, with exit code 2", (args, message) => {
    const { code, out, err } = foliocheck(["race", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });
});

describe("check race --memory", () => {
  const SMALL = [
    "check",
    "race",
    "--mms",
    "1",
    "--references",
    "0",
    "--readers",
    "0",
    "--reporter",
    "json",
    "--no-progress",
  ];

  test("check race --memory tso is the bound tso", () => {
    const { code, out } = foliocheck([...SMALL, "--memory", "tso"]);
    expect(code).toBe(0);
    const { bounds, interleaving } = JSON.parse(out) as RunReport;
    expect(bounds["tso"]).toBe(1);
    expect(interleaving?.[0]).toBe("memory model: x86-TSO");
  });

  test("check --memory is refused where it contradicts --tso, and for machines without CPUs", () => {
    expect(foliocheck([...SMALL, "--memory", "tso", "--tso", "0"])).toMatchObject({
      code: 2,
      err: "error: --memory tso contradicts --tso 0: give one of them\n",
    });
    expect(foliocheck(["check", "rmap", "--memory", "tso"])).toMatchObject({ code: 2 });
  });
});
