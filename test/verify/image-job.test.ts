/** What runs on an mm image say of themselves. No image is run. */
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

describe("a run on an mm image", () => {
  const names = expect.stringContaining("code that tells MMs apart");

  test("says that its states are up to the order of processes, where there are several", () => {
    expect(notCheckedBy({ mms: 2 })).toContainEqual(names);
    expect(notCheckedBy({ mms: 1 })).not.toContainEqual(names);
  });

  test("does not say so where every state is counted", () => {
    expect(notCheckedBy({ mms: 2 }, false)).not.toContainEqual(names);
  });
});
