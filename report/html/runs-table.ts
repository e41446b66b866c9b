/** Table of runs. */
import type { RunReport } from "../../verify/report/report.ts";
import { formatBounds, formatKernel } from "../text/subject.ts";
import { codeCell, verdictCell } from "./cells.ts";
import type { ContentTable, TableCell } from "./content.ts";

/** Returns the table of runs. */
export function runsTable(runs: readonly RunReport[]): ContentTable {
  return {
    title: "Runs",
    columns: [
      { title: "", isNumber: true },
      { title: "machine" },
      { title: "verdict" },
      { title: "states", isNumber: true },
      { title: "transitions", isNumber: true },
      { title: "depth", isNumber: true },
      { title: "seconds", isNumber: true },
      { title: "configuration" },
      { title: "kernel" },
      { title: "bounds that are not 0" },
    ],
    rows: runs.map((run, i): TableCell[] => [
      i + 1,
      run.optimisation === undefined ? run.machine : `${run.machine} ${run.optimisation}`,
      verdictCell(run.verdict),
      run.states,
      run.transitions,
      run.depth,
      { text: run.seconds.toFixed(2), sort: run.seconds },
      codeCell(run.config),
      formatKernel(run),
      formatBounds(Object.fromEntries(Object.entries(run.bounds).filter(([, value]) => value !== 0))),
    ]),
    isFolded: true,
  };
}
