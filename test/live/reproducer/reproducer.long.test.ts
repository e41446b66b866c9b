/** C programs: their text, their compilation, and their results on the running kernel. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ActionCall } from "../../../explore/model/model.ts";
import { reproducerOfTrace } from "../../../live/run/live-report.ts";
import { compilerOf } from "../../../live/session/agent-binary.ts";
import { HolderKind } from "../../../model/state/world.ts";
import { resolve } from "../../../verify/job/job.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { traceReport } from "../../../verify/trace/trace-report.ts";
import { access, titleWithReason } from "../running-kernel.ts";

const [compiler, ...compilerArgs] = compilerOf(process.env);
const hasCompiler = spawnSync(compiler, [...compilerArgs, "--version"]).status === 0;
const why = hasCompiler ? "" : `: skipped. There is no compiler ${compiler}`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-repro-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Parameters = ActionCall["parameters"];
const call = (action: string, parameters: Parameters): ActionCall => ({ action, parameters });

interface Execution {
  readonly machine: string;
  readonly bounds: { readonly [name: string]: number };
  readonly calls: readonly ActionCall[];
  readonly kernel?: string;
}

function traceOf({ machine, bounds, calls, kernel = "v7.1" }: Execution): TraceReport {
  const about = { id: "C1", claim: "An example", source: "this test" };
  return traceReport(resolve({ machine, bounds, kernel }), about, 0, calls);
}

const fault = call("anonFault", { mm: 0, first: 0, pages: 4 });
const fork = call("fork", { parent: 0, child: 1 });
const FOUR = { pages: 4, minPages: 1, mms: 3, folios: 1, smallFolios: 2, holders: 0 };

/** As in the kernel's selftest: the parent copies a page, and reuses it after the exit of the child. */
const COW: Execution = {
  machine: "cow",
  bounds: FOUR,
  calls: [
    fault,
    fork,
    call("unmap", { mm: 1, vma: 0, first: 0, count: 2 }),
    call("writeFault", { mm: 0, entry: 3 }),
    call("store", { mm: 0, entry: 3, value: 1 }),
    call("exit", { mm: 1 }),
    call("writeFault", { mm: 0, entry: 0 }),
    call("exit", { mm: 0 }),
    call("newMm", { mm: 2 }),
    call("anonFault", { mm: 2, first: 1, pages: 1 }),
  ],
};

const EXECUTIONS: { readonly [what: string]: Execution } = {
  "copy-on-write": COW,
  "pages that move": {
    machine: "mremap",
    bounds: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 1 },
    calls: [
      fault,
      call("unmap", { mm: 0, vma: 0, first: 3, count: 1 }),
      call("mremap", { mm: 0, from: 0, to: 3 }),
      fork,
      call("writeFault", { mm: 1, entry: 3 }),
    ],
  },
  "references and pins": {
    machine: "pins",
    bounds: { ...FOUR, smallFolios: 5, holders: 2 },
    calls: [
      fault,
      call("gup", { mm: 0, entry: 1, kind: HolderKind.get }),
      fork,
      call("writeFault", { mm: 0, entry: 1 }),
      call("gup", { mm: 0, entry: 2, kind: HolderKind.pinWrite }),
      call("dmaWrite", { holder: 1, value: 1 }),
      call("fork", { parent: 0, child: 2 }),
      call("put", { holder: 0 }),
      call("put", { holder: 1 }),
    ],
  },
  "folios of a file": {
    machine: "rmap",
    bounds: { pages: 4, minPages: 1, mms: 2, folios: 2, anon: 0, file: 2 },
    calls: [
      call("readFile", { index: 0, pages: 4 }),
      call("fileFault", { mm: 0, vma: 0, first: 1, count: 3 }),
      call("fileFault", { mm: 0, vma: 1, first: 0, count: 1 }),
      fork,
      call("exit", { mm: 0 }),
      call("exit", { mm: 1 }),
      call("reclaim", { folio: 0 }),
      call("readFile", { index: 2, pages: 1 }),
    ],
  },
  "nothing at all": { machine: "cow", bounds: FOUR, calls: [] },
};

