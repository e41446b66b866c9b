/** Finds the functions that differ between two versions of a file, without comments and white space. */

import type { CParser } from "../tree/c-parser.ts";
import type { ChangedFunction } from "../tree/changed-code.ts";
import { functionDefinitions } from "../tree/declarations.ts";
import { withoutComments } from "../tree/kernel-tree.ts";

/** A definition of a function, active in any configuration. */
export interface FunctionText {
  readonly name: string;
  /** First and last line of the definition, from 1. */
  readonly line: number;
  readonly endLine: number;
  /** Its text without comments, with single spaces. */
  readonly code: string;
}

/** The definitions of two versions of a file. */
export interface FunctionComparison {
  readonly before: readonly FunctionText[];
  readonly now: readonly FunctionText[];
  /** Definitions of one version that are not in the other with the same code. */
  readonly changedBefore: readonly FunctionText[];
  readonly changed: readonly FunctionText[];
  /** Definitions of `before` without a counterpart in `now`. */
  readonly removed: readonly FunctionText[];
}

/** Returns the functions that a file defines at top level, in any configuration. */
export function functionsIn(text: string, parser: CParser): FunctionText[] {
  const code = withoutComments(text);
  const lines = code.split("\n");
  return functionDefinitions(code, parser).map(({ name, line, endLine }) => ({
    name,
    line,
    endLine,
    code: lines
      .slice(line - 1, endLine)
      .join(" ")
      .replace(/\s+/g, " ")
      .trim(),
  }));
}

/**
 * Compares two versions of a file. Several definitions of one name, for different options, are distinguished by their
 * code.
 */
export function comparedFunctions(before: string, now: string, parser: CParser): FunctionComparison {
  const [old, own] = [functionsIn(before, parser), functionsIn(now, parser)];
  const unmatched = [...old];
  const take = (test: (each: FunctionText) => boolean): boolean => {
    const at = unmatched.findIndex(test);
    return at >= 0 && unmatched.splice(at, 1).length > 0;
  };
  const changed = own.filter(({ name, code }) => !take((each) => each.name === name && each.code === code));
  const changedBefore = [...unmatched];
  for (const { name } of changed) {
    take((each) => each.name === name);
  }
  return { before: old, now: own, changedBefore, changed, removed: unmatched };
}

/** Returns the function that contains a line. */
export function functionAt(functions: readonly FunctionText[], line: number): FunctionText | undefined {
  return functions.find((each) => each.line <= line && line <= each.endLine);
}

/** A changed function, with its code. */
export type ChangedFunctionText = ChangedFunction & Pick<FunctionText, "code">;

/** Removes functions that were moved to another file without a change. */
export function withoutMoved(functions: readonly ChangedFunctionText[]): ChangedFunction[] {
  const isSame = (one: ChangedFunctionText, other: ChangedFunctionText): boolean =>
    one.name === other.name && one.code === other.code && one.status !== other.status;
  const isMoved = (each: ChangedFunctionText): boolean =>
    each.status !== "changed" &&
    functions.some((other) => other.status !== "changed" && other.file !== each.file && isSame(each, other));
  return functions.filter((each) => !isMoved(each)).map(({ code: _, ...each }) => each);
}
