/** Coverage of an image: lines and functions of the tree that have code, and those that were executed. */
import type { SourceFunction } from "../../module/debug-info/compiled-scopes.ts";

/**
 * For each mark in the code, the items that have run when it is set. The list of a mark ends at its `ends`, and begins
 * at the end of the preceding list.
 */
export interface MarkedItems {
  readonly ends: Uint32Array;
  readonly items: Uint32Array;
}

/** Meaning of the marks in a module's code. Plain data, which can be sent to a worker. */
export interface CoverageMap {
  /** Address of the marks: one byte each, 1 when set. */
  readonly address: number;
  /** Files of the tree that have code. */
  readonly files: readonly string[];
  /** Lines that have code: position of the file in `files`, and line number. */
  readonly lineFiles: Uint32Array;
  readonly lines: Uint32Array;
  /** Functions that have code in the module, also if it is inlined everywhere. */
  readonly functions: readonly SourceFunction[];
  readonly markedLines: MarkedItems;
  readonly markedFunctions: MarkedItems;
}

/** A range of lines, both ends included. */
export type Lines = readonly [first: number, last: number];

/** Coverage of a file of the tree. Lines without code are in neither list. */
export interface FileCoverage {
  readonly file: string;
  /** Lines that have code, as maximal ranges, ascending. */
  readonly code: readonly Lines[];
  /** Those of them that were executed. */
  readonly reached: readonly Lines[];
}

/** Coverage of all files. */
export interface Coverage {
  /** Every file that has code, by name. */
  readonly files: readonly FileCoverage[];
  /** Functions that were executed, at least in part. */
  readonly functions: readonly SourceFunction[];
}

/** Returns the number of marks. */
export function marksOf({ markedLines }: CoverageMap): number {
  return markedLines.ends.length;
}

/**
 * Returns the coverage that marks represent.
 *
 * @param marks one byte each: 1 if set
 */
export function coverageOf(map: CoverageMap, marks: Uint8Array): Coverage {
  const isReached = reachedItems(map.markedLines, marks);
  const code: number[][] = map.files.map(() => []);
  const reached: number[][] = map.files.map(() => []);
  map.lines.forEach((line, i) => {
    const file = map.lineFiles[i] as number;
    code[file]?.push(line);
    if (isReached.has(i)) {
      reached[file]?.push(line);
    }
  });
  const functions = reachedItems(map.markedFunctions, marks);
  return {
    files: map.files
      .map((file, i) => ({ file, code: rangesOf(code[i] ?? []), reached: rangesOf(reached[i] ?? []) }))
      .sort((one, other) => (one.file < other.file ? -1 : 1)),
    functions: map.functions.filter((_, i) => functions.has(i)),
  };
}

/** Returns the union of the coverage of several searches. A line that has code in one of them is a line with code. */
export function mergedCoverage(searches: readonly (readonly FileCoverage[])[]): readonly FileCoverage[] {
  const files = new Map<string, { readonly code: Set<number>; readonly reached: Set<number> }>();
  for (const { file, code, reached } of searches.flat()) {
    const all = files.get(file) ?? { code: new Set<number>(), reached: new Set<number>() };
    addLines(all.code, code);
    addLines(all.reached, reached);
    files.set(file, all);
  }
  return [...files]
    .map(([file, { code, reached }]) => ({ file, code: rangesOf([...code]), reached: rangesOf([...reached]) }))
    .sort((one, other) => (one.file < other.file ? -1 : 1));
}

function addLines(lines: Set<number>, ranges: readonly Lines[]): void {
  for (const [first, last] of ranges) {
    for (let line = first; line <= last; line++) {
      lines.add(line);
    }
  }
}

/** Returns the number of lines in the ranges. */
export function countLines(ranges: readonly Lines[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Whether a line is in one of the ranges. */
export function hasLine(ranges: readonly Lines[], line: number): boolean {
  return ranges.some(([first, last]) => first <= line && line <= last);
}

function reachedItems({ ends, items }: MarkedItems, marks: Uint8Array): ReadonlySet<number> {
  const reached = new Set<number>();
  let at = 0;
  ends.forEach((end, mark) => {
    if (marks[mark] === 1) {
      for (const item of items.subarray(at, end)) {
        reached.add(item);
      }
    }
    at = end;
  });
  return reached;
}

function rangesOf(lines: readonly number[]): readonly Lines[] {
  const ranges: [number, number][] = [];
  for (const line of [...lines].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && line === last[1] + 1) {
      last[1] = line;
    } else {
      ranges.push([line, line]);
    }
  }
  return ranges;
}
