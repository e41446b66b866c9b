/** Table of line coverage, a file each. */
import type { FileCoverage } from "../../gate/image/module/coverage.ts";
import { lineCounts } from "../../verify/image-coverage.ts";
import { codeCell, shareCell } from "./cells.ts";
import type { ContentTable } from "./content.ts";

/** Returns the table. */
export function coverageTable(coverage: readonly FileCoverage[]): ContentTable {
  const all = lineCounts(coverage);
  return {
    title: "Lines reached on mm images",
    notes: [`${all.reached} of ${all.code} lines that have code, over all files`],
    columns: [
      { title: "file" },
      { title: "reached", isNumber: true },
      { title: "with code", isNumber: true },
      { title: "share", isNumber: true },
    ],
    rows: coverage.map((file) => {
      const { code, reached } = lineCounts([file]);
      return [codeCell(file.file), reached, code, shareCell(reached, code)];
    }),
    isFolded: true,
  };
}
