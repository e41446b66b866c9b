#!/usr/bin/env node
/** Entry point of the command: parses the arguments, calls a command and prints. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { formatPlace, MachineError } from "../explore/model/errors.ts";
import { LiveError } from "../live/session/session.ts";
import { JobFailure } from "../verify/pool.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { addCheckCommand } from "./check-command.ts";
import { unwrittenCode } from "./delivery.ts";
import { oneLine, printError } from "./error-line.ts";
import { ExitCode } from "./exit-code.ts";
import { addExploreCommand } from "./explore-command.ts";
import { addGateCommand } from "./gate-command.ts";
import { addImageCommand } from "./image-command.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { addListCommand } from "./list-command.ts";
import { addLiveCommand } from "./live-command.ts";
import { addMergeCommand } from "./merge-command.ts";
import { discardUnwritten } from "./output-file.ts";
import { addProveCommand } from "./prove-command.ts";
import { addRaceCommand } from "./race-command.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addReproCommand } from "./repro-command.ts";
import { print, standardOutputFailure } from "./standard-output.ts";
import { addVerifyCommand } from "./verify-command.ts";

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

async function main(): Promise<number> {
  let code: number = ExitCode.expected;
  const exit = (exitCode: number): void => {
    code = exitCode;
  };
  const program = new Command("foliocheck")
    .description(
      "Checks the Linux kernel's MM owner tracking of large folios, by exploring a model of it exhaustively.",
    )
    .version(version())
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: print, outputError: (text, write) => write(`${withHint(oneLine(text))}\n`) })
    .addHelpText(
      "after",
      `
Exit codes: 0 everything as expected, 1 a property failed, 2 bad usage or input, 3 incomplete, 70 internal error.
Start with: foliocheck verify`,
    );
  addVerifyCommand(program, exit);
  addCheckCommand(program, exit);
  addRaceCommand(program, exit);
  addProveCommand(program, exit);
  addGateCommand(program, exit);
  addImageCommand(program, exit);
  addMergeCommand(program, exit);
  addReplayCommand(program, exit);
  addExploreCommand(program, exit);
  addLiveCommand(program, exit);
  addReproCommand(program, exit);
  addListCommand(program, exit);
  await program.parseAsync();
  return code;
}

/** Adds a reference to --help to commander's message, unless the message contains the valid alternatives. */
function withHint(message: string): string {
  return /\bWant\b|Did you mean|Allowed choices/.test(message) ? message : `${message.replace(/\.$/, "")}; see --help`;
}

function exitCodeOfError(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed the message. A request for help or the version is no error.
    return error.exitCode === 0 ? ExitCode.expected : ExitCode.usage;
  }
  const isBadCheckpoint = error instanceof JobFailure && error.code === "bad-checkpoint";
  if (error instanceof UsageError || isBadCheckpoint) {
    printError(error.message);
    return ExitCode.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`internal error: ${message}\n`);
  const isOfModel = error instanceof MachineError || error instanceof JobFailure;
  const execution = isOfModel ? formatPlace(error.place) : "";
  if (execution !== "") {
    process.stderr.write(`in these steps:\n${execution}\n`);
  }
  // Errors with a code of a model or a session need no stack; any other error is a bug, which the stack helps to find.
  const isSelfExplanatory =
    error instanceof LiveError || (isOfModel && error.code !== undefined && error.code !== "exception");
  if (!isSelfExplanatory && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ""}\n`);
  }
  return ExitCode.internal;
}

process.on("exit", discardUnwritten);
listenForInterrupts();

// A failure of standard error is ignored, because there is no other stream for messages.
process.stderr.on("error", () => {});

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = exitCodeOfError(error);
}
const reason = await standardOutputFailure();
if (reason !== undefined) {
  printError(`cannot write standard output: ${reason}`);
  process.exitCode = unwrittenCode(Number(process.exitCode));
}
