/** Extraction of the base of a change. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ExtractedTrees, extractTrees } from "../../../gate/preparation/extract-units.ts";
import type { ChangedCode } from "../../../gate/tree/changed-code.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { added, type Change, instead, OWN_KERNEL, treeWith } from "../tree-copy.ts";

const BOTH = ["page-mapcount,64bit,mm-id", "no-page-mapcount,64bit,mm-id"].map(configurationOf);

async function extracted(
  changes: readonly Change[],
  baseChanges: readonly Change[],
  onChange?: (change: ChangedCode) => void,
): Promise<ExtractedTrees> {
  const tree = treeWith(changes);
  return extractTrees({ tree, base: treeWith(baseChanges), configurations: BOTH }, onChange);
}

describe("extractTrees() with a base", () => {
  test("extracts a unit of the base for each configuration of the tree", async () => {
    const { units, base } = await extracted([added("mm/rmap.c", "int spare;")], []);
    expect(base !== undefined && "units" in base && base.units.map((each) => each?.configuration)).toEqual(BOTH);
    expect(units.map(({ configuration }) => configuration)).toEqual(BOTH);
  });

  test("uses the tree without the patch as the base of a patch", async () => {
    const [first = ""] = readFileSync(`${OWN_KERNEL}/mm/rmap.c`, "utf8").split("\n");
    const text = `--- a/mm/rmap.c\n+++ b/mm/rmap.c\n@@ -1,1 +1,2 @@\n ${first}\n+#define SPARE 1\n`;
    const { units, base } = await extractTrees({
      tree: OWN_KERNEL,
      patch: { name: "p", text },
      configurations: BOTH.slice(0, 1),
    });
    const alone = await extractTrees({ tree: OWN_KERNEL, configurations: BOTH.slice(0, 1) });
    expect(base !== undefined && "units" in base && base.units[0]?.source).toBe(alone.units[0]?.source);
    expect(units[0]?.source).not.toBe(alone.units[0]?.source);
    expect(alone.base).toBeUndefined();
  });

  test("extracts no unit for a configuration that the base does not have", async () => {
    const withoutOption: Change[] = ["mm/rmap.c", "mm/page_alloc.c", "mm/internal.h", "mm/memory.c", "mm/huge_memory.c"]
      .concat(["include/linux/rmap.h", "include/linux/mm.h", "include/linux/mm_types.h", "include/linux/page-flags.h"])
      .concat(["fs/proc/internal.h"])
      .map((file) => [file, (text) => text.replace(/CONFIG_(?:NO_)?PAGE_MAPCOUNT/g, "CONFIG_OTHER")]);
    const { base } = await extracted([], withoutOption);
    expect(base !== undefined && "units" in base && base.units.map((each) => each !== undefined)).toEqual([
      false,
      true,
    ]);
  });

  test("extracts the tree and reports the change if the base cannot be gated", async () => {
    const changes: ChangedCode[] = [];
    const tooOld: Change = [
      "include/linux/rmap.h",
      (text) => text.replaceAll("_return_large_mapcount", "_return_mapcount"),
    ];
    const { units, base } = await extracted([], [tooOld], (change) => changes.push(change));
    expect(units).toHaveLength(2);
    expect(base).toEqual({ refusal: expect.stringContaining("has no MM owner tracking of large folios") });
    expect(changes.map(({ functions }) => functions.length > 0)).toEqual([true]);
  });
});

describe("extractTrees() with a base tree", () => {
  const FILE = "mm/mlock.c";
  const FUNCTION = "int mlocked(int n)\n{\n\treturn n;\n}\n";
  const functionsOf = async (changes: readonly Change[], baseChanges: readonly Change[]): Promise<string[]> => {
    const { units } = await extracted(changes, baseChanges);
    return units[0]?.change?.functions.map(({ name, status }) => `${status} ${name}`) ?? [];
  };
  const whole: Change = ["mm/Makefile", () => "obj-y := rmap.o\n"];

  test("compares all C files of the folders, also files that the gate does not read", async () => {
    const before: Change = [FILE, () => FUNCTION];
    expect(await functionsOf([before, instead(FILE, "return n", "return n + 1")], [before])).toEqual([
      "changed mlocked",
    ]);
    const { units } = await extracted([], []);
    expect(units[0]?.change?.folders).toEqual(["include/linux", "mm", "fs/proc"]);
  });

  test("reports a removed or new file only if both trees are whole, and not folders with only the files that the gate reads", async () => {
    const file: Change = [FILE, () => FUNCTION];
    expect(await functionsOf([], [file])).toEqual([]);
    expect(await functionsOf([whole], [whole, file])).toEqual(["removed mlocked"]);
    expect(await functionsOf([whole, file], [whole])).toEqual(["new mlocked"]);
  });
});
