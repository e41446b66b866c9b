/** Exit codes, each with a typical run. */

import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../cli/exit-code.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { projectFolder } from "../build-once.ts";
import { builtCli } from "../built-cli.ts";
import { FAULTY, foliocheck, ownFolder, SMALL, shell } from "./command.ts";

const folder = ownFolder();

describe("foliocheck exits with", () => {
  test("the exit code is 0 when everything is as expected", () => {
    expect(foliocheck(SMALL)).toMatchObject({ code: 0, err: "" });
  });

  test("the exit code is 1 when a claim is violated", () => {
    const { code, out, err } = foliocheck(FAULTY);
    expect(code).toBe(1);
    expect(err).toBe("");
    expect(out).toMatch(/\nviolated: C1\n✗ violated · .*\n$/);
  });

  test("the exit code is 1 for an unreached witness, as for a violated claim", () => {
    expect(exitCodeOf("unreached")).toBe(1);
    expect(exitCodeOf("violated")).toBe(1);
  });

  test.each([
    { flags: ["--max-states", "2"], stopped: "max-states" },
    { flags: ["--max-depth", "1"], stopped: "max-depth" },
    { flags: ["--max-memory", "1K"], stopped: "max-memory" },
    { flags: ["--timeout", "0s"], stopped: "timeout" },
  ])("the exit code is 3 when the search ends early by $flags", ({ flags, stopped }) => {
    const { code, out, err } = foliocheck([...SMALL, ...flags, "--reporter", "json"]);
    expect({ code, err }).toEqual({ code: 3, err: "" });
    const report = JSON.parse(out) as RunReport;
    expect(report).toMatchObject({ verdict: "incomplete", stopped });
    expect(report.notChecked.map(notCheckedText)[0]).toMatch(/^The rest of the state space: /);
  });

  test("the exit code is 3 when any run of a suite ends early", () => {
    const { code, out } = foliocheck(["verify", "--only", "W2", "--max-states", "5"]);
    expect(code).toBe(3);
    expect(out).toMatch(/^… incomplete: profile quick, .*\n {2}run 1 is incomplete: /);
  });

  test("the exit code is 1, not 3, when a claim is violated before the budget ends", () => {
    expect(foliocheck([...FAULTY, "--max-depth", "2"]).code).toBe(1);
    expect(foliocheck([...FAULTY, "--max-depth", "1"]).code).toBe(3);
  });

  test("the exit code is 70 when the installation is broken", () => {
    const copy = join(folder.path, "foliocheck");
    mkdirSync(copy);
    cpSync(dirname(dirname(builtCli)), join(copy, "dist"), { recursive: true });
    cpSync(join(projectFolder, "package.json"), join(copy, "package.json"));
    symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
    rmSync(join(copy, "dist", "verify", "worker.js"));
    const command = `"${process.execPath}" "${join(copy, "dist", "cli", "main.js")}" ${SMALL.join(" ")} --output report`;
    const { code, out, err } = shell(command, folder.path);
    expect({ code, out }).toEqual({ code: 70, out: "" });
    expect(err).toMatch(/^internal error: .*worker\.js/);
    expect(existsSync(join(folder.path, "report"))).toBe(false);
    expect(folder.files()).toEqual(["foliocheck"]);
  });
});
