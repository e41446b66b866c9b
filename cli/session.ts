/** Runs jobs for a command: progress, interrupts, the report and the files it asked for. */

import { itf } from "../report/json/itf.ts";
import { json } from "../report/json/json.ts";
import { REPORTERS } from "../report/reporters.ts";
import { firstTraceOf } from "../report/text/findings.ts";
import { describeUnwritten } from "../report/text/unwritten.ts";
import { prepareFolder } from "../verify/checkpoints.ts";
import type { Job } from "../verify/job/job.ts";
import { Pool } from "../verify/pool.ts";
import type { Provenance, Report, RunReport } from "../verify/report/report.ts";
import { deliver, type FileContent } from "./delivery.ts";
import { exitCodeOf } from "./exit-code.ts";
import { untilInterrupted } from "./interrupts.ts";
import { distinctFiles, OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { showingRuns } from "./run-progress.ts";
import type { SearchOptionValues } from "./search-options.ts";

/** Files that a report goes to, checked before the work begins. */
interface Outputs {
  readonly output: OutputFile | undefined;
  readonly traceOutput: OutputFile | undefined;
  /** Files whose contents are known before the report is. */
  readonly others?: readonly FileContent[];
}

/** How a report is asked for. */
type ReportOptions = Pick<SearchOptionValues, "reporter" | "output" | "traceOut">;

/** @throws UsageError when a file cannot be written, or two are one */
export function openOutputs({ output, traceOut }: ReportOptions): Outputs {
  distinctFiles({ "--output": output, "--trace-out": traceOut });
  return {
    output: output === undefined ? undefined : new OutputFile(output),
    traceOutput: traceOut === undefined ? undefined : new OutputFile(traceOut),
  };
}

/**
 * Runs the jobs and reports them.
 *
 * @param summarize makes the report from the runs' reports and the seconds they took
 * @param more what the report rests on, and files that are written besides
 * @returns the exit code
 */
export async function runAndReport(
  jobs: readonly Job[],
  options: SearchOptionValues & { readonly workers: number },
  summarize: (runs: readonly RunReport[], seconds: number) => Report,
  { provenance, files = [] }: { readonly provenance: Provenance; readonly files?: readonly FileContent[] },
): Promise<number> {
  const outputs = { ...openOutputs(options), others: files };
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
  return writeReport({ ...report, provenance }, options, outputs, unwritten);
}

/**
 * Delivers the report, and the trace that is shown first if that was asked for.
 *
 * @param unwritten what else could not be written, in one line each
 * @returns the exit code
 */
export function writeReport(
  report: Report,
  { reporter }: ReportOptions,
  { output, traceOutput, others = [] }: Outputs,
  unwritten: readonly string[] = [],
): Promise<number> {
  // The trace that is shown first, so that the command which replays it names the file.
  const trace = firstTraceOf(report);
  const traceFile =
    traceOutput !== undefined && trace !== undefined
      ? [{ file: traceOutput, content: traceOutput.name.endsWith(".itf.json") ? itf(trace) : json(trace) }]
      : [];
  return deliver({
    report: (written) =>
      REPORTERS[reporter](report, {
        color: output === undefined && wantsColor(process.stdout),
        traceFile: (each) =>
          each === trace && traceOutput !== undefined && written.has(traceOutput) ? traceOutput.name : undefined,
      }),
    output,
    files: [...traceFile, ...others],
    unwritten,
    code: exitCodeOf(report.verdict),
  });
}

/** Runs jobs; the first interrupt ends them, and what was done so far is reported. */
function runUntilInterrupted(jobs: readonly Job[], workers: number, display: ProgressDisplay): Promise<RunReport[]> {
  const show = showingRuns(display);
  let done = 0;
  return untilInterrupted({ onInterrupt: () => display.sayInterrupted() }, async (signal) => {
    const pool = new Pool({
      workers,
      signal,
      onProgress: (index, search) => show({ index, done, jobs: pool.jobs, search }),
      onReport: () => {
        done += 1;
      },
    });
    try {
      return await pool.run(jobs);
    } finally {
      pool.stop();
      display.clear();
    }
  });
}

/** Whether the stream is a terminal that shows colours. Honours NO_COLOR and FORCE_COLOR. */
export function wantsColor(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && stream.hasColors();
}
