/** Stored traces of mm images on the running kernel: live, and as C programs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reproducerOfTrace } from "../../../live/run/live-report.ts";
import { compilerOf } from "../../../live/session/agent-binary.ts";
import { type HostAccess, hostConfig } from "../../../live/session/host-session.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { executeHere, imageAccess } from "./running-image.ts";
import { STORED_TRACES, storedTrace } from "./stored-traces.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-image-repro-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const [compiler, ...compilerArgs] = compilerOf(process.env);
const hasCompiler = spawnSync(compiler, [...compilerArgs, "--version"]).status === 0;

const why = typeof imageAccess === "string" ? `: skipped. ${imageAccess}` : "";

/** Compiles the program of a trace with all warnings as errors. @returns its path */
function compiled(trace: TraceReport, name: string): string {
  const file = join(folder, `${name}.c`);
  const program = join(folder, name);
  writeFileSync(file, reproducerOfTrace(trace));
  const flags = [...compilerArgs, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, file];
  const { status, stderr } = spawnSync(compiler, flags, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return program;
}

describe.skipIf(!hasCompiler)("the C program of a stored trace", () => {
  test.each(STORED_TRACES)("the C program of trace %s compiles without warnings", (name) => {
    compiled(storedTrace(name), `compiles-${name}`);
  });

  test("the C program has a head comment with the trace and the exit codes", () => {
    const source = reproducerOfTrace(storedTrace("huge-page-that-is-not-split"));
    expect(source).toContain(
      " * A page of the trace is a run of 64 pages here: a PMD maps 8 of them there, and 512 pages here.\n",
    );
    expect(source).toContain(
      " * Exit code 0: the kernel behaves as the trace says; 1: it does not; 4: this host cannot decide it.\n",
    );
  });
});

describe.skipIf(why !== "" || !hasCompiler)(`a stored trace on the running kernel${why}`, () => {
  // If debugfs is locked down, folios of one process can still be split.
  test.each(STORED_TRACES.filter((name) => name !== "huge-page-that-is-not-split"))(
    "%s: live and the C program find no difference",
    async (name) => {
      const trace = storedTrace(name);
      expect(await executeHere(trace)).toEqual({ verdict: "holds", differing: [] });
      const { status, stdout } = spawnSync(compiled(trace, name), { encoding: "utf8", timeout: 120_000 });
      expect(stdout).toContain(`# Totals: pass:${trace.steps.length + 1} fail:0 `);
      expect(stdout).toContain(
        "# The kernel does what the trace shows, in everything that user space can see; a violation of C1 may be invisible.\n",
      );
      expect(status).toBe(0);
    },
    180_000,
  );

  test("live and the C program have the same result for a bug that only some kernels have", async () => {
    const trace = storedTrace("huge-page-that-is-not-split");
    const { verdict } = await executeHere(trace);
    const { status, stdout } = spawnSync(compiled(trace, "fault"), { encoding: "utf8", timeout: 120_000 });
    expect(status).toBe(verdict === "holds" ? 0 : 1);
    if (status === 1) {
      expect(stdout).toMatch(/^# mm 0 vma 0 entry 0: flags is 4096, the trace says 36864$/m);
      expect(stdout).toMatch(/^not ok 5 - shrink\(\)$/m);
      expect(stdout).toContain("# The kernel does not do what the trace shows");
    }
  }, 180_000);

  test("the C program of a trace that ends in a fault of the image exits with 4, after all steps", () => {
    const trace = storedTrace("copy-on-write-of-a-huge-page");
    const { visible: _, ...last } = trace.steps.at(-1) as TraceReport["steps"][number];
    const program = compiled({ ...trace, steps: [...trace.steps.slice(0, -1), last] }, "ends-in-a-fault");
    const { status, stdout } = spawnSync(program, { encoding: "utf8", timeout: 120_000 });
    expect(stdout).toContain("# Totals: pass:8 fail:0 ");
    expect(stdout).toContain(
      "# What the kernel does in the last step is not compared: in the image it ends in a fault.\n",
    );
    expect(status).toBe(4);
  });

  test("a trace of another configuration is skipped by the C program, and rejected by live", async () => {
    const trace = { ...storedTrace("copy-on-write-of-a-large-folio"), config: "no-page-mapcount,64bit,mm-id" };
    const own = await hostConfig(imageAccess as HostAccess);
    const other = own.pageMapcount ? trace : { ...trace, config: "page-mapcount,64bit,mm-id" };
    const { status, stdout } = spawnSync(compiled(other, "other"), { encoding: "utf8", timeout: 120_000 });
    expect(stdout).toMatch(/^1\.\.0 # SKIP the kernel has (no )?CONFIG_PAGE_MAPCOUNT$/m);
    expect(status).toBe(4);
    expect((await executeHere(other)).refused).toMatch(
      /^cannot run here: the trace is of .*, and the running kernel has /,
    );
  });
});
