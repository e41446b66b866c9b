/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. Images without mm-id.
 */

import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import type { RunReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { TREE, treeImage } from "./tree-image.ts";

async function explored(config: string, bounds: Record<string, number>, maxStates: number): Promise<RunReport> {
  return runJob(imageJob(await treeImage(config), { config, bounds, budget: { maxStates } }));
}

describe.skipIf(TREE === "" || clangOnPath() === undefined)("an image without mm-id", () => {
  test.each(["page-mapcount,32bit,no-mm-id", "page-mapcount,64bit,no-mm-id"])(
    "an image without mm-id satisfies all properties, and has no claims about owner slots: %s",
    async (config) => {
      const { verdict, properties, actions, notChecked } = await explored(config, { mms: 1, split: 1 }, 1000);
      expect(verdict).toBe("holds");
      const ids = properties.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(["C1", "C7", "C9", "C11", "C13", "RSS.anon"]));
      expect(ids.filter((id) => ["C2", "C3", "C4", "C5.slots", "C8", "C20"].includes(id))).toEqual([]);
      expect(notChecked.map(notCheckedText)).toContainEqual(
        expect.stringContaining("without mm-id: C2, C3, C4, C5.slots, C8, C20, "),
      );
      expect(actions.map(({ name }) => name)).toEqual(["write", "read", "fork", "exit", "dontneed"]);
    },
  );

  test("an image without mm-id migrates and reclaims small folios in agreement with the model", async () => {
    const bounds = { mms: 2, migrate: 1, free: 1, protect: 1 };
    const { properties, reached = [] } = await explored("page-mapcount,32bit,no-mm-id", bounds, 5000);
    expect(properties.filter(({ verdict }) => verdict === "violated")).toEqual([]);
    expect(reached).toEqual(expect.arrayContaining(["remove_migration_pte", "do_wp_page", "try_to_unmap_one"]));
  });
});
