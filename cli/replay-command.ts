/** Command `foliocheck replay`. */
import type { Command } from "commander";
import type { MemoryModel } from "../races/race-model.ts";
import { REPLAY_REPORTERS, type ReplayReporterName } from "../report/replay-reporters.ts";
import { type ReplayOutcome, replay } from "../verify/trace/replay.ts";
import { deliver } from "./delivery.ts";
import { ExitCode } from "./exit-code.ts";
import { memoryOption } from "./race-command.ts";
import { colorOption, openReports, type ReporterOptionValues, reporterOption } from "./reporter-option.ts";
import { readTraceFile } from "./trace-input.ts";

interface ReplayOptions extends ReporterOptionValues<ReplayReporterName> {
  readonly variant?: string;
  readonly memory?: MemoryModel;
}

/** Adds the command. @param exit called with the exit code */
export function addReplayCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("replay")
    .summary("replay a trace")
    .description(
      "Executes a trace that --trace-out wrote and reports whether it still fails, under its own kernel or another one.\n" +
        "Exits with 1 when a claim is violated or a witness is no longer reached, and with 2 when the kernel cannot take\n" +
        "every step, or the trace's own kernel does not reproduce the file.",
    )
    .argument("<trace>", "a trace file (JSON, not ITF); - for standard input")
    .option("--variant <name>", "replay under this kernel: v7.1, or a variant")
    .addOption(memoryOption())
    .addOption(reporterOption(Object.keys(REPLAY_REPORTERS)))
    .option("--output <file>", "write the report to a file instead of standard output")
    .addOption(colorOption())
    .addHelpText(
      "after",
      `
Examples:
  foliocheck replay trace.json
  foliocheck replay trace.json --variant v7.1     does the fixed kernel cure it?`,
    )
    .action(async (file: string, options: ReplayOptions) => {
      const reports = openReports(options);
      const report = replay(await readTraceFile(file), options.variant, options.memory);
      exit(
        await deliver({
          reports,
          text: (format, { color, width }) => REPLAY_REPORTERS[format](report, { color, width, file }),
          code: exitCodeOfReplay(report.outcome),
        }),
      );
    });
}

function exitCodeOfReplay({ kind }: ReplayOutcome): number {
  switch (kind) {
    case "cured":
    case "reached":
      return ExitCode.expected;
    case "violated":
    case "fails-otherwise":
    case "unreached":
      return ExitCode.failed;
    case "not-applicable":
      return ExitCode.usage;
  }
}
