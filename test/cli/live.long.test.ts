/**
 * Commands `foliocheck live` and `foliocheck repro`. Tests on the running kernel are skipped on hosts without a
 * requirement.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { LiveReport } from "../../live/run/report.ts";
import { compilerOf } from "../../live/session/agent-binary.ts";
import { LIVE_SCOPES } from "../../live/walk/scopes.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { access, titleWithReason } from "../live/running-kernel.ts";
import { FAULTY, foliocheck, shell, start } from "./command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-live-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("live refuses", () => {
  test.each([
    ["a scope that does not exist", ["nothing"], 'error: unknown scope "nothing"; want anon, owners, cow, '],
    ["a kernel that does not exist", ["anon", "--variant", "linux"], 'error: unknown variant "linux"; want '],
    ["a bound out of range", ["anon", "--mms", "9"], "error: mms 9 is out of range for machine cow; want 1 … 5"],
    ["a bound that its machine lacks", ["file", "--holders", "1"], 'error: machine rmap has no bound "holders"'],
    [
      "bounds that contradict each other",
      ["anon", "--pages", "2", "--min-pages", "4"],
      "error: minPages 4 is more than",
    ],
    ["a seed for a tour", ["anon", "--seed", "1"], "error: --seed is for random walks"],
    ["no steps", ["anon", "--steps", "0"], "Want 1 or more."],
    ["a seed that is too large", ["anon", "--steps", "1", "--seed", "2147483648"], "Want 0 … 2147483647."],
    [
      "one file twice",
      ["anon", "--trace-out", "x", "--repro-out", "./x"],
      "error: --trace-out and --repro-out both name",
    ],
  ])("live refuses %s", (_, args, message) => {
    const { code, out, err } = foliocheck(["live", ...args], folder);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("live refuses a host without a compiler in one line", () => {
    const cache = mkdtempSync(join(folder, "cache-"));
    const { code, out, err } = shell("foliocheck live", folder, { CC: "no-such-compiler", XDG_CACHE_HOME: cache });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: cannot run here: .*\n$/);
    if (access.kind === "able") {
      expect(err).toContain("no-such-compiler");
    }
  });
});

describe("repro", () => {
  const trace = (args: readonly string[], name: string): string => {
    const file = join(folder, name);
    expect(foliocheck([...args, "--trace-out", file, "--output", join(folder, `${name}.txt`)]).code).toBe(1);
    return file;
  };

  test("repro prints a program of a trace that user space can take", () => {
    const bounds = ["--pages", "4", "--min-pages", "4", "--holders", "0"];
    const file = trace(["check", "cow", "--variant", "reuse-ignores-shared", ...bounds], "cow.json");
    const { code, out, err } = foliocheck(["repro", file]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^\/\*\n \* The steps of a foliocheck trace/);
    expect(out).toContain("kernel reuse-ignores-shared");
    expect(foliocheck(["repro", file, "--variant", "v7.1"]).out).toContain("kernel v7.1");
  });

  test("repro refuses a trace that differs from its own kernel", () => {
    const bounds = ["--pages", "4", "--min-pages", "4", "--holders", "0"];
    const file = trace(["check", "cow", "--variant", "reuse-ignores-shared", ...bounds], "edited.json");
    const { steps, ...rest } = JSON.parse(readFileSync(file, "utf8")) as TraceReport;
    writeFileSync(file, JSON.stringify({ ...rest, steps: steps.toSpliced(0, 1) }));
    expect(foliocheck(["repro", file, "--variant", "v6.15"])).toEqual({
      code: 2,
      out: "",
      err: expect.stringMatching(
        /^error: cannot execute step 2 of the trace under its own kernel reuse-ignores-shared: /,
      ),
    });
  });

  test("repro names the step that user space cannot take", () => {
    const file = trace(
      ["check", "cow", "--variant", "reuse-ignores-references", "--pages", "4", "--min-pages", "4"],
      "held.json",
    );
    expect(foliocheck(["repro", file])).toEqual({
      code: 2,
      out: "",
      err: expect.stringMatching(
        /^error: step \d+, .* cannot be performed from user space: only the kernel takes speculative references\n$/,
      ),
    });
  });

  test("repro refuses a trace of a machine without page tables, and a file that is no trace", () => {
    const counts = trace(FAULTY, "counts.json");
    expect(foliocheck(["repro", counts]).err).toMatch(/^error: machine owner-tracking has no page tables/);
    const text = join(folder, "text.json");
    writeFileSync(text, "{}");
    expect(foliocheck(["repro", text])).toMatchObject({
      code: 2,
      err: expect.stringContaining("is not a foliocheck trace"),
    });
    expect(foliocheck(["repro", join(folder, "none.json")])).toMatchObject({
      code: 2,
      err: expect.stringContaining("no such file or directory"),
    });
  });
});

describe.skipIf(access.kind === "unable")(titleWithReason("live on the running kernel"), () => {
  /** Another run on this host, such as one of these tests, may have changed the settings that a walk requires. */
  const isBusy = (err: string): boolean => err.includes("another foliocheck has changed this host's settings");

  const live = ({ skip }: TestContext, ...args: string[]): { code: number | null; report: LiveReport } => {
    const { code, out, err } = foliocheck(["live", ...args, "--no-progress", "--reporter", "json"], folder);
    if (isBusy(err)) {
      skip(err.trim());
    }
    expect(err).toBe("");
    return { code, report: JSON.parse(out) as LiveReport };
  };

  test("a tour of two processes and a folio of four pages takes every transition, and finds no difference", (context) => {
    const { code, report } = live(context, "anon", "--mms", "2", "--min-pages", "4", "--timeout", "60");
    expect(report.differences).toEqual([]);
    expect(report.coverage).toEqual({ covered: 10_721, reachable: 10_721 });
    expect({ code, verdict: report.verdict }).toEqual({ code: 0, verdict: "holds" });
    expect(report.host.release).toBe(access.kind === "able" ? access.host.kernelRelease : "");
  });

  // Limited to a minute in total, for CI. Complete tours take some minutes each.
  test.for(LIVE_SCOPES.map(({ name }) => name))(
    "a tour of %s finds no difference in some seconds",
    (scope, context) => {
      const { code, report } = live(context, scope, "--timeout", "4");
      expect(report.differences).toEqual([]);
      expect(report.steps).toBeGreaterThan(0);
      expect([0, 3]).toContain(code);
    },
  );

  test.for(LIVE_SCOPES.map(({ name }) => name))("random walks of %s find no difference", (scope, context) => {
    const { code, report } = live(context, scope, "--steps", "5000", "--seed", "1", "--timeout", "60");
    expect(report.differences).toEqual([]);
    expect(report.walk).toMatchObject({ kind: "random", seed: 1 });
    expect({ code, verdict: report.verdict }).toEqual({ code: 0, verdict: "holds" });
  });

  test("a tour with a faulty model finds the difference, with a trace and a program", ({ skip }) => {
    const files = ["--trace-out", "trace.json", "--repro-out", "repro.c", "--reporter", "pretty"];
    const { code, out, err } = foliocheck(
      ["live", "cow", "--variant", "reuse-last-page", "--no-progress", ...files],
      folder,
    );
    if (isBusy(err)) {
      skip(err.trim());
    }
    expect(code).toBe(1);
    expect(out).toContain("writeFault");
    expect(out).toContain("  foliocheck repro trace.json > repro.c\n");
    const source = readFileSync(join(folder, "repro.c"), "utf8");
    expect(foliocheck(["repro", "trace.json"], folder).out).toBe(source);
    const [compiler, ...args] = compilerOf(process.env);
    const compiled = spawnSync(compiler, [...args, "-Wall", "-Wextra", "-Werror", "-o", "repro", "repro.c"], {
      cwd: folder,
    });
    expect(compiled.status).toBe(0);
    const { status, stdout } = spawnSync("./repro", { cwd: folder, encoding: "utf8" });
    expect(stdout).toMatch(/^not ok \d+ - writeFault/m);
    expect(status).toBe(1);
  });

  test.for(["remove-makes-exclusive", "slot-1-without-shared", "reuse-compares-stored-mapcount", "never-private"])(
    "a walk finds a difference between the faulty model %s and the running kernel",
    (variant, context) => {
      const { code, report } = live(context, "cow", "--variant", variant, "--timeout", "60");
      expect(code).toBe(1);
      expect(report.differences[0]?.trace.kernel).toBe(variant);
    },
  );

  test("an interrupted walk reports the steps that it took", async ({ skip }) => {
    const child = start(["live", "anon", "--reporter", "json"], folder);
    let out = "";
    let err = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      out += String(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      err += String(chunk);
    });
    // A plain progress line after some seconds shows that the walk has started.
    await once(child.stderr ?? child, "data");
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number | null];
    if (isBusy(err)) {
      skip(err.trim());
    }
    expect(code).toBe(3);
    expect(err).toContain("interrupted: reporting the results so far");
    const report = JSON.parse(out) as LiveReport;
    expect(report).toMatchObject({ verdict: "incomplete", stopped: "interrupt", differences: [] });
  });
});
