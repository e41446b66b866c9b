import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import type { ImageModule } from "../../../gate/image/module/image-module.ts";
import { longerExecutions } from "../../../gate/image/world/image-bounds.ts";
import { type ConfiguredImage, runGateImages } from "../../../gate/run/explore-images.ts";
import type { BaseImage } from "../../../gate/run/image-base.ts";
import { includesImages } from "../../../gate/run/image-plan.ts";
import { imageBaseNotChecked, imageClaimReports, imageNotChecked } from "../../../gate/run/image-report.ts";
import { isComplete } from "../../../gate/run/outcome.ts";
import { signatureOf } from "../../../gate/run/signature.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import type { Job } from "../../../verify/job/job.ts";
import type { Diagnostic } from "../../../verify/report/diagnostic.ts";
import type { RunReport, TraceReport } from "../../../verify/report/report.ts";

const CONFIGURATION = { pageMapcount: true, is64Bit: false, mmId: true };
const CONFIG = "page-mapcount,32bit,mm-id";
const REQUEST = { profile: "quick", budget: {} };
const TREE = { tree: "own" } as unknown as ImageModule;
const BASE = { tree: "base" } as unknown as ImageModule;
const NEVER = new Promise<undefined>(() => {});

const trace = (warning: Diagnostic): TraceReport =>
  ({ warning, machine: "image", steps: [{ action: "write" }, { action: "split" }] }) as unknown as TraceReport;

/** A run that stops at the first of the given warnings that is not accepted. */
function reportOf({ image, bounds }: Job, warnings: readonly Diagnostic[]): RunReport {
  const known = image?.known?.map(({ warning }) => warning) ?? [];
  const open = warnings.find((each) => !known.some((other) => isDeepStrictEqual(each, other)));
  return {
    machine: "image",
    config: CONFIG,
    bounds,
    states: 7,
    properties: [
      {
        id: "KERNEL",
        claim: "Nothing is wrong",
        verdict: open === undefined ? "holds" : "violated",
        trace: open === undefined ? null : trace(open),
      },
      { id: "C1", claim: "C1", verdict: open === undefined ? "holds" : "incomplete", trace: null },
    ],
    notChecked: [...(open === undefined ? [] : [{ subject: "everything after it" }]), ...longerExecutions(bounds)],
  } as unknown as RunReport;
}

/** Whether folios are split, and not migrated. */
const splits = ({ bounds }: Job): boolean => bounds["split"] === 1 && bounds["migrate"] !== 1;

/** The jobs that split folios have the warnings of tree and base. */
const runner =
  (own: readonly Diagnostic[], base: readonly Diagnostic[], seen: Job[] = []) =>
  async (jobs: readonly Job[]): Promise<RunReport[]> => {
    seen.push(...jobs);
    return jobs.map((job) => reportOf(job, !splits(job) ? [] : job.image?.module === BASE ? base : own));
  };

const image = (more: Partial<ConfiguredImage> = {}): ConfiguredImage => ({
  configuration: CONFIGURATION,
  module: Promise.resolve(TREE),
  ...more,
});

const warnIn = (name: string, file: string, line: number): Diagnostic => ({
  kind: "image",
  report: { kind: "assertion", severity: "WARN", function: name, place: { file, line } },
});

const WARN = warnIn("f", "mm/rmap.c", 12);

