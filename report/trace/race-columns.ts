/**
 * Layout of the rows of CPUs: a column for each of up to two CPUs; for more, a lane for each with its locks, and the
 * text to the right of all lanes.
 */

import { type Line, type Role, type Span, span, widthOf, wrap } from "../text/styled-text.ts";
import type { HeldLock, RaceRow } from "./race-rows.ts";

/** Largest number of CPUs with columns of text. */
const MOST_COLUMNS = 2;
const SEPARATOR = " │ ";

/** Widths of the parts of a row, in columns. */
interface Layout {
  /** Width of the numbers of steps. */
  readonly numbers: number;
  /** Width of the lock bars of each CPU. */
  readonly bars: ReadonlyMap<number, number>;
  /** Width of a line. */
  readonly width: number;
}

/**
 * Formats rows below a header with the CPUs.
 *
 * @param cpus the CPUs that have rows
 * @param width largest number of characters in a line
 */
export function columnLines(rows: readonly RaceRow[], cpus: readonly number[], width: number): Line[] {
  const numbers = Math.max(...rows.map((row) => numberOf(row).length), 2) + 2;
  const bars = new Map(cpus.map((cpu) => [cpu, Math.max(...rows.map((row) => barsOf(row, cpu).trimEnd().length))]));
  const layout: Layout = { numbers, bars, width };
  return cpus.length <= MOST_COLUMNS ? inColumns(rows, cpus, layout) : inLanes(rows, cpus, layout);
}

function numberOf({ steps }: RaceRow): string {
  return steps === undefined ? "" : steps.first === steps.last ? `${steps.first}` : `${steps.first}–${steps.last}`;
}

function inColumns(rows: readonly RaceRow[], cpus: readonly number[], { numbers, bars, ...layout }: Layout): Line[] {
  const width = Math.floor((layout.width - numbers - 2 - SEPARATOR.length * (cpus.length - 1)) / cpus.length);
  const line = (number: string, cells: readonly Line[]): Line => [
    span(number.padStart(numbers), "dim"),
    span("  "),
    ...cells.flatMap(
      (cell, c): Line => [
        ...(c === 0 ? [] : [span(SEPARATOR, "dim")]),
        ...cell,
        ...(c === cells.length - 1 ? [] : [span(" ".repeat(Math.max(0, width - widthOf(cell))))]),
      ],
    ),
  ];
  const header = line(
    "",
    cpus.map((cpu): Line => [span(`CPU ${cpu}`, "strong")]),
  );
  const body = rows.flatMap((row) => {
    const room = width - gutterWidth(bars.get(row.cpu) ?? 0) - indentOf(row);
    return textsOf(row, room).map((text, t) =>
      line(
        t === 0 ? numberOf(row) : "",
        cpus.map((cpu): Line => {
          const gutter = gutterOf(row, cpu, bars.get(cpu) ?? 0, t > 0);
          return cpu === row.cpu ? [gutter, text] : [gutter];
        }),
      ),
    );
  });
  return [header, ...body];
}

function inLanes(rows: readonly RaceRow[], cpus: readonly number[], { numbers, bars, width }: Layout): Line[] {
  const laneWidth = (cpu: number): number => Math.max(gutterWidth(bars.get(cpu) ?? 0) + 1, 3);
  const lanes = cpus.reduce((sum, cpu) => sum + laneWidth(cpu) + 1, 0);
  const header: Line = [
    span(" ".repeat(numbers + 2)),
    ...cpus.map((cpu) => span(String(cpu).padEnd(laneWidth(cpu) + 1), "strong")),
    span("CPU", "strong"),
  ];
  const label = 7;
  const body = rows.flatMap((row) =>
    textsOf(row, width - numbers - 2 - lanes - label - indentOf(row)).map(
      (text, t): Line => [
        span((t === 0 ? numberOf(row) : "").padStart(numbers), "dim"),
        span("  "),
        ...cpus.flatMap((cpu): Line => {
          const gutter = gutterOf(row, cpu, bars.get(cpu) ?? 0, t > 0);
          const mark = cpu === row.cpu && t === 0 && row.steps !== undefined ? "•" : " ";
          return [gutter, span(mark), span(" ".repeat(laneWidth(cpu) - gutter.text.length))];
        }),
        span((t === 0 ? `CPU ${row.cpu}` : "").padEnd(label), "dim"),
        text,
      ],
    ),
  );
  return [header, ...body];
}

function gutterWidth(bars: number): number {
  return bars === 0 ? 0 : bars + 1;
}

const BARS: { readonly [P in HeldLock["part"]]: string } = { takes: "┏", holds: "┃", releases: "┗" };

/** Returns a bar for each lock that a CPU holds. */
function barsOf({ locks }: RaceRow, cpu: number): string {
  return (locks[cpu] ?? []).map((lock) => (lock === undefined ? " " : BARS[lock.part])).join("");
}

/** Returns the lock bars of a CPU, with padding. @param isContinued whether it is not the first line of the row */
function gutterOf(row: RaceRow, cpu: number, bars: number, isContinued: boolean): Span {
  const gutter = barsOf(row, cpu).padEnd(gutterWidth(bars));
  return span(isContinued ? gutter.replaceAll("┏", "┃").replaceAll("┗", " ") : gutter, "dim");
}

/** Accesses are indented below their function. */
function indentOf({ kind }: RaceRow): number {
  return kind === "access" || kind === "others" || kind === "next" ? 2 : 0;
}

function textsOf(row: RaceRow, room: number): Span[] {
  return wrap(row.text, room - 2).map((text, t) =>
    span(" ".repeat(indentOf(row) + (t === 0 ? 0 : 2)) + text, roleOf(row)),
  );
}

function roleOf({ kind, changed }: RaceRow): Role | undefined {
  switch (kind) {
    case "begins":
    case "ends":
      return "strong";
    case "function":
    case "others":
      return "dim";
    case "next":
      return "warn";
    case "access":
      return changed ? "changed" : undefined;
  }
}
