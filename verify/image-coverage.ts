/** Coverage of the files of an image, in sums. */

import { countLines, type FileCoverage } from "../gate/image/module/coverage.ts";
import type { NotChecked } from "../invariants/not-checked.ts";

/** Numbers of lines of files. */
export interface LineCounts {
  /** Lines that have code. */
  readonly code: number;
  /** Those of them that were reached. */
  readonly reached: number;
}

/** The sums over files. */
export function lineCounts(files: readonly FileCoverage[]): LineCounts {
  const sum = (of: (file: FileCoverage) => number): number => files.reduce((total, file) => total + of(file), 0);
  return { code: sum(({ code }) => countLines(code)), reached: sum(({ reached }) => countLines(reached)) };
}

/** Lines that no operation reached, if there are any. */
export function linesNotReached(files: readonly FileCoverage[]): NotChecked[] {
  const { code, reached } = lineCounts(files);
  const left = code - reached;
  return left === 0
    ? []
    : [
        {
          subject: `${left.toLocaleString("en")} of ${code.toLocaleString("en")} lines that have code in the compiled files`,
          reason: "no operation reached them; one that was not taken in the end counts",
          topic: "lines",
        },
      ];
}
