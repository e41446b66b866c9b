/** Execution of a command's jobs: progress, interrupts, the report and the requested files. */

import { sourcesOf } from "../report/html/source-lines.ts";
import { itf } from "../report/json/itf.ts";
import { json } from "../report/json/json.ts";
import { REPORTERS } from "../report/reporters.ts";
import { firstTraceOf } from "../report/text/findings.ts";
import { describeUnwritten } from "../report/text/unwritten.ts";
import { prepareFolder } from "../verify/checkpoints.ts";
import type { Job } from "../verify/job/job.ts";
import { Pool } from "../verify/pool.ts";
import type { GateReport, Provenance, Report, RunReport, SuiteReport } from "../verify/report/report.ts";
import { BLOB_VERSION, type Blob } from "../verify/shard/blob.ts";
import type { Shard } from "../verify/shard/shard.ts";
import { deliver, type FileContent } from "./delivery.ts";
import type { ReadSource } from "./embed-source-option.ts";
import { exitCodeOf } from "./exit-code.ts";
import { untilInterrupted } from "./interrupts.ts";
import { OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { type OpenReport, openReports } from "./reporter-option.ts";
import { showingRuns } from "./run-progress.ts";
import type { SearchOptionValues } from "./search-options.ts";
import type { ShardReporterName } from "./shard-option.ts";

/** Output files of a command, checked before the work begins. */
interface Outputs {
  readonly reports: readonly OpenReport<ShardReporterName>[];
  readonly traceOutput: OutputFile | undefined;
  /** Files whose contents do not depend on the report. */
  readonly others?: readonly FileContent[];
  /** Returns the text of a file of the tree, to be embedded in HTML reports; absent if it is not requested. */
  readonly source?: ReadSource;
}

/** Options of a report. */
type ReportOptions = Pick<SearchOptionValues<ShardReporterName>, "reporter" | "output" | "traceOut">;

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
 * @param summarize creates the report from the runs' reports and the elapsed seconds; of a shard, also its results
 * @param more provenance of the report, and other files to write
 * @returns the exit code
 */
export async function runAndReport(
  jobs: readonly Job[],
  options: SearchOptionValues<ShardReporterName> & { readonly workers: number },
  summarize: (runs: readonly RunReport[], seconds: number) => Report | ShardReport,
  more: {
    readonly provenance: Provenance;
    readonly files?: readonly FileContent[];
    readonly source?: ReadSource | undefined;
  },
): Promise<number> {
  const { provenance, files = [], source } = more;
  const outputs = { ...openOutputs(options), others: files, ...(source === undefined ? {} : { source }) };
  const { checkpoint, spill } = options;
  if (checkpoint !== undefined) {
    prepareFolder(checkpoint, "keep checkpoints in");
  }
  if (spill !== undefined) {
    prepareFolder(spill, "move states to");
  }
  const started = performance.now();
  const folders = {
    ...(checkpoint !== undefined && { checkpoints: checkpoint }),
    ...(spill !== undefined && { spill }),
  };
  const withFolders = jobs.map((job) => ({ ...job, ...folders }));
  const display = new ProgressDisplay(options.progress);
  const runs = await runUntilInterrupted(withFolders, options.workers, display);
  const unwritten = runs.flatMap((run) => (run.unwritten === undefined ? [] : [describeUnwritten(run.unwritten)]));
  const summary = summarize(runs, (performance.now() - started) / 1000);
  const { report, part } = "report" in summary ? summary : { report: summary, part: undefined };
  return writeReport({ ...report, provenance }, outputs, { unwritten, ...(part === undefined ? {} : { part }) });
}

/** Report of a shard, with the results that a merge needs. */
interface ShardReport {
  readonly report: SuiteReport | GateReport;
  readonly part: ShardPart;
}

/** A shard and its results. */
export interface ShardPart {
  readonly shard: Shard;
  /** JSON values. */
  readonly content: unknown;
}

/**
 * Writes the report in each requested format, and its first trace if requested.
 *
 * @param more other failed writes, in one line each; for a command with shards, the results for reporter `blob`
 * @returns the exit code
 */
export function writeReport(
  report: Report,
  { reports, traceOutput, others = [], source }: Outputs,
  { unwritten = [], part }: { readonly unwritten?: readonly string[]; readonly part?: ShardPart } = {},
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
    text: (format, { written, ...print }) =>
      format === "blob"
        ? blobText(report, part)
        : REPORTERS[format](report, {
            ...print,
            sources,
            traceFile: (each) =>
              each === trace && traceOutput !== undefined && written.has(traceOutput) ? traceOutput.name : undefined,
          }),
    files: [...traceFile, ...others],
    unwritten,
    code: exitCodeOf(report.verdict),
  });
}

/** @throws RangeError for a report of a command without shards */
function blobText({ command, provenance, seconds, peakMemoryBytes }: Report, part: ShardPart | undefined): string {
  if (part === undefined || provenance === undefined || command === "check") {
    throw new RangeError(`a report of ${command} has no blob`);
  }
  const { shard, content } = part;
  const format = "foliocheck-blob";
  const blob: Blob = { format, version: BLOB_VERSION, command, shard, provenance, seconds, peakMemoryBytes, content };
  return `${JSON.stringify(blob)}\n`;
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
