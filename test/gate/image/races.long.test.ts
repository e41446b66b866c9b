/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. Races of two operations:
 * what a tree has, and mistakes that only another CPU shows.
 */
import { describe, expect, test } from "vitest";
import type { Patch } from "../../../gate/change/patch.ts";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import type { PropertyReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { mistakePatch } from "./mistake-patch.ts";
import { RACE_MISTAKES } from "./race-mistakes.ts";
import { TREE, treeImage } from "./tree-image.ts";

const CONFIG = "page-mapcount,32bit,mm-id";

/** Returns the violated properties. */
async function violated(bounds: Bounds, patch?: Patch): Promise<readonly PropertyReport[]> {
  const image = await treeImage(CONFIG, patch);
  const { properties } = runJob(imageJob(image, { config: CONFIG, bounds: { lockstep: 0, ...bounds }, budget: {} }));
  return properties.filter(({ verdict }) => verdict === "violated");
}

/** Formats a property, with the report of kernel or harness, without the line of an assertion. */
const shownAs = ({ id, trace }: PropertyReport): string =>
  trace?.warning === undefined ? id : `${id}: ${diagnosticText(trace.warning).replace(/ at .*/, "")}`;

/** R10: migration queues the new folio for splitting after processes map it again. */
const R10 = "KERNEL: WARN in deferred_split_folio()";

describe.skipIf(TREE === "" || clangOnPath() === undefined)("two CPUs in the image of a tree", () => {
  test("an image without races, and the same with races as last steps, differ in R10 alone, if at all", async () => {
    const bounds = { mms: 1, migrate: 1, split: 1, steps: 3 };
    expect((await violated(bounds)).map(shownAs)).toEqual([]);
    const raced = await violated({ ...bounds, race: 1 });
    expect([[], [R10]]).toContainEqual(raced.map(shownAs));
    for (const { trace } of raced) {
      expect(trace?.steps.map(({ action }) => action)).toEqual(["write", "migrateBegin", "race"]);
    }
  });

  test("executions that continue after a race violate no property", async () => {
    expect((await violated({ mms: 1, free: 1, steps: 2, race: 2, afterrace: 1 })).map(shownAs)).toEqual([]);
  });

  test.each(RACE_MISTAKES.map((mistake) => [`in ${mistake.in}(): ${mistake.what}`, mistake] as const))(
    "a mistake that only another CPU shows is found, %s",
    async (_, mistake) => {
      const patch = mistakePatch(mistake);
      const { race: _race, ...alone } = mistake.group;
      expect((await violated(alone, patch)).map(shownAs)).toEqual([]);
      const found = await violated(mistake.group, patch);
      expect(found.map(shownAs)).toContain(mistake.by);
      expect(found[0]?.trace?.steps.at(-1)?.action).toBe("race");
    },
  );
});
