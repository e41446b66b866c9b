/** Lines of a tree's files for the page: those of the functions that ran in its traces, and around single accesses. */
import { allCalls, type SourcePlace } from "../../model/kernel/call-node.ts";
import type { Report, TraceReport } from "../../verify/report/report.ts";
import { placeText } from "../text/place.ts";
import type { ContentSource } from "./content.ts";

/** Lines before and after an access, and the most lines of a function. */
const BEFORE = 3;
const AFTER = 3;
const MOST_LINES = 60;

/** Range of lines, both ends included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * Returns the lines.
 *
 * @param read returns the text of a file of the tree; undefined if it has none of this name
 */
export function sourcesOf(report: Report, read: (file: string) => string | undefined): ContentSource[] {
  const ranges = new Map<string, Range[]>();
  const add = ({ file }: SourcePlace, range: Range): void => {
    ranges.set(file, [...(ranges.get(file) ?? []), range]);
  };
  const lines = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    const known = lines.get(file) ?? (read(file) ?? "").split("\n");
    lines.set(file, known);
    return known;
  };
  const traces = tracesOf(report);
  for (const place of distinct(traces.flatMap(functionPlaces))) {
    add(place, { first: place.line, last: endOf(linesOf(place.file), place.line) });
  }
  for (const place of distinct(traces.flatMap(accessPlaces))) {
    add(place, { first: Math.max(1, place.line - BEFORE), last: place.line + AFTER });
  }
  return [...ranges].flatMap(([file, own]) =>
    merged(own).flatMap(({ first, last }) => {
      const text = linesOf(file).slice(first - 1, last);
      return text.length === 0 || read(file) === undefined ? [] : [{ file, first, lines: text }];
    }),
  );
}

function tracesOf(report: Report): TraceReport[] {
  const traces =
    report.command === "gate"
      ? [...report.findings, ...(report.exceptions ?? [])].map(({ trace }) => trace)
      : (report.command === "verify" ? report.runs : [report]).flatMap(({ properties }) =>
          properties.map(({ trace }) => trace),
        );
  return traces.filter((trace) => trace !== null);
}

function functionPlaces({ steps, queries = [] }: TraceReport): SourcePlace[] {
  const calls = [...steps.flatMap(({ functions }) => functions.flatMap((each) => each.calls)), ...queries];
  return allCalls(calls).flatMap(({ place }) => (place === undefined ? [] : [place]));
}

function accessPlaces({ steps }: TraceReport): SourcePlace[] {
  return steps.flatMap(({ accesses = [] }) => accesses).flatMap(({ place }) => (place === undefined ? [] : [place]));
}

function distinct(places: readonly SourcePlace[]): SourcePlace[] {
  return [...new Map(places.map((place) => [placeText(place), place])).values()];
}

/** Returns the last line of a function: its closing brace, which is the first one at the beginning of a line. */
function endOf(lines: readonly string[], first: number): number {
  const end = lines.findIndex((line, i) => i >= first - 1 && line.startsWith("}"));
  return Math.min(end < 0 ? lines.length : end + 1, first + MOST_LINES - 1);
}

/** Merges ranges that overlap or touch. */
function merged(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = all.at(-1);
    if (last !== undefined && range.first <= last.last + 1) {
      all[all.length - 1] = { ...last, last: Math.max(last.last, range.last) };
    } else {
      all.push(range);
    }
  }
  return all;
}
