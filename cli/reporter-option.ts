/** Option `--reporter`: formats of the report, each with its own file if the option is repeated. */
import { InvalidArgumentError, Option } from "commander";
import { UsageError } from "../verify/request/usage-error.ts";
import { distinctFiles, OutputFile } from "./output-file.ts";

/** A requested report: `--reporter junit`, or `--reporter junit:out.xml`. */
export interface ReportRequest<N extends string = string> {
  readonly format: N;
  /** Absent for the file of `--output`, or standard output. */
  readonly file?: string;
}

/** When reports have colours. `auto`: on a terminal that has them, unless NO_COLOR is set. */
export type ColorChoice = "auto" | "always" | "never";

const COLOR_CHOICES: readonly ColorChoice[] = ["auto", "always", "never"];

/** Values of the options `--reporter`, `--output`, `--color` and `--verbose`. */
export interface ReporterOptionValues<N extends string = string> {
  /** Absent if not given: a report for the terminal. */
  readonly reporter?: readonly ReportRequest<N>[];
  readonly output?: string;
  readonly color?: ColorChoice;
  readonly verbose?: true;
}

/** Format of the report when none is requested. */
const DEFAULT_FORMAT = "pretty";

/** Creates option `--reporter`, which may be repeated. */
export function reporterOption(names: readonly string[]): Option {
  const description = `format of the report, and its file if several are requested: ${names.join(", ")}`;
  return new Option("--reporter <format[:file]>", `${description} (default: ${DEFAULT_FORMAT})`).argParser(
    (text, previous: readonly ReportRequest[] | undefined) => [...(previous ?? []), parse(text, names)],
  );
}

/** Creates option `--color`. */
export function colorOption(): Option {
  return new Option("--color <when>", "colours of the report for the terminal; auto respects NO_COLOR")
    .choices(COLOR_CHOICES)
    .default("auto");
}

/** Creates option `--verbose`. */
export function verboseOption(): Option {
  return new Option("--verbose", "print all tables: runs, properties, functions, and why parts were not checked");
}

function parse(text: string, names: readonly string[]): ReportRequest {
  const colon = text.indexOf(":");
  const format = colon < 0 ? text : text.slice(0, colon);
  if (!names.includes(format)) {
    throw new InvalidArgumentError(`Allowed choices are ${names.join(", ")}.`);
  }
  if (colon < 0) {
    return { format };
  }
  const file = text.slice(colon + 1);
  if (file === "") {
    throw new InvalidArgumentError(`Want a file behind the colon, or ${format} without a colon.`);
  }
  return { format, file };
}

/**
 * Returns the requested reports, with the file of `--output` at the one that has none of its own.
 *
 * @throws UsageError if two of them have no file, or if `--output` is the file of none
 */
export function requestedReports<N extends string>({
  reporter,
  output,
}: ReporterOptionValues<N>): readonly ReportRequest<N>[] {
  const requests = reporter ?? [{ format: DEFAULT_FORMAT as N }];
  const [first, second] = requests.filter(({ file }) => file === undefined);
  if (first !== undefined && second !== undefined) {
    throw new UsageError(
      `--reporter ${first.format} and --reporter ${second.format} both go to ${output ?? "standard output"}; ` +
        `want a file for one of them, such as --reporter ${second.format}:FILE`,
    );
  }
  if (output === undefined) {
    return requests;
  }
  if (first === undefined) {
    throw new UsageError("--output is for a report without a file of its own, and every --reporter has one: omit it");
  }
  return requests.map((each) => (each === first ? { ...each, file: output } : each));
}

/** Returns the files of the reports by the option that names them, for `distinctFiles`. */
export function reportFiles({ reporter = [], output }: ReporterOptionValues): [option: string, name: string][] {
  return [
    ...(output === undefined ? [] : [["--output", output] as [string, string]]),
    ...reporter.flatMap(({ format, file }): [string, string][] =>
      file === undefined ? [] : [[`--reporter ${format}:${file}`, file]],
    ),
  ];
}

/** A report to be written: its format and its file. */
export interface OpenReport<N extends string> {
  readonly format: N;
  /** Standard output when absent. */
  readonly output: OutputFile | undefined;
  readonly color: ColorChoice;
  readonly verbose: boolean;
}

/**
 * Opens the files of the reports.
 *
 * @param others the other files that the command writes, by the option that names them
 * @throws UsageError when a file is not writable, when two options name the same one, or for conflicting options
 */
export function openReports<N extends string>(
  options: ReporterOptionValues<N>,
  others: readonly (readonly [option: string, name: string | undefined])[] = [],
): OpenReport<N>[] {
  distinctFiles([...reportFiles(options), ...others]);
  const { color = "auto", verbose = false } = options;
  return requestedReports(options).map(({ format, file }) => ({
    format,
    output: file === undefined ? undefined : new OutputFile(file),
    color,
    verbose,
  }));
}
