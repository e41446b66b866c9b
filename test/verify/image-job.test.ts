/** Unchecked parts of jobs on an mm image. No image is executed. */
import { describe, expect, test } from "vitest";
import type { ImageModule } from "../../gate/image/module/image-module.ts";
import { imageJob, resolveImage } from "../../verify/job/image-job.ts";

const CONFIG = "page-mapcount,32bit,mm-id";

function notCheckedBy(bounds: Readonly<Record<string, number>>, symmetry?: boolean): readonly unknown[] {
  const module = {} as ImageModule;
  const job = imageJob(module, { config: CONFIG, bounds, budget: {}, ...(symmetry === undefined ? {} : { symmetry }) });
  const { definition, kernel } = resolveImage(job, { module });
  return definition.notChecked(job.bounds, kernel).map(({ subject }) => subject);
}

describe("unchecked parts of a run on an mm image", () => {
  const symmetry = expect.stringContaining("code that distinguishes MMs");

  test("a run with several processes reports that its states are up to their order", () => {
    expect(notCheckedBy({ mms: 2 })).toContainEqual(symmetry);
    expect(notCheckedBy({ mms: 1 })).not.toContainEqual(symmetry);
  });

  test("a run without symmetry does not report it", () => {
    expect(notCheckedBy({ mms: 2 }, false)).not.toContainEqual(symmetry);
  });
});
