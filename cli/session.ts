/** Execution of a command's jobs: progress, interrupts, the report and the requested files. */

import { sourcesOf } from "../report/html/source-lines.ts";
import { itf } from "../report/json/itf.ts";
import { json } from "../report/json/json.ts";
import { REPORTERS, type ReporterName } from "../report/reporters.ts";
import { firstTraceOf } from "../report/text/findings.ts";
import { describeUnwritten } from "../report/text/unwritten.ts";
import { prepareFolder } from "../verify/checkpoints.ts";
import type { Job } from "../verify/job/job.ts";
import { Pool } from "../verify/pool.ts";
import type { Provenance, Report, RunReport } from "../verify/report/report.ts";
import { deliver, type FileContent } from "./delivery.ts";
import type { ReadSource } from "./embed-source-option.ts";
import { exitCodeOf } from "./exit-code.ts";
import { untilInterrupted } from "./interrupts.ts";
import { OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { type OpenReport, openReports } from "./reporter-option.ts";
import { showingRuns } from "./run-progress.ts";
import type { SearchOptionValues } from "./search-options.ts";

/** Output files of a command, checked before the work begins. */
interface Outputs {
  readonly reports: readonly OpenReport<ReporterName>[];
  readonly traceOutput: OutputFile | undefined;
  /** Files whose contents do not depend on the report. */
  readonly others?: readonly FileContent[];
  /** Returns the text of a file of the tree, to be embedded in HTML reports; absent if it is not requested. */
  readonly source?: ReadSource;
}

/** Options of a report. */
type ReportOptions = Pick<SearchOptionValues, "reporter" | "output" | "traceOut">;

/** Opens the output files. @throws UsageError when a file is not writable, or two are the same */
export function openOutputs(options: ReportOptions): Outputs {
  const { traceOut } = options;
  return {
    reports: openReports(options, [["--trace-out", traceOut]]),
    traceOutput: traceOut === undefined ? undefined : new OutputFile(traceOut),
  };
}

/**
 * Runs jobs and writes their report.
 *
 * @param summarize creates the report from the runs' reports and the elapsed seconds
 * @param more provenance of the report, and other files to write
 * @returns the exit code
 */
export async function runAndReport(
  jobs: readonly Job[],
  options: SearchOptionValues & { readonly workers: number },
  summarize: (runs: readonly RunReport[], seconds: number) => Report,
  more: {
    readonly provenance: Provenance;
    readonly files?: readonly FileContent[];
    readonly source?: ReadSource | undefined;
  },
): Promise<number> {
  const { provenance, files = [], source } = more;
  const outputs = { ...openOutputs(options), others: files, ...(source === undefined ? {} : { source }) };
  const { checkpoint } = options;
  if (checkpoint !== undefined) {
    prepareFolder(checkpoint);
  }
  const started = performance.now();
  const resumable = jobs.map((job) => (checkpoint === undefined ? job : { ...job, checkpoints: checkpoint }));
  const display = new ProgressDisplay(options.progress);
  const runs = await runUntilInterrupted(resumable, options.workers, display);
  const unwritten = runs.flatMap((run) => (run.unwritten === undefined ? [] : [describeUnwritten(run.unwritten)]));
  const report = summarize(runs, (performance.now() - started) / 1000);
  return writeReport({ ...report, provenance }, outputs, unwritten);
}

/**
 * Writes the report in each requested format, and its first trace if requested.
 *
 * @param unwritten other failed writes, in one line each
 * @returns the exit code
 */
export function writeReport(
  report: Report,
  { reports, traceOutput, others = [], source }: Outputs,
  unwritten: readonly string[] = [],
): Promise<number> {
  // The first trace of the report, whose replay command contains the file name.
  const trace = firstTraceOf(report);
  const traceFile =
    traceOutput !== undefined && trace !== undefined
      ? [{ file: traceOutput, content: traceOutput.name.endsWith(".itf.json") ? itf(trace) : json(trace) }]
      : [];
  const sources = source === undefined ? [] : sourcesOf(report, source);
  return deliver({
    reports,
    text: (format, { color, written }) =>
      REPORTERS[format](report, {
        color,
        sources,
        traceFile: (each) =>
          each === trace && traceOutput !== undefined && written.has(traceOutput) ? traceOutput.name : undefined,
      }),
    files: [...traceFile, ...others],
    unwritten,
    code: exitCodeOf(report.verdict),
  });
}

/** Runs jobs; the first interrupt ends them, and the results so far are reported. */
function runUntilInterrupted(jobs: readonly Job[], workers: number, display: ProgressDisplay): Promise<RunReport[]> {
  const show = showingRuns(display);
  return untilInterrupted({ onInterrupt: () => display.showInterrupted() }, async (signal) => {
    const pool = new Pool({
      workers,
      signal,
      onProgress: (index, search) => show(pool.progressOf(index, search)),
    });
    try {
      return await pool.run(jobs);
    } finally {
      pool.stop();
      display.clear();
    }
  });
}
