import type { LiveReport } from "../../live/run/report.ts";
import { claimOf, differenceText, factsOf, referenceOf } from "../text/live.ts";
import { githubCommand } from "./search.ts";

/** Workflow commands, which GitHub Actions shows as annotations. */
export function githubLive(report: LiveReport): string {
  const { verdict, differences, stopped } = report;
  const facts = Object.entries(factsOf(report)).map(([name, value]) => `${name}: ${value}`);
  const lines = [
    ...differences.map((difference) =>
      githubCommand(
        "error",
        `foliocheck live: ${claimOf(report)}: no`,
        differenceText(difference, referenceOf(report.walk)),
      ),
    ),
    ...(stopped === undefined
      ? []
      : [githubCommand("warning", "foliocheck live: incomplete", "the walk ended before it was done")]),
    githubCommand("notice", `foliocheck live: ${verdict}`, facts.join("\n")),
  ];
  return `${lines.join("\n")}\n`;
}
