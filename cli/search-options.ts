/** Options of searches: bounds, limits and reports. */

import { type Command, InvalidArgumentError } from "commander";
import type { Budget } from "../explore/search/budget.ts";
import type { BoundDefinition, Bounds } from "../machines/machine.ts";
import { REPORTERS, type ReporterName } from "../report/reporters.ts";
import { spell } from "../verify/job/job.ts";
import { optionOf } from "../verify/job/subject-command.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { colorOption, type ReporterOptionValues, reporterOption, verboseOption } from "./reporter-option.ts";

/** Parses a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError("Want a whole number.");
  }
  return Number(text);
}

/** Parses a whole number that is not 0. */
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

/** Parses a time and returns seconds. */
export function secondCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError("Want seconds, or a number with s, m or h, such as 90 or 10m.");
  }
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? "s") as "s" | "m" | "h"];
}

/** Values of the options of `addSearchOptions`. @typeParam N names of the reporters */
export interface SearchOptionValues<N extends string = ReporterName> extends ReporterOptionValues<N> {
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxMemory?: number;
  readonly timeout?: number;
  readonly traceOut?: string;
  readonly checkpoint?: string;
  readonly spill?: string;
  readonly progress: boolean;
}

/** Parses a number of workers. */
export function workerCount(text: string): number {
  const count = wholeNumber(text);
  if (count < 1 || count > 256) {
    throw new InvalidArgumentError("Want 1 to 256.");
  }
  return count;
}

/** Names of the reporters of most commands. */
const REPORTER_NAMES: readonly string[] = Object.keys(REPORTERS);

/** Adds the options of every command with a search. @param reporters names of the reporters */
export function addSearchOptions(command: Command, reporters: readonly string[] = REPORTER_NAMES): Command {
  addLimitOptions(command).option(
    "--checkpoint <folder>",
    "write checkpoints and finished reports to a folder, and resume from it",
  );
  return addReportOptions(command, reporters);
}

/** Adds the option of commands whose searches can move states to disk. */
export function addSpillOption(command: Command): Command {
  return command.option(
    "--spill <folder>",
    "when --max-memory is reached, move states to a file in this folder and continue; the result does not depend on it",
  );
}

/** @throws UsageError when states would never be moved to disk */
export function requireLimitForSpill({ spill, maxMemory }: Pick<SearchOptionValues, "spill" | "maxMemory">): void {
  if (spill !== undefined && maxMemory === undefined) {
    throw new UsageError("--spill requires --max-memory: states are moved to disk when it is reached");
  }
}

/** Adds the limits of each run. */
export function addLimitOptions(command: Command): Command {
  return command
    .optionsGroup("Limits (reaching one ends the search as incomplete, exit code 3):")
    .option("--max-states <n>", "stop after more than n visited states", atLeastOne)
    .option("--max-depth <n>", "take at most n steps from an initial state", wholeNumber)
    .option("--max-memory <bytes>", "limit the memory of the visited states, such as 8G", byteCount)
    .option("--timeout <time>", "stop after this time, such as 90, 10m or 8h", secondCount);
}

/** Adds the options of reports. @param reporters names of the reporters */
export function addReportOptions(command: Command, reporters: readonly string[] = REPORTER_NAMES): Command {
  return command
    .optionsGroup("Output:")
    .addOption(reporterOption(reporters))
    .option("--output <file>", "write the report to a file instead of standard output")
    .addOption(colorOption())
    .addOption(verboseOption())
    .option(
      "--trace-out <file>",
      "write the first counterexample to a file: JSON, or ITF for a name that ends in .itf.json",
    )
    .option("--no-progress", "do not show progress on standard error");
}

/** Returns the limits given by options. */
export function budgetOf({
  maxStates,
  maxDepth,
  maxMemory,
  timeout,
}: Pick<SearchOptionValues, "maxStates" | "maxDepth" | "maxMemory" | "timeout">): Budget {
  return {
    ...(maxStates !== undefined && { maxStates }),
    ...(maxDepth !== undefined && { maxDepth }),
    ...(maxMemory !== undefined && { maxMemoryBytes: maxMemory }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
  };
}

/** A machine or scope with bounds. */
export interface Bounded {
  readonly name: string;
  readonly bounds: readonly BoundDefinition[];
}

/** Adds an option for every bound of the subjects. */
export function addBoundOptions(command: Command, subjects: readonly Bounded[]): void {
  for (const [name, description] of boundTexts(subjects)) {
    command.option(`${optionOf(name)} <n>`, description, wholeNumber);
  }
}

/** Returns the bounds given by options, by name. */
export function boundsGiven(options: { readonly [name: string]: unknown }, subjects: readonly Bounded[]): Bounds {
  const bounds = [...boundTexts(subjects).keys()].flatMap((name) => {
    const value = options[name];
    return typeof value === "number" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(bounds);
}

/** Describes every bound of the subjects, with its values and defaults: `…: 1 … 5; default 3 (anon), 2 (cow, pins)`. */
function boundTexts(subjects: readonly Bounded[]): Map<string, string> {
  const uses = new Map<string, Map<string, Map<number, string[]>>>();
  for (const { name: subject, bounds } of subjects) {
    for (const { name, description, values, default: defaultValue } of bounds) {
      const texts = getOrMake(uses, name, () => new Map<string, Map<number, string[]>>());
      const defaults = getOrMake(texts, `${description}: ${spell(values)}`, () => new Map<number, string[]>());
      getOrMake(defaults, defaultValue, () => []).push(subject);
    }
  }
  const defaultsText = (defaults: Map<number, string[]>): string =>
    [...defaults].map(([value, names]) => `${value} (${names.join(", ")})`).join(", ");
  return new Map(
    [...uses].map(([name, texts]) => [
      name,
      [...texts].map(([text, defaults]) => `${text}; default ${defaultsText(defaults)}`).join("; "),
    ]),
  );
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
