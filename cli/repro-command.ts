/** Command `foliocheck repro`. */

import type { Command } from "commander";
import { reproducerOfTrace } from "../live/run/live-report.ts";
import { diagnosticText } from "../report/text/diagnostic.ts";
import { ExitCode } from "./exit-code.ts";
import { print } from "./standard-output.ts";
import { readTraceFile } from "./trace-input.ts";

/** Adds the command. @param exit called with the exit code */
export function addReproCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("repro")
    .summary("generate a C program from a trace")
    .description(
      "Prints a stand-alone C program that takes the steps of a trace on a running kernel, in the manner of the " +
        "kernel's mm selftests (TAP). It exits with 0 when the kernel conforms to the model, 1 when it does not, and " +
        "4 when this is undecided. Every step must be one that user space can take. A trace of an mm image contains " +
        "the expected states.",
    )
    .argument("<trace>", "a trace file (JSON, not ITF); - for standard input")
    .option("--variant <name>", "expect the states of this kernel's model: v7.1, or a variant")
    .addHelpText(
      "after",
      `
Examples:
  foliocheck repro trace.json > repro.c
  foliocheck repro trace.json --variant v7.1 > repro.c     of a trace of the model: what should a kernel without the fault do?`,
    )
    .action(async (file: string, { variant }: { readonly variant?: string }) => {
      print(reproducerOfTrace(await readTraceFile(file), variant, diagnosticText));
      exit(ExitCode.expected);
    });
}
