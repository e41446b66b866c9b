/** Standard output. Its failure is recorded, and ends the command with an error line and an exit code. */
import { fstatSync, writeFileSync } from "node:fs";
import { reasonOf } from "../files/error-reason.ts";

let failure: NodeJS.ErrnoException | undefined;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  failure ??= error;
});

/** Prints a text. Failures are returned by `standardOutputFailure`. */
export function print(text: string): void {
  if (!fstatSync(process.stdout.fd).isFile()) {
    process.stdout.write(text);
    return;
  }
  try {
    // The stream of a regular file ignores partial writes, which happen when the disk is full.
    writeFileSync(process.stdout.fd, text);
  } catch (error) {
    failure ??= error as NodeJS.ErrnoException;
  }
}

/** Whether standard output is a terminal with colours. Respects NO_COLOR and FORCE_COLOR. */
export function hasColors(): boolean {
  return process.stdout.isTTY === true && process.stdout.hasColors();
}

/** Columns of a line on a terminal: fewer break every sentence, more are hard to read. */
const LEAST_COLUMNS = 60;
const MOST_COLUMNS = 120;

/** Returns the columns for a report on the terminal; undefined if standard output is none. */
export function terminalWidth(): number | undefined {
  const { isTTY, columns } = process.stdout;
  // A terminal without a known size has 0 columns.
  return isTTY && columns > 0 ? Math.min(Math.max(columns, LEAST_COLUMNS), MOST_COLUMNS) : undefined;
}

/**
 * Waits until everything is printed.
 *
 * @returns the reason for a failure; undefined also if the reader closed the pipe, as `head` does
 */
export async function standardOutputFailure(): Promise<string | undefined> {
  await new Promise<void>((done) => process.stdout.write("", () => done()));
  return failure === undefined || failure.code === "EPIPE" ? undefined : reasonOf(failure);
}
