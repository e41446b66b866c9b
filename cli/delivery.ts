/** Output of a command: the report, and the requested files. A failed write does not suppress the report. */
import { printError } from "./error-line.ts";
import { ExitCode } from "./exit-code.ts";
import type { OutputFile } from "./output-file.ts";
import { print } from "./standard-output.ts";

/** A file and its content. */
export interface FileContent {
  readonly file: OutputFile;
  readonly content: string;
}

/** A report and the other files of a command. */
export interface Delivery {
  /** Returns the report as text, which may name the written files. */
  readonly report: (written: ReadonlySet<OutputFile>) => string;
  /** File of the report; standard output when absent. */
  readonly output?: OutputFile | undefined;
  /** Other files that the command writes. */
  readonly files?: readonly FileContent[];
  /** Failed writes during the run, one line for each. */
  readonly unwritten?: readonly string[];
  /** The exit code of the verdict. */
  readonly code: number;
}

/**
 * Writes the files, then the report, then one error line for each failed write. If the report's file cannot be written,
 * the report is printed.
 *
 * @returns the exit code
 */
export async function deliver({ report, output, files = [], unwritten = [], code }: Delivery): Promise<number> {
  const written = new Set<OutputFile>();
  const failures = [...unwritten];
  // Before the report, which names the written files.
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

/** Returns the exit code after a failed write. A failed property takes precedence. */
export function unwrittenCode(code: number): number {
  return code === ExitCode.failed ? code : ExitCode.usage;
}