describe("the gate on mm images", () => {
  test("explores each group of operations, and does not continue past new findings", async () => {
    const seen: Job[] = [];
    const result = await runGateImages(
      [image()],
      REQUEST,
      runner([WARN, warnIn("g", "mm/a.c", 1)], [], seen),
      () => false,
      NEVER,
    );
    expect(seen.length).toBe(result.outcomes.length);
    expect(result.findings).toMatchObject([{ property: "KERNEL", mode: "image", config: CONFIG, cause: WARN }]);
    expect(result.outcomes.every(isComplete)).toBe(false);
  });

  test("continues past findings that the baseline accepts, and is then complete", async () => {
    const accepted = runGateImages([image()], REQUEST, runner([WARN], []), () => true, NEVER);
    expect(await accepted).toMatchObject({ findings: [{ cause: WARN }] });
    expect((await accepted).outcomes.every(isComplete)).toBe(true);
    expect(imageClaimReports((await accepted).outcomes)).toMatchObject([
      { id: "KERNEL", verdict: "violated", config: CONFIG },
      { id: "C1", verdict: "holds" },
    ]);
  });

  const withBase = (build: () => BaseImage = () => ({ kind: "compiled", module: BASE })): ConfiguredImage =>
    image({ base: async () => build() });

  test("continues past findings that tree and base have", async () => {
    const moved = warnIn("f", "mm/rmap.c", 99);
    const fresh = warnIn("g", "mm/a.c", 1);
    const { findings, base } = await runGateImages(
      [withBase()],
      REQUEST,
      runner([WARN, fresh], [warnIn("h", "mm/b.c", 3), moved]),
      () => false,
      NEVER,
    );
    expect(findings.map(({ cause, inBase }) => [cause, inBase])).toEqual([
      [WARN, true],
      [fresh, undefined],
    ]);
    // The tree has another violation of the property.
    expect(base).toMatchObject([{ config: CONFIG, cured: [] }]);
  });

  test("reports cured findings within the bounds of profile quick", async () => {
    const seen: Job[] = [];
    const { base, findings } = await runGateImages(
      [withBase()],
      { ...REQUEST, profile: "ci" },
      runner([], [WARN], seen),
      () => false,
      NEVER,
    );
    expect(findings).toEqual([]);
    expect(base).toMatchObject([{ cured: [{ property: "KERNEL", cause: WARN }] }]);
    const steps = (module: ImageModule): (number | undefined)[] =>
      seen.filter((each) => each.image?.module === module).map(({ bounds }) => bounds["steps"]);
    expect(steps(BASE)).toContain(5);
    expect(steps(TREE)).toContain(6);
    expect(steps(BASE)).not.toContain(6);
    expect(imageBaseNotChecked(base, { profile: "ci" }).map(notCheckedText)).toEqual([
      expect.stringMatching(/cures beyond/),
    ]);
    expect(imageBaseNotChecked(base, { profile: "quick" })).toEqual([]);
  });

  test("reports nothing as cured that a run of the tree left incomplete", async () => {
    const cutShort = async (jobs: readonly Job[]): Promise<RunReport[]> =>
      (await runner([], [WARN])(jobs)).map((report, i) =>
        jobs[i]?.image?.module === TREE ? { ...report, stopped: "max-states" as const } : report,
      );
    const { base } = await runGateImages([withBase()], REQUEST, cutShort, () => false, NEVER);
    expect(base).toMatchObject([{ cured: [] }]);
  });

  test("does not run a base with the same image, which has every finding", async () => {
    const { base, findings } = await runGateImages(
      [withBase(() => ({ kind: "same" }))],
      REQUEST,
      runner([WARN], []),
      () => false,
      NEVER,
    );
    expect(findings).toMatchObject([{ cause: WARN, inBase: true }]);
    expect(base).toMatchObject([{ outcomes: [], cured: [] }]);
  });

  test("reports that a base does not compile, and every finding as new", async () => {
    const { base, findings } = await runGateImages(
      [withBase(() => ({ kind: "refused", why: "mm/rmap.c:7: error: x" }))],
      REQUEST,
      runner([WARN], []),
      () => false,
      NEVER,
    );
    expect(findings.map(({ inBase }) => inBase)).toEqual([undefined]);
    expect(imageBaseNotChecked(base, { profile: "quick" }).map(notCheckedText)).toEqual([
      `On mm images: Which findings the base has, so that all count as new: its image does not compile in ${CONFIG}: mm/rmap.c:7: error: x`,
    ]);
  });

  test("skips an image that is not built at an interrupt", async () => {
    const unbuilt = image({ module: new Promise<ImageModule>(() => {}) });
    const { outcomes } = await runGateImages(
      [unbuilt],
      REQUEST,
      runner([], []),
      () => false,
      Promise.resolve(undefined),
    );
    expect(outcomes).toEqual([]);
  });

  test("is part of a whole gate, and of a gate of its machine", () => {
    expect(includesImages({})).toBe(true);
    expect(includesImages({ only: "image" })).toBe(true);
    expect(includesImages({ only: "rmap" })).toBe(false);
    expect(includesImages({ judge: "conformance" })).toBe(false);
    expect(includesImages({ image: false })).toBe(false);
  });

  test("has signatures without line numbers, and with the last operation", async () => {
    const { findings } = await runGateImages([image()], REQUEST, runner([WARN], []), () => false, NEVER);
    expect(findings.map(signatureOf)).toEqual(["KERNEL on image after split: WARN mm/rmap.c f"]);
  });

  test("reports once the maximum number of executed operations", async () => {
    const { outcomes } = await runGateImages([image()], REQUEST, runner([], []), () => false, NEVER);
    const sentences = imageNotChecked(outcomes, []).map(notCheckedText);
    expect(sentences).toEqual([
      expect.stringMatching(/^On mm images: executions of more operations than the steps of each run: \d/),
    ]);
  });
});
