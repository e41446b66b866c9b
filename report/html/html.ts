/** Reports as one HTML file, which needs no network and no server. */
import type { LiveReport } from "../../live/run/report.ts";
import type { Report, TraceReport } from "../../verify/report/report.ts";
import type { ReplayReport } from "../../verify/trace/replay.ts";
import type { ContentSource } from "./content.ts";
import { documentOf } from "./document.ts";
import { gateContent } from "./gate.ts";
import { liveContent } from "./live.ts";
import { replayContent } from "./replay.ts";
import { searchContent } from "./search.ts";

/** Options of the reporter. */
export interface HtmlOptions {
  /** Returns the name of the file that contains a trace, for the commands that read it. */
  readonly traceFile?: (trace: TraceReport) => string | undefined;
  /** Lines of the tree's files, which are embedded. */
  readonly sources?: readonly ContentSource[];
}

/** Formats a report of searches or of a gate. */
export function html(report: Report, { traceFile = () => undefined, sources = [] }: HtmlOptions): string {
  return documentOf(
    report.command === "gate" ? gateContent(report, traceFile, sources) : searchContent(report, traceFile, sources),
  );
}

/** Formats a report on a walk on a running kernel. */
export function htmlLive(report: LiveReport, { traceFile }: { readonly traceFile?: string }): string {
  return documentOf(liveContent(report, traceFile));
}

/** Formats a report on a replay. */
export function htmlReplay(report: ReplayReport, { file }: { readonly file: string }): string {
  return documentOf(replayContent(report, file));
}
