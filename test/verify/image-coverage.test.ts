import { expect, test } from "vitest";
import { lineCounts, linesNotReached } from "../../verify/image-coverage.ts";
import { imageRun } from "../report/fixtures.ts";

test("line counts are summed over files, and unreached lines are reported as not checked", () => {
  const { coverage = [] } = imageRun;
  expect(lineCounts(coverage)).toEqual({ code: 1109, reached: 6 });
  expect(linesNotReached(coverage)).toEqual([
    {
      subject: "1,103 of 1,109 lines that have code in the compiled files",
      reason: "no operation reached them; one that was not taken in the end counts",
      topic: "lines",
    },
  ]);
  expect(linesNotReached(coverage.filter(({ file }) => file === "mm/rmap.c"))).toEqual([]);
});
