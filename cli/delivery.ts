/**
 * Delivers what a command found: the report always, and the files that it was asked for as far as they can be written.
 */
import { printError } from "./error-line.ts";
import { ExitCode } from "./exit-code.ts";
import type { OutputFile } from "./output-file.ts";
import { print } from "./standard-output.ts";

/** A file and what goes into it. */
export interface FileContent {
  readonly file: OutputFile;
  readonly content: string;
}

/** A report and the files that go with it. */
export interface Delivery {
  /** The report as text, which may name the files that were written. */
  readonly report: (written: ReadonlySet<OutputFile>) => string;
  /** File of the report; standard output when absent. */
  readonly output?: OutputFile | undefined;
  /** Files that the command writes besides. */
  readonly files?: readonly FileContent[];
  /** Files that could not be written while the command ran, one line for each. */
  readonly unwritten?: readonly string[];
  /** The exit code of the verdict. */
  readonly code: number;
}

/**
 * Writes the files, then the report, and then says in one line each what could not be written. A report that does not
 * fit into its file is printed.
 *
 * @returns the exit code
 */
export async function deliver({ report, output, files = [], unwritten = [], code }: Delivery): Promise<number> {
  const written = new Set<OutputFile>();
  const failures = [...unwritten];
  // Before the report, which names those that are there.
  for (const { file, content } of files) {
    const reason = await file.write(content);
    if (reason === undefined) {
      written.add(file);
    } else {
      failures.push(`cannot write ${file.name}: ${reason}`);
    }
  }
  const text = report(written);
  const reason = await output?.write(text);
  if (output === undefined || reason !== undefined) {
    print(text);
  }
  if (output !== undefined && reason !== undefined) {
    failures.push(`cannot write ${output.name}: ${reason}; the report is on standard output`);
  }
  failures.forEach(printError);
  return failures.length === 0 ? code : unwrittenCode(code);
}

/** The exit code when something could not be written: a property that failed counts more. */
export function unwrittenCode(code: number): number {
  return code === ExitCode.failed ? code : ExitCode.usage;
}
