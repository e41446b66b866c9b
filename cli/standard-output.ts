/** Standard output, whose failures end the command with a line and an exit code of their own. */
import { fstatSync, writeFileSync } from "node:fs";
import { reasonOf } from "../files/error-reason.ts";

let failure: NodeJS.ErrnoException | undefined;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  failure ??= error;
});

/** Prints a text. Failures are for `standardOutputFailure`. */
export function print(text: string): void {
  if (!fstatSync(process.stdout.fd).isFile()) {
    process.stdout.write(text);
    return;
  }
  try {
    // The stream of a regular file ignores that the system wrote a part only, as it does when the disk fills up.
    writeFileSync(process.stdout.fd, text);
  } catch (error) {
    failure ??= error as NodeJS.ErrnoException;
  }
}

/**
 * Waits until everything is printed.
 *
 * @returns the reason why it is not. A reader that goes away, such as `head`, has had what it wanted
 */
export async function standardOutputFailure(): Promise<string | undefined> {
  await new Promise<void>((done) => process.stdout.write("", () => done()));
  return failure === undefined || failure.code === "EPIPE" ? undefined : reasonOf(failure);
}
