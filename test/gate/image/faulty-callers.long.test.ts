/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. Mistakes in callers are
 * found. A mistake is a change of a few words; the repository contains nothing of the tree.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { type FileCoverage, hasLine } from "../../../gate/image/module/coverage.ts";
import type { ImageModule } from "../../../gate/image/module/image-module.ts";
import { IMAGE_BOUNDS } from "../../../gate/image/world/image-bounds.ts";
import { imageRuns } from "../../../gate/run/image-plan.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import type { Job } from "../../../verify/job/job.ts";
import type { PropertyReport, RunReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { treeFunctionsOf } from "../../../verify/trace/tree-trace.ts";
import { mistakesPage, type TriedMistake } from "../../docs/mistakes-page.ts";
import type { CallerMistake } from "./caller-mistake.ts";
import { CALLER_MISTAKES } from "./caller-mistakes.ts";
import { mistakePatch } from "./mistake-patch.ts";
import { TREE, treeImage, treeRelease } from "./tree-image.ts";

const CONFIG = "page-mapcount,32bit,mm-id";
/** Version of the tree in docs/image-mistakes.md. */
const DOCUMENTED = "6.18.35";

async function explored(bounds: Bounds, maxStates: number): Promise<RunReport> {
  return runJob(imageJob(await treeImage(CONFIG), { config: CONFIG, bounds, budget: { maxStates } }));
}

/** Returns the jobs of the gate in a profile, without races. */
const jobsOf = (image: ImageModule, profile: string): readonly Job[] =>
  imageRuns(image, configurationOf(CONFIG), { profile, budget: { maxStates: Number.POSITIVE_INFINITY } })
    .map(({ job }) => job)
    .filter(({ bounds }) => bounds["race"] === 0);

/** Bounds that do not distinguish groups of operations. */
const OF_ALL_GROUPS = ["steps", "lockstep"];

/** Returns the job of the gate with the operations of a group. */
function jobWith(image: ImageModule, profile: string, group: Bounds): Job {
  const names = IMAGE_BOUNDS.filter(({ name }) => !OF_ALL_GROUPS.includes(name));
  const job = jobsOf(image, profile).find(({ bounds }) =>
    names.every(({ name, default: usual }) => bounds[name] === (group[name] ?? usual)),
  );
  if (job === undefined) {
    throw new Error(`no group of ${profile} has the bounds ${JSON.stringify(group)}`);
  }
  return job;
}

const violated = ({ properties }: RunReport): readonly PropertyReport[] =>
  properties.filter(({ verdict }) => verdict === "violated");

/** Formats a property, with the forbidden report of the kernel or the harness. */
function shownAs({ id, trace }: PropertyReport): string {
  return trace?.warning === undefined ? id : `${id}: ${diagnosticText(trace.warning)}`;
}

/** Returns the first line of a file that calls a function. */
const lineIn = (file: string, name: string): number =>
  readFileSync(join(TREE, file), "utf8")
    .split("\n")
    .findIndex((line) => new RegExp(`^\\t.*\\b${name}\\(`).test(line)) + 1;

describe.skipIf(TREE === "" || clangOnPath() === undefined)("an image of a kernel tree", () => {
  test("an image with one process satisfies all properties in every state", async () => {
    const { verdict, properties } = await explored({ mms: 1 }, Number.POSITIVE_INFINITY);
    expect(properties.filter((each) => each.verdict !== "holds").map(({ id }) => id)).toEqual([]);
    expect(verdict).toBe("holds");
  });

  test("an image satisfies all properties in all groups of operations of profile quick", async () => {
    const reports = jobsOf(await treeImage(CONFIG), "quick").map((job) => runJob(job));
    expect(reports.flatMap(violated).map(shownAs)).toEqual([]);
  });

  test("an image with two processes reaches the copy of a page, and one with a single process does not", async () => {
    const copy = "__wp_page_copy_user";
    const reachedWith = async (mms: number): Promise<readonly string[]> => {
      const { reached = [], coverage = [] } = await explored({ mms }, 300);
      const { code, reached: lines } = coverage.find(({ file }) => file === "mm/memory.c") as FileCoverage;
      expect(hasLine(code, lineIn("mm/memory.c", copy))).toBe(true);
      expect(hasLine(lines, lineIn("mm/memory.c", copy))).toBe(reached.includes(copy));
      return reached;
    };
    expect(await reachedWith(1)).not.toContain(copy);
    const two = await reachedWith(2);
    expect(two).toEqual(expect.arrayContaining([copy, "do_wp_page", "folio_add_new_anon_rmap"]));
    // The first process is created at boot.
    expect(two).not.toContain("do_mmap");
  });

  test("reports operations that would block, and the dependence of pagemap on the head page of a PMD mapping", async () => {
    const { notChecked, properties } = await explored({ migrate: 1 }, 1000);
    expect(notChecked.map(notCheckedText)).toContainEqual(
      expect.stringMatching(/^operations that would block .* write \d+/),
    );
    expect(properties.find(({ id }) => id === "C15.pagemap-pmd")?.trace?.steps).toHaveLength(3);
  });
});

describe.skipIf(TREE === "" || clangOnPath() === undefined)("a mistake in a caller", () => {
  const tried: TriedMistake[] = [];
  /** From the changed text to the verdict. */
  const seconds: number[] = [];

  const keep = (mistake: CallerMistake, report: RunReport): void => {
    const shown = violated(report);
    tried.push({
      mistake,
      verdict: report.verdict,
      shownBy: shown.map(shownAs),
      steps: shown[0]?.trace?.steps.length ?? 0,
      states: report.states,
    });
  };

  const titled = CALLER_MISTAKES.map(
    (mistake) => [`in ${mistake.in}() of ${mistake.file}: ${mistake.what}`, mistake] as const,
  );

  test.each(titled)("%s", async (_title, mistake) => {
    const { outcome } = mistake;
    const start = performance.now();
    const image = await treeImage(CONFIG, mistakePatch(mistake));
    if (outcome.kind === "survives") {
      const reports = jobsOf(image, "quick").map((job) => runJob(job));
      expect(reports.flatMap(violated).map(shownAs)).toEqual([]);
      keep(mistake, reports[0] as RunReport);
      return;
    }
    const report = runJob(jobWith(image, outcome.profile ?? "quick", outcome.group));
    seconds.push((performance.now() - start) / 1000);
    keep(mistake, report);
    expect(report.verdict).toBe("violated");
    const shown = violated(report);
    expect(shown.map(({ id }) => id)).toContain(outcome.by);
    const steps = shown[0]?.trace?.steps ?? [];
    expect(steps.length).toBeLessThanOrEqual(6);
    if (steps.some(({ functions }) => functions.some(({ leftOut = 0 }) => leftOut > 0))) {
      return;
    }
    // Reading /proc for a claim is no step.
    expect(steps.flatMap(treeFunctionsOf)).toContain(
      mistake.file.startsWith("fs/proc/") && mistake.in.endsWith("_entry") ? "handle_mm_fault" : mistake.in,
    );
  });

  test("finds at least nine of ten mistakes, and at least ten in each of four files", () => {
    for (const file of ["mm/memory.c", "mm/huge_memory.c", "mm/rmap.c", "mm/migrate.c"]) {
      const found = CALLER_MISTAKES.filter((each) => each.file === file && each.outcome.kind === "found");
      expect(found.length).toBeGreaterThanOrEqual(10);
    }
    const found = CALLER_MISTAKES.filter(({ outcome }) => outcome.kind === "found");
    expect(found.length / CALLER_MISTAKES.length).toBeGreaterThanOrEqual(0.9);
  });

  // This test writes the page: after a change, run `npx vitest run test/gate/image/faulty-callers.long.test.ts -u`.
  test.skipIf(TREE === "" || treeRelease() !== DOCUMENTED)(
    "docs/image-mistakes.md lists the mistakes with their outcomes",
    async () => {
      await expect(mistakesPage(DOCUMENTED, CONFIG, tried)).toMatchFileSnapshot("../../../docs/image-mistakes.md");
    },
  );

  afterAll(() => {
    const sorted = seconds.toSorted((a, b) => a - b);
    const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
    console.log(
      `${sorted.length} mistakes found; from edit to verdict in s: median ${at(0.5)}, nine of ten ${at(0.9)}, all ${at(1)}`,
    );
  });
});
