/** Total line coverage of the files of an mm image. */

import { countLines, type FileCoverage } from "../gate/image/module/coverage.ts";
import type { NotChecked } from "../invariants/not-checked.ts";

/** Numbers of lines, summed over files. */
export interface LineCounts {
  /** Lines that have code. */
  readonly code: number;
  /** Lines with code that a run reached. */
  readonly reached: number;
}

/** Sums the line counts of files. */
export function lineCounts(files: readonly FileCoverage[]): LineCounts {
  const sum = (of: (file: FileCoverage) => number): number => files.reduce((total, file) => total + of(file), 0);
  return { code: sum(({ code }) => countLines(code)), reached: sum(({ reached }) => countLines(reached)) };
}

/** Reports the lines with code that no operation reached; empty if all were reached. */
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
