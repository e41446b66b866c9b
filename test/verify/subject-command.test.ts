/** The commands that reports print for repeating an exploration. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { subjectCommand } from "../../verify/job/subject-command.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { builtCli } from "../built-cli.ts";
import { rmapTrace } from "../report/fixtures.ts";

const QUOTED = `'${builtCli}'`;

/** Executes a printed command in a shell, and returns its report. */
function executed(command: string): RunReport {
  const shell = `'${process.execPath}' ${command.replace(/^foliocheck/, QUOTED)} --no-progress --reporter json`;
  const { stdout, stderr } = spawnSync("sh", ["-c", shell], { encoding: "utf8", maxBuffer: 2 ** 28 });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as RunReport;
}

describe("the command of a subject", () => {
  test("the command of a subject finds its counterexample again", () => {
    const command = subjectCommand(rmapTrace);
    expect(command).toBe(
      "foliocheck check rmap --pages 4 --min-pages 4 --mms 2 --folios 1 --anon 1 --file 0 " +
        "--config page-mapcount,64bit,mm-id --variant sub-looks-at-slot-0-only",
    );
    const { verdict, bounds, config, kernel } = executed(command);
    expect({ verdict, bounds, config, kernel }).toEqual({
      verdict: "violated",
      bounds: rmapTrace.bounds,
      config: rmapTrace.config,
      kernel: rmapTrace.kernel,
    });
  });

  test("the command of calls on CPUs explores the same calls again", () => {
    const calls =
      'foliocheck race "zap(0, 0, 1) | splitPmd(1)" --start "anonFault(0); fork(0, 1); splitPmd(0)" --pmd 1';
    const report = executed(calls);
    expect(report.verdict).toBe("violated");
    const again = executed(subjectCommand(report));
    for (const field of ["verdict", "bounds", "calls", "config", "kernel", "states"] as const) {
      expect(again[field]).toEqual(report[field]);
    }
  });
});
