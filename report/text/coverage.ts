/** Line coverage of an image's files as text. */
import type { FileCoverage } from "../../gate/image/module/coverage.ts";
import { lineCounts } from "../../verify/image-coverage.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { type Block, labelled } from "./block.ts";
import { formatCount, plural } from "./numbers.ts";
import { type Span, span } from "./styled-text.ts";
import { table } from "./table.ts";

/** Formats a table of the C files with reached lines; header files are summed up. */
export function coverageLines({ coverage }: Pick<RunReport, "coverage">): Block[] {
  if (coverage === undefined) {
    return [];
  }
  const sources = coverage.filter(isSource);
  const headers = coverage.filter((file) => !isSource(file));
  const reached = sources.filter((file) => file.reached.length > 0);
  const others = sources.filter((file) => file.reached.length === 0);
  return [
    [span("Lines reached", "strong")],
    ...table(
      [
        { title: "" },
        { title: "reached", align: "right" },
        { title: "with code", align: "right" },
        { title: "", align: "right" },
      ],
      [
        ...reached.map((file) => row(file.file, [file])),
        row(plural(headers.length, "header"), headers),
        row("all", coverage),
      ],
      2,
    ),
    ...(others.length === 0
      ? []
      : labelled(span("  no line of", "dim"), others.map(({ file }) => file).join(", "), INDENT, "dim")),
  ];
}

/** Indentation of the names of files without reached lines, in columns. */
const INDENT = 14;

function isSource({ file }: FileCoverage): boolean {
  return file.endsWith(".c");
}

function row(name: string, files: readonly FileCoverage[]): Span[] {
  const { code, reached } = lineCounts(files);
  const share = code === 0 ? "" : `${Math.floor((100 * reached) / code)} %`;
  return [span(name), span(formatCount(reached)), span(formatCount(code)), span(share, "dim")];
}
