/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later), a native clang and access to the running
 * kernel. Executions of the tree's image agree with the running kernel, and those of a tree with a mistake do not.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { interpret } from "../../../explore/model/interpreter.ts";
import type { ActionCall } from "../../../explore/model/model.ts";
import { execute } from "../../../explore/search/trace.ts";
import type { Patch } from "../../../gate/change/patch.ts";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import type { ImageModule } from "../../../gate/image/module/image-module.ts";
import { reproducerOfTrace } from "../../../live/run/live-report.ts";
import { compilerOf } from "../../../live/session/agent-binary.ts";
import { imageJob, resolveImage } from "../../../verify/job/image-job.ts";
import { modelOf } from "../../../verify/job/job.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { notOnRunningKernel } from "../../../verify/trace/image-trace.ts";
import { traceReport } from "../../../verify/trace/trace-report.ts";
import { TREE, treeImage } from "../../gate/image/tree-image.ts";
import { executeHere, imageAccess } from "./running-image.ts";

const CONFIG = "page-mapcount,32bit,mm-id";
const ABOUT = { id: "KERNEL", claim: "An execution", source: "this test" };

/** Returns a generator of pseudo-random numbers from 0 to 1. */
function numbersFrom(seed: number): () => number {
  let last = seed;
  return () => {
    last = (Math.imul(last, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (last >>> 8) / 0x80_0000;
  };
}

/** Generates random executions of an image, truncated before the first step that user space cannot perform. */
function* randomTraces(module: ImageModule, bounds: Record<string, number>, seed: number): Generator<TraceReport> {
  const job = imageJob(module, { config: CONFIG, bounds: { lockstep: 0, ...bounds }, budget: {} });
  const resolved = resolveImage(job, { module });
  const model = modelOf(resolved);
  const interpreter = interpret(model);
  const next = numbersFrom(seed);
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  for (;;) {
    const calls: ActionCall[] = [];
    let { initial: state } = execute(interpreter, 0, []);
    const take = (call: ActionCall): void => {
      const outcome = interpreter.attempt(state, call);
      if (outcome.enabled && outcome.warning === undefined) {
        calls.push(call);
        state = outcome.state;
      }
    };
    take({ action: "write", parameters: { mm: 0, fault: { page: 0, order: next() < 0.6 ? 3 : 2 } } });
    for (let i = 0; i < 14; i++) {
      const { name, choices } = oneOf(model.actions);
      take({ action: name, parameters: oneOf(choices) });
    }
    yield cut(traceReport(resolved, ABOUT, 0, calls));
  }
}

function cut(trace: TraceReport): TraceReport {
  const step = notOnRunningKernel(trace)?.match(/^step (\d+),/)?.[1];
  return step === undefined ? trace : { ...trace, steps: trace.steps.slice(0, Number(step) - 1) };
}

/** Returns a change of a few words as a patch. */
function mistake(file: string, change: readonly [RegExp, string]): Patch {
  const before = readFileSync(join(TREE, file), "utf8");
  const after = before.replace(...change);
  expect(after).not.toBe(before);
  return { name: "mistake", text: createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after) };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-tree-traces-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function programOf(trace: TraceReport): { readonly status: number | null; readonly out: string } {
  const [compiler, ...args] = compilerOf(process.env);
  const source = join(folder, "repro.c");
  writeFileSync(source, reproducerOfTrace(trace));
  const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"];
  const compiled = spawnSync(compiler, [...args, ...flags, "-o", join(folder, "repro"), source], { encoding: "utf8" });
  expect(compiled.stderr).toBe("");
  const { status, stdout } = spawnSync(join(folder, "repro"), { encoding: "utf8", timeout: 120_000 });
  return { status, out: stdout };
}

const hasAll = TREE !== "" && clangOnPath() !== undefined && typeof imageAccess !== "string";

describe.skipIf(!hasAll)("executions of the image of a tree", () => {
  test.each([
    [{ mms: 2 }, 30],
    [{ mms: 3, pages: 16 }, 10],
    [{ mms: 2, move: 1, unmap: 1, protect: 1 }, 30],
    [{ mms: 1, split: 1, free: 1 }, 20],
  ])(
    "executions of the image within %j agree with the running kernel",
    async (bounds, count) => {
      const traces = randomTraces(await treeImage(CONFIG), bounds, 1);
      let taken = 0;
      for (let i = 0; i < count; i++) {
        const trace = traces.next().value as TraceReport;
        const outcome = await executeHere(trace);
        const calls = trace.steps.map(({ call }) => call).join("; ");
        expect({ calls, fields: outcome.differing }).toEqual({ calls, fields: [] });
        taken += outcome.refused === undefined ? 1 : 0;
      }
      // If debugfs is locked down, some folios cannot be split.
      expect(taken).toBeGreaterThan(count / 2);
    },
    600_000,
  );

  test("an execution that ends in a fault of the image is incomplete on the running kernel", async () => {
    // The split of a PMD takes no references for its entries: a mapped folio is freed.
    const patch = mistake("mm/huge_memory.c", [/folio_ref_add\(folio, HPAGE_PMD_NR - 1\);/, ";"]);
    const module = await treeImage(CONFIG, patch);
    const job = imageJob(module, { config: CONFIG, bounds: { mms: 1, lockstep: 0 }, budget: { maxStates: 20_000 } });
    const trace = runJob(job).properties.find((property) => property.verdict === "violated")?.trace as TraceReport;
    expect(trace.steps.map(({ visible }) => visible !== undefined)).toEqual([true, false]);
    expect(await executeHere(trace)).toEqual({ verdict: "incomplete", differing: [] });
  }, 600_000);

  test("the trace of a mistake becomes a C program, and the running kernel differs from it", async () => {
    // The copied page remains counted as mapped.
    const patch = mistake("mm/memory.c", [/folio_remove_rmap_pte\(old_folio, vmf->page, vma\);/, ";"]);
    const module = await treeImage(CONFIG, patch);
    const job = imageJob(module, { config: CONFIG, bounds: { mms: 2, lockstep: 0 }, budget: { maxStates: 20_000 } });
    const trace = runJob(job).properties.find((property) => property.verdict === "violated")?.trace as TraceReport;
    expect(trace.reproduce).toContain("foliocheck repro FILE > repro.c");
    const { differing, verdict } = await executeHere(trace);
    expect(verdict).toBe("violated");
    expect(differing).toContainEqual(expect.stringMatching(/: mapcount$/));
    const { status, out } = programOf(trace);
    expect(status).toBe(1);
    expect(out).toMatch(/^# mm \d vma 0 entry \d: mapcount is 1, the trace says 2$/m);
    expect(out).toContain("# The kernel does not do what the trace shows");
  }, 600_000);
});
