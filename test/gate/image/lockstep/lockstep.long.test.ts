/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. The model agrees with
 * the tree, and a model with a mistake does not.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { searchRevised } from "../../../../explore/search/revised.ts";
import type { SearchResult } from "../../../../explore/search/search.ts";
import { clangOnPath } from "../../../../gate/compile/native-clang.ts";
import { buildImage } from "../../../../gate/image/build/build-image.ts";
import { openCompiler } from "../../../../gate/image/build/clang-choice.ts";
import type { LockstepCount } from "../../../../gate/image/lockstep/lockstep.ts";
import { imageMachine } from "../../../../gate/image/machine/image-machine.ts";
import { compileImage, EXPLORED_LAYOUT, type ImageModule } from "../../../../gate/image/module/image-module.ts";
import { configurationOf, gateConfig } from "../../../../gate/unit/configurations.ts";
import type { AnyModel } from "../../../../machines/machine.ts";
import type { Kernel, KernelPatch } from "../../../../model/kernel/kernel.ts";
import { baseKernelNamed } from "../../../../model/kernels/base-kernels.ts";
import { boundsWithin } from "../../../../verify/job/job.ts";
import { testCacheFolder } from "../../cache-folder.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
const CONFIGURATION = configurationOf("page-mapcount,32bit,mm-id");

interface Explored {
  readonly result: SearchResult;
  readonly model: AnyModel;
  readonly counts: readonly LockstepCount[];
}

describe.skipIf(TREE === "" || clangOnPath() === undefined)(
  "the model in lockstep with an image of a kernel tree",
  () => {
    let image: ImageModule;
    let base: Kernel;

    beforeAll(async () => {
      const compiler = await openCompiler({ kind: "auto" });
      const request = { tree: TREE, configuration: CONFIGURATION, compiler, layout: EXPLORED_LAYOUT };
      image = await compileImage(await buildImage({ ...request, cacheFolder: testCacheFolder }));
      base = baseKernelNamed(image.modelKernel)?.build(gateConfig(CONFIGURATION)) as Kernel;
    });

    function explored(bounds: Record<string, number>, maxStates: number, mistake: KernelPatch = {}): Explored {
      const machine = imageMachine(image);
      const model = machine.build(boundsWithin(machine, { ...bounds, lockstep: 1 }), { ...base, ...mistake });
      const { result } = searchRevised(model, { symmetry: false, budget: { maxStates } });
      return { result, model, counts: machine.compared() ?? [] };
    }

    /** Returns the ids of violated properties. */
    function violated({ result, model }: Explored): readonly (string | undefined)[] {
      return result.violations.map(({ property }) => model.properties[property]?.id);
    }

    test.each<[Record<string, number>, readonly string[]]>([
      [{ move: 1, unmap: 1, split: 1 }, ["write", "fork", "exit", "dontneed", "munmap", "mremap", "split", "shrink"]],
      [{ mms: 3, migrate: 1 }, ["migrateBegin", "migrateFinish", "migrateUndo"]],
    ])("image and model agree with bounds %o", (bounds, operations) => {
      const run = explored(bounds, 4000);
      expect(violated(run)).toEqual([]);
      const compared = run.counts.filter((count) => count.compared > 0).map(({ operation }) => operation);
      expect(compared).toEqual(expect.arrayContaining([...operations]));
    });

    test.each<[string, (base: Kernel) => KernelPatch, Record<string, number>?]>([
      [
        "a fork that leaves pages exclusive",
        (right) => ({
          dupPageMapping(folio, page) {
            right.dupPageMapping.call(this, folio, page, false);
          },
        }),
      ],
      [
        "an unmapping that keeps a reference",
        (right) => ({
          folioPutRefs(folio, refs) {
            return right.folioPutRefs.call(this, folio, Math.max(refs - 1, 1));
          },
        }),
      ],
      ["no reuse of large folios", () => ({ wpCanReuseLargeAnonFolio: () => false })],
      ["no queue of partially mapped folios", () => ({ deferredSplitFolio() {} })],
      ["a split that does not map pages again", () => ({ remapPage() {} }), { split: 1 }],
      ["a migration that never moves a folio", () => ({ moveToNewFolio: () => false }), { migrate: 1 }],
    ])("the image differs from a model with %s", (_, mistake, bounds = {}) => {
      const run = explored(bounds, 4000, mistake(base));
      expect(violated(run)).toEqual(["LOCKSTEP"]);
    });
  },
);
