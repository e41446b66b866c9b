/** The options that bound and limit a search, and those that choose how it is reported. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Budget } from "../explore/search/budget.ts";
import type { BoundDefinition, Bounds } from "../machines/machine.ts";
import { REPORTERS, type ReporterName } from "../report/reporters.ts";
import { spell } from "../verify/job/job.ts";

/** Reads a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError("Want a whole number.");
  }
  return Number(text);
}

/** Reads a whole number that is not 0. */
export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) {
    throw new InvalidArgumentError("Want 1 or more.");
  }
  return value;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)i?B?$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ""];
  if (match === null || unit === undefined) {
    throw new InvalidArgumentError("Want a number of bytes, such as 512M or 8G.");
  }
  return Math.floor(Number(match[1]) * unit);
}

/** Reads a time in seconds. */
export function secondCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError("Want seconds, or a number with s, m or h, such as 90 or 10m.");
  }
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? "s") as "s" | "m" | "h"];
}

/** What `addSearchOptions` reads. */
export interface SearchOptionValues {
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxMemory?: number;
  readonly timeout?: number;
  readonly reporter: ReporterName;
  readonly output?: string;
  readonly traceOut?: string;
  readonly checkpoint?: string;
  readonly progress: boolean;
}

/** A number of workers. */
export function workerCount(text: string): number {
  const count = wholeNumber(text);
  if (count < 1 || count > 256) {
    throw new InvalidArgumentError("Want 1 to 256.");
  }
  return count;
}

/** Adds the options that every command with a search has. */
export function addSearchOptions(command: Command): Command {
  addLimitOptions(command).option(
    "--checkpoint <folder>",
    "keep what is done in a folder, and go on from what is there",
  );
  return addReportOptions(command);
}

/** Adds the limits of each run. */
export function addLimitOptions(command: Command): Command {
  return command
    .optionsGroup("Limits (reaching one ends the search as incomplete, exit code 3):")
    .option("--max-states <n>", "stop once more than so many states were visited", atLeastOne)
    .option("--max-depth <n>", "take at most so many steps from an initial state", wholeNumber)
    .option("--max-memory <bytes>", "let the visited states take at most so many bytes, such as 8G", byteCount)
    .option("--timeout <time>", "stop after so many seconds, or 10m, 8h", secondCount);
}

/** Adds the options that say how it is reported. */
export function addReportOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .addOption(reporterOption(Object.keys(REPORTERS)))
    .option("--output <file>", "write the report to a file instead of standard output")
    .option(
      "--trace-out <file>",
      "write the first counterexample to a file: JSON, or ITF for a name that ends in .itf.json",
    )
    .option("--no-progress", "do not show progress on standard error");
}

/** `--reporter`. */
export function reporterOption(names: readonly string[]): Option {
  return new Option("--reporter <format>", "format of the report").choices(names).default("pretty");
}

/** The limits that were asked for. */
export function budgetOf({ maxStates, maxDepth, maxMemory, timeout }: SearchOptionValues): Budget {
  return {
    ...(maxStates !== undefined && { maxStates }),
    ...(maxDepth !== undefined && { maxDepth }),
    ...(maxMemory !== undefined && { maxMemoryBytes: maxMemory }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
  };
}

/** Something that bounds are given for. */
export interface Bounded {
  readonly name: string;
  readonly bounds: readonly BoundDefinition[];
}

/** Adds an option for every bound of any of these. */
export function addBoundOptions(command: Command, subjects: readonly Bounded[]): void {
  for (const [name, description] of boundTexts(subjects)) {
    command.option(`${flagOf(name)} <n>`, description, wholeNumber);
  }
}

/** The bounds that were given, by name. */
export function boundsGiven(options: { readonly [name: string]: unknown }, subjects: readonly Bounded[]): Bounds {
  const given = [...boundTexts(subjects).keys()].flatMap((name) => {
    const value = options[name];
    return typeof value === "number" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(given);
}

/**
 * Every bound of any of these, with its values and who has which default: `…: 1 … 5; default 3 (anon), 2 (cow, pins)`.
 */
function boundTexts(subjects: readonly Bounded[]): Map<string, string> {
  const uses = new Map<string, Map<string, Map<number, string[]>>>();
  for (const { name: subject, bounds } of subjects) {
    for (const { name, description, values, default: usual } of bounds) {
      const texts = getOrMake(uses, name, () => new Map<string, Map<number, string[]>>());
      const defaults = getOrMake(texts, `${description}: ${spell(values)}`, () => new Map<number, string[]>());
      getOrMake(defaults, usual, () => []).push(subject);
    }
  }
  const spelled = (defaults: Map<number, string[]>): string =>
    [...defaults].map(([usual, owners]) => `${usual} (${owners.join(", ")})`).join(", ");
  return new Map(
    [...uses].map(([name, texts]) => [
      name,
      [...texts].map(([text, defaults]) => `${text}; default ${spelled(defaults)}`).join("; "),
    ]),
  );
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** `minPages` as an option: `--min-pages`. */
function flagOf(bound: string): string {
  return `--${bound.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
