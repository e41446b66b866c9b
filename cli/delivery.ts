/** Output of a command: the reports, and other requested files. A failed write does not suppress the verdict. */
import { printError } from "./error-line.ts";
import { ExitCode } from "./exit-code.ts";
import type { OutputFile } from "./output-file.ts";
import type { OpenReport } from "./reporter-option.ts";
import { hasColors, print, terminalWidth } from "./standard-output.ts";

/** A file and its content. */
export interface FileContent {
  readonly file: OutputFile;
  readonly content: string;
}

/** The medium of a report. */
export interface Medium {
  /** Whether it has colours. */
  readonly color: boolean;
  /** Columns of the terminal; undefined for a pipe or a file. */
  readonly width: number | undefined;
  /** Whether the report has all tables. */
  readonly verbose: boolean;
  /** The other files that were written, which the report may name. */
  readonly written: ReadonlySet<OutputFile>;
}

/** The reports and the other files of a command. */
export interface Delivery<N extends string> {
  /** One of them at most has no file. */
  readonly reports: readonly OpenReport<N>[];
  /** Returns the report in a format. */
  readonly text: (format: N, medium: Medium) => string;
  /** Other files that the command writes. */
  readonly files?: readonly FileContent[];
  /** Failed writes during the run, one line for each. */
  readonly unwritten?: readonly string[];
  /** The exit code of the verdict. */
  readonly code: number;
}

/**
 * Writes the files, then the reports, then one error line for each failed write. A report whose file cannot be written
 * is printed, unless another one is.
 *
 * @returns the exit code
 */
export async function deliver<N extends string>({
  reports,
  text,
  files = [],
  unwritten = [],
  code,
}: Delivery<N>): Promise<number> {
  const written = new Set<OutputFile>();
  const failures = [...unwritten];
  // Before the reports, which name the written files.
  for (const { file, content } of files) {
    const reason = await file.write(content);
    if (reason === undefined) {
      written.add(file);
    } else {
      failures.push(`cannot write ${file.name}: ${reason}`);
    }
  }
  const formatted = reports.map((report) => ({
    output: report.output,
    content: text(report.format, {
      color: isColored(report),
      width: report.output === undefined ? terminalWidth() : undefined,
      verbose: report.verbose,
      written,
    }),
  }));
  let isPrinted = reports.some(({ output }) => output === undefined);
  for (const { output, content } of formatted) {
    if (output === undefined) {
      print(content);
      continue;
    }
    const reason = await output.write(content);
    if (reason !== undefined) {
      failures.push(`cannot write ${output.name}: ${reason}${isPrinted ? "" : "; the report is on standard output"}`);
      if (!isPrinted) {
        print(content);
        isPrinted = true;
      }
    }
  }
  failures.forEach(printError);
  return failures.length === 0 ? code : unwrittenCode(code);
}

/** Whether a report has colours. */
function isColored({ output, color }: Pick<OpenReport<string>, "output" | "color">): boolean {
  return color === "always" || (color === "auto" && output === undefined && hasColors());
}

/** Returns the exit code after a failed write. A failed property takes precedence. */
export function unwrittenCode(code: number): number {
  return code === ExitCode.failed ? code : ExitCode.usage;
}
