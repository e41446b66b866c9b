import { describe, expect, test } from "vitest";
import { imageFiles } from "../../../../gate/image/build/image-files.ts";
import { autoconfHeader, kernelOptions } from "../../../../gate/image/build/kernel-options.ts";

const HUGE = kernelOptions({ pageMapcount: true, is64Bit: false, mmId: true });
const SMALL = kernelOptions({ pageMapcount: true, is64Bit: true, mmId: false });

describe("the files of an image", () => {
  test("imageFiles() returns only files that the tree has", () => {
    const all = imageFiles(() => true, HUGE);
    expect(imageFiles((file) => file !== "mm/vma_exec.c", HUGE)).toEqual(
      all.filter((file) => file !== "mm/vma_exec.c"),
    );
    expect(all).toContain("mm/vma_exec.c");
    expect(imageFiles(() => false, HUGE)).toEqual([]);
  });

  test("imageFiles() returns only files that the kernel builds with the options", () => {
    expect(imageFiles(() => true, HUGE)).not.toContain("mm/pt_reclaim.c");
    expect(imageFiles(() => true, SMALL)).toContain("mm/pt_reclaim.c");
  });
});

test("autoconfHeader() defines a macro for each option of a configuration", () => {
  const lines = (options: typeof HUGE): readonly string[] => autoconfHeader(options).split("\n");
  expect(lines(HUGE)).toEqual(
    expect.arrayContaining(["#define CONFIG_MM_ID 1", "#define CONFIG_PAGE_MAPCOUNT 1", "#define CONFIG_NR_CPUS 3"]),
  );
  expect(lines(HUGE)).not.toContain("#define CONFIG_64BIT 1");
  expect(lines(SMALL)).toContain("#define CONFIG_64BIT 1");
  expect(autoconfHeader(SMALL)).not.toMatch(/MM_ID|TRANSPARENT_HUGEPAGE|THP_SWAP/);
  expect(autoconfHeader(kernelOptions({ pageMapcount: false, is64Bit: true, mmId: true }))).toContain(
    "NO_PAGE_MAPCOUNT",
  );
});
