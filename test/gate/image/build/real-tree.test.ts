/**
 * Requires a kernel source tree: `FOLIOCHECK_KERNEL_TREE=/path/to/linux npx vitest run test/gate/image/build`. The
 * repository contains nothing of the tree, and nothing is written to it.
 */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../../gate/compile/native-clang.ts";
import { buildImage } from "../../../../gate/image/build/build-image.ts";
import { openCompiler } from "../../../../gate/image/build/clang-choice.ts";
import { configurationOf } from "../../../../gate/unit/configurations.ts";
import { testCacheFolder } from "../../cache-folder.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"];

describe.skipIf(TREE === undefined || clangOnPath() === undefined)(
  "a kernel tree (FOLIOCHECK_KERNEL_TREE) and a native clang",
  () => {
    test.each(["page-mapcount,32bit,mm-id", "no-page-mapcount,64bit,mm-id"])(
      "a kernel tree builds to an image: %s",
      async (words) => {
        const image = await buildImage({
          tree: TREE ?? "",
          configuration: configurationOf(words),
          compiler: await openCompiler({ kind: "auto" }),
          cacheFolder: testCacheFolder,
        });
        expect(image.files).toEqual(expect.arrayContaining(["mm/memory.c", "mm/rmap.c", "lib/maple_tree.c"]));
        expect(image.inputs).toEqual(expect.arrayContaining(["mm/migrate.c", "mm/internal.h", "include/linux/rmap.h"]));
        expect(image.linkerWarnings).toEqual([]);
      },
    );
  },
);
