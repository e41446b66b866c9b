/** Calls of two CPUs in columns: each turn of a CPU stands in its column, below the turn before. */
import { type Line, span, wrap } from "../text/styled-text.ts";
import type { CallLine } from "./calls.ts";

/** Columns, and the lines that concern both CPUs. */
export interface CallColumns {
  /** `CPU 0 │ CPU 1`. */
  readonly header: Line;
  readonly rows: readonly Line[];
  /** Lines below the columns, such as the number of calls that are left out. */
  readonly rest: readonly string[];
}

const SEPARATOR = " │ ";

/** Largest indentation of a call, in characters: a column is narrow. */
const MOST_INDENT = 10;

/** Indentation of the continuation lines of a long call, in characters. */
const CONTINUATION = 2;

/**
 * Arranges calls in columns. Returns undefined if there are not two CPUs.
 *
 * @param width largest number of characters in a line
 */
export function callColumns(lines: readonly CallLine[], width: number): CallColumns | undefined {
  const cpus = [...new Set(lines.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu])))].sort((a, b) => a - b);
  if (cpus.length !== 2) {
    return undefined;
  }
  const room = Math.floor((width - SEPARATOR.length) / 2);
  const inColumn = (column: number, text: string): Line => [
    span((column === 0 ? text : "").padEnd(room), "dim"),
    span(SEPARATOR, "dim"),
    span(column === 0 ? "" : text, "dim"),
  ];
  const rows: Line[] = [];
  const rest: string[] = [];
  let column = 0;
  for (const { cpu, depth, text } of lines) {
    if (cpu !== undefined) {
      column = cpus.indexOf(cpu);
    } else if (depth === 0) {
      rest.push(text);
    } else {
      const indent = Math.min(depth - 1, MOST_INDENT);
      const parts = wrap(text, room - indent - CONTINUATION);
      rows.push(...parts.map((part, i) => inColumn(column, " ".repeat(indent + (i === 0 ? 0 : CONTINUATION)) + part)));
    }
  }
  const [first, second] = cpus.map((cpu) => `CPU ${cpu}`) as [string, string];
  return {
    header: [span(first.padEnd(room), "strong"), span(SEPARATOR, "dim"), span(second, "strong")],
    rows,
    rest,
  };
}
