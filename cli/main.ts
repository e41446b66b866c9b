#!/usr/bin/env node
/** The command. It parses, calls and prints; what it calls is in the other rooms. */
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
import { addGateCommand } from "./gate-command.ts";
import { addImageCommand } from "./image-command.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { addListCommand } from "./list-command.ts";
import { addLiveCommand } from "./live-command.ts";
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
  const exit = (wanted: number): void => {
    code = wanted;
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
  addReplayCommand(program, exit);
  addLiveCommand(program, exit);
  addReproCommand(program, exit);
  addListCommand(program, exit);
  await program.parseAsync();
  return code;
}

/** Commander says what is wrong; this adds where to find what would be right, unless the message says it. */
function withHint(message: string): string {
  return /\bWant\b|Did you mean|Allowed choices/.test(message) ? message : `${message.replace(/\.$/, "")}; see --help`;
}

function exitCodeOfError(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong. Asking for help or the version is no error.
    return error.exitCode === 0 ? ExitCode.expected : ExitCode.usage;
  }
  const isBadCheckpoint = error instanceof JobFailure && error.code === "bad-checkpoint";
  if (error instanceof UsageError || isBadCheckpoint) {
    printError(error.message);
    return ExitCode.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`internal error: ${message}\n`);
  const isOfMachine = error instanceof MachineError || error instanceof JobFailure;
  const execution = isOfMachine ? formatPlace(error.place) : "";
  if (execution !== "") {
    process.stderr.write(`in these steps:\n${execution}\n`);
  }
  // An error that a machine or a session reports is complete; anything else is a bug, and its stack helps to find it.
  const saysAll = error instanceof LiveError || (isOfMachine && error.code !== undefined && error.code !== "exception");
  if (!saysAll && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ""}\n`);
  }
  return ExitCode.internal;
}

process.on("exit", discardUnwritten);
listenForInterrupts();

// There is no other place for a message.
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