/** Compiles a program with all warnings as errors. @returns its path */
function compiled(source: string, name: string): string {
  const file = join(folder, `${name.replace(/\W+/g, "-")}.c`);
  const program = file.replace(/\.c$/, "");
  writeFileSync(file, source);
  const flags = [...compilerArgs, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, file];
  const { status, stderr } = spawnSync(compiler, flags, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return program;
}

describe("a reproducer", () => {
  test.skipIf(!hasCompiler).each(Object.entries(EXECUTIONS))(
    `of %s compiles without a warning${why}`,
    (name, execution) => {
      compiled(reproducerOfTrace(traceOf(execution)), name);
    },
  );

  test("a reproducer has a head comment with its subject and the command to run it", () => {
    const source = reproducerOfTrace(traceOf(COW));
    const [comment = ""] = /^\/\*[\s\S]*?\*\//.exec(source) ?? [];
    expect(comment).toContain("C1: An example");
    expect(comment).toContain("kernel v7.1, page-mapcount,64bit,mm-id");
    expect(comment).toContain("cc -o repro repro.c && ./repro");
  });

  test("a reproducer has a row with a text for each step", () => {
    const source = reproducerOfTrace(traceOf(COW));
    expect(source).toContain('{ "unmap(mm: 1, vma: 0, first: 0, count: 2)", { UNMAP, 1, 0, 0, 2 }, true,');
    expect(source.match(/^\t\{ "/gm)).toHaveLength(COW.calls.length + 1);
  });

  test("a reproducer numbers a folio that is allocated again separately", () => {
    // The folio, the copy, and the folio of the third MM, which reuses a position.
    expect(reproducerOfTrace(traceOf(COW))).toContain(
      "folios[FOLIOS] = { { 0, 0, 0 }, { 4, 0, 0 }, { 1, 0, 0 }, { 1, 0, 0 } };",
    );
  });

  test("the order of parameters in a trace file does not matter to a reproducer", () => {
    const trace = traceOf(COW);
    const steps = trace.steps.map((step) => ({
      ...step,
      parameters: Object.fromEntries(Object.entries(step.parameters).toReversed()),
    }));
    expect(reproducerOfTrace({ ...trace, steps })).toContain("UNMAP, 1, 0, 0, 2");
  });
});

describe("there is no reproducer", () => {
  test.each<[string, Execution, string]>([
    [
      "of a speculative reference",
      { machine: "cow", bounds: { ...FOUR, holders: 1 }, calls: [fault, call("tryGet", { folio: 0 })] },
      "step 2, tryGet(folio: 0), cannot be performed from user space: only the kernel takes speculative references",
    ],
    [
      "of a read-only pin",
      {
        machine: "pins",
        bounds: { ...FOUR, holders: 1 },
        calls: [fault, call("gup", { mm: 0, entry: 0, kind: HolderKind.pin })],
      },
      "io_uring pins pages for writing only",
    ],
    [
      "of migration",
      {
        machine: "migration",
        bounds: { pages: 2, pmd: 0 },
        calls: [call("anonFault", { mm: 0, first: 0, pages: 1 }), call("migrateUnmap", { folio: 2, walk: "0,1" })],
      },
      "step 2, migrateUnmap(folio: 2, walk: 0,1), cannot be performed from user space: only the kernel decides when it does this",
    ],
    [
      "of an anon folio of two pages",
      { machine: "cow", bounds: FOUR, calls: [call("anonFault", { mm: 0, first: 0, pages: 2 })] },
      "the kernel has no anon folios of two pages",
    ],
    [
      "of PMDs",
      { machine: "pmd", bounds: { pages: 4, minPages: 4, smallFolios: 0 }, calls: [] },
      "PMDs map more pages on a running kernel than they do in the model",
    ],
    ["of counts", { machine: "owner-tracking", bounds: {}, calls: [] }, "machine owner-tracking has no page tables"],
  ])("rejects a reproducer %s", (_, execution, message) => {
    expect(() => reproducerOfTrace(traceOf(execution))).toThrow(message);
  });

  test("rejects a reproducer of a trace that compares two kernels", () => {
    const trace = traceOf({ machine: "cow", bounds: FOUR, calls: [] });
    expect(() => reproducerOfTrace({ ...trace, against: "v7.1" })).toThrow("the trace compares two kernels");
  });

  test("rejects a reproducer of a step that is not enabled", () => {
    const trace = traceOf(COW);
    // Without its first step, the trace fails at a write to a page that is not mapped.
    const [, ...steps] = trace.steps;
    expect(() => reproducerOfTrace({ ...trace, steps })).toThrow(
      /^cannot execute step \d+ of the trace .* is not enabled/,
    );
    // A trace of a kernel that is not modelled is executed with the named kernel only.
    const message = `step 6, ${steps[5]?.call}, is not enabled there`;
    expect(() => reproducerOfTrace({ ...trace, kernel: "mine", steps }, "v7.1")).toThrow(message);
  });

  test("rejects a reproducer of a step beyond the bounds", () => {
    const trace = traceOf(COW);
    const [step] = trace.steps;
    if (step === undefined) {
      throw new Error("no step");
    }
    const steps = [{ ...step, parameters: { mm: 0, first: 0, pages: 8 } }];
    expect(() => reproducerOfTrace({ ...trace, steps })).toThrow("no such parameters within the bounds of machine cow");
    expect(() => reproducerOfTrace({ ...trace, kernel: "mine", steps }, "v7.1")).toThrow("not within the bounds");
  });
});

describe.skipIf(access.kind === "unable")(titleWithReason("a reproducer on the running kernel"), () => {
  const setting = "/sys/kernel/mm/transparent_hugepage/hugepages-16kB/enabled";

  function run(program: string): { status: number | null; out: string } {
    const { status, stdout, stderr } = spawnSync(program, { encoding: "utf8", timeout: 60_000 });
    expect(stderr).toBe("");
    return { status, out: stdout };
  }

  /** Without per-page mapcounts, the expected values for this kernel differ, and the program does not run. */
  const config = access.kind === "able" && access.host.pageMapcount === false ? "no-page-mapcount" : "page-mapcount";
  const skipsHere = config !== "page-mapcount";

  test.skipIf(skipsHere).each(Object.entries(EXECUTIONS))(
    "the reproducer of %s passes on the running kernel",
    (name, execution) => {
      const { status, out } = run(compiled(reproducerOfTrace(traceOf(execution)), `run ${name}`));
      const tests = execution.calls.length + 1;
      expect(out).toContain(`TAP version 13\n1..${tests}\nok 1 - initial state\n`);
      expect(out).toContain(`# Totals: pass:${tests} fail:0 `);
      expect(status).toBe(0);
    },
  );

  test.skipIf(skipsHere)(
    "the reproducer of a faulty model fails on the running kernel, with the step and the field",
    () => {
      const calls = [fault, fork, call("writeFault", { mm: 0, entry: 0 })];
      const trace = traceOf({ machine: "cow", bounds: FOUR, calls, kernel: "reuse-ignores-shared" });
      const { status, out } = run(compiled(reproducerOfTrace(trace), "faulty"));
      expect(status).toBe(1);
      expect(out).toMatch(/^# mm 0 vma 0 entry 0: mapcount is 1, the model says 2$/m);
      expect(out).toMatch(/^not ok 4 - writeFault\(mm: 0, entry: 0\)$/m);
      const right = run(compiled(reproducerOfTrace(trace, "v7.1"), "right"));
      expect(right.status).toBe(0);
    },
  );

  test("the reproducer of another configuration is skipped with a reason", () => {
    const other = config === "page-mapcount" ? "no-page-mapcount" : "page-mapcount";
    const resolved = resolve({ machine: "cow", bounds: FOUR, config: other });
    const trace = traceReport(resolved, { id: "C1", claim: "An example", source: "this test" }, 0, [fault]);
    const { status, out } = run(compiled(reproducerOfTrace(trace), "other configuration"));
    expect(status).toBe(4);
    expect(out).toMatch(/^1\.\.0 # SKIP the kernel has (no )?CONFIG_PAGE_MAPCOUNT$/m);
  });

  test("a reproducer restores the host's settings", () => {
    // A concurrent session of another test may change the same setting: only changes by this program count.
    const before = readFileSync(setting, "utf8");
    run(compiled(reproducerOfTrace(traceOf(COW)), "settings"));
    const after = readFileSync(setting, "utf8");
    expect(["always", "inherit", "madvise", "never"].some((word) => after.includes(`[${word}]`))).toBe(true);
    if (before.includes("[never]")) {
      expect(after.includes("[never]") || after.includes("[madvise]")).toBe(true);
    }
  });
});
