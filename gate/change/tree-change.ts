/**
 * Finds the functions and lines that a change touches, and those of them that no unit contains in any configuration.
 */
import { structuredPatch } from "diff";
import type { CParser } from "../tree/c-parser.ts";
import type { ChangedCode, ChangedLine, TreeChange, UncheckedLines } from "../tree/changed-code.ts";
import type { KernelSources } from "../tree/kernel-sources.ts";
import { isDocumentation, type KernelTree } from "../tree/kernel-tree.ts";
import type { StubIndex, UnitParts } from "../unit/unit-parts.ts";
import { codeOf } from "./against-base.ts";
import {
  type ChangedFunctionText,
  comparedFunctions,
  type FunctionText,
  functionAt,
  withoutMoved,
} from "./changed-functions.ts";

/** A tree in one configuration. */
export interface ConfiguredTree {
  readonly sources: KernelSources;
  readonly parts: Pick<UnitParts, "lines">;
  readonly options: ReadonlySet<string>;
  readonly stubs: StubIndex;
}

/** The input of the comparison. */
export interface ComparedTrees {
  readonly tree: KernelTree;
  readonly base: KernelTree;
  /** Files that may differ. */
  readonly files: readonly string[];
  /** Returns the name of a file in the base. */
  readonly nameInBase: (file: string) => string;
  /** The tree in each configuration. */
  readonly configured: readonly ConfiguredTree[];
  /** Returns the base in each configuration. Slow, and called only if lines were removed. */
  readonly configuredBase: () => readonly ConfiguredTree[];
  /** Sentences about parts of the patch that were not applied, and are not compared. */
  readonly notApplied: readonly string[];
  /** The folders whose files are compared; present for a base tree (`--base`). */
  readonly folders?: readonly string[];
  readonly parser: CParser;
}

/** Adjacent changed lines of a file. */
interface ChangedPlace {
  /** Lines of the tree. */
  readonly added: readonly number[];
  /** Lines of the base. */
  readonly removed: readonly number[];
  /** The line of the tree that replaces removed lines. */
  readonly line: number;
}

/**
 * Compares all lines that differ with those that the units contain. Comments, white space and documentation do not
 * count.
 */
export function treeChange(compared: ComparedTrees): ChangedCode & { readonly isInUnit: () => boolean } {
  const changes = compared.files.filter((file) => !isDocumentation(file)).map((file) => fileChange(compared, file));
  return {
    functions: withoutMoved(changes.flatMap(({ functions }) => functions)),
    lines: changes.flatMap(({ lines }) => lines),
    uncovered: joinedLines(changes.flatMap(({ uncovered }) => uncovered)),
    isInUnit: () => changes.some(({ isInUnit }) => isInUnit()),
    notApplied: compared.notApplied,
    ...(compared.folders === undefined ? {} : { folders: compared.folders }),
  };
}

/** The difference of one file from its base. */
interface FileChange extends Pick<TreeChange, "lines" | "uncovered"> {
  readonly functions: readonly ChangedFunctionText[];
  readonly isInUnit: () => boolean;
}

function fileChange(compared: ComparedTrees, file: string): FileChange {
  const text = compared.tree.read(file) ?? "";
  const baseFile = compared.nameInBase(file);
  const baseText = compared.base.read(baseFile) ?? "";
  if (text === baseText) {
    return { functions: [], lines: [], uncovered: [], isInUnit: () => false };
  }
  const comparison = /\.[ch]$/.test(file)
    ? comparedFunctions(baseText, text, compared.parser)
    : { before: [], now: [], changedBefore: [], changed: [], removed: [] };
  const raw = text.split("\n");
  const isInUnit = (n: number): boolean => compared.configured.some(({ parts }) => parts.lines.has(file, n));
  const wasInUnit = (n: number): boolean => compared.configuredBase().some(({ parts }) => parts.lines.has(baseFile, n));
  const isCovered = (n: number): boolean => compared.configured.some((each) => covers(each, file, n, raw[n - 1] ?? ""));
  const uncovered: UncheckedLines[] = [];
  const lines: ChangedLine[] = [];
  // In a function that has not changed, a line differs by white space only.
  const places = changedPlaces(baseText, text)
    .map(({ added, removed, line }) => ({
      line,
      added: added.filter((n) => isChanged(n, comparison.now, comparison.changed)),
      removed: removed.filter((n) => isChanged(n, comparison.before, comparison.changedBefore)),
    }))
    .filter(({ added, removed }) => added.length + removed.length > 0);
  const add = (n: number, why: string | undefined, isInFunction: boolean): void => {
    if (why !== undefined) {
      uncovered.push(rangeOf(file, n, why));
    }
    if (!isInFunction) {
      lines.push({ file, line: n, ...(why === undefined ? {} : { why }) });
    }
  };
  for (const { added, removed, line } of places) {
    for (const n of added.filter((each) => !isInclude(raw[each - 1]))) {
      const why = isCovered(n) ? optionsOff(compared, raw[n - 1] ?? "") : whyNot(compared, file, n, raw[n - 1] ?? "");
      add(n, why, functionAt(comparison.now, n) !== undefined);
    }
    if (added.length === 0 && !removedIncludesOnly(baseText, removed)) {
      const why = removed.some(wasInUnit) ? undefined : "nothing in scope used what was there";
      add(
        line,
        why,
        removed.some((n) => functionAt(comparison.before, n) !== undefined),
      );
    }
  }
  const statusOf = ({ name }: FunctionText): "changed" | "new" =>
    comparison.before.some((each) => each.name === name) ? "changed" : "new";
  const changed = comparison.changed.map((each): ChangedFunctionText => {
    const why = uncovered.find(({ line }) => each.line <= line && line <= each.endLine)?.why;
    return { ...each, file, status: statusOf(each), ...(why === undefined ? {} : { why }) };
  });
  const removed = comparison.removed.map(({ name, line, endLine, code }): ChangedFunctionText => {
    const isOwn = (n: number): boolean => line <= n && n <= endLine;
    const place = places.find((each) => each.removed.some(isOwn));
    const isInScope = place?.removed.some((n) => isOwn(n) && wasInUnit(n)) === true;
    const why = isInScope ? {} : { why: "nothing in scope used it" };
    const at = place?.line ?? line;
    return { name, file, line: at, endLine: at, status: "removed", code, ...why };
  });
  return {
    functions: [...changed, ...removed],
    lines,
    uncovered,
    isInUnit: () => places.some(({ added, removed: old }) => added.some(isInUnit) || old.some(wasInUnit)),
  };
}

/** Whether a line is outside of functions, or in a changed function. */
function isChanged(line: number, functions: readonly FunctionText[], changed: readonly FunctionText[]): boolean {
  const around = functionAt(functions, line);
  return around === undefined || changed.includes(around);
}

function isInclude(text: string | undefined): boolean {
  return /^\s*#\s*include\b/.test(text ?? "");
}

/** Returns the reason why a line in a unit is not fully checked: it uses an option that no configuration has. */
function optionsOff({ configured }: ComparedTrees, text: string): string | undefined {
  const off = optionsUsedIn(text).find((option) => !configured.some(({ options }) => options.has(option)));
  return off === undefined ? undefined : `it asks for ${off}, which is off in every configuration`;
}

function rangeOf(file: string, line: number, why: string): UncheckedLines {
  return { file, line, endLine: line, why };
}

function changedPlaces(before: string, after: string): ChangedPlace[] {
  const { hunks } = structuredPatch("", "", codeOf(before), codeOf(after), "", "", { context: 0 });
  return hunks.flatMap(({ lines, oldStart, newStart }) => {
    const numbered = (sign: string, first: number): number[] =>
      lines
        .filter((each) => each.startsWith(sign))
        .flatMap((each, i) => (each.slice(1).trim() === "" ? [] : [first + i]));
    const [added, removed] = [numbered("+", newStart), numbered("-", oldStart)];
    return added.length + removed.length === 0 ? [] : [{ added, removed, line: Math.max(1, newStart) }];
  });
}

function removedIncludesOnly(text: string, removed: readonly number[]): boolean {
  const lines = text.split("\n");
  return removed.every((n) => isInclude(lines[n - 1]));
}

/** Whether a unit contains a line. A preprocessor condition inside of its declarations counts: it was evaluated. */
function covers({ parts }: ConfiguredTree, file: string, line: number, text: string): boolean {
  return parts.lines.has(file, line) || (/^\s*#\s*(?!define)/.test(text) && parts.lines.surround(file, line));
}

/**
 * Returns the options that a line uses; none for a preprocessor condition, whose inactive lines are reported
 * themselves.
 */
function optionsUsedIn(text: string): readonly string[] {
  return /^\s*#/.test(text) ? [] : (text.match(/\bCONFIG_\w+/g) ?? []);
}

/** Reasons that do not name the declaration that contains a line. */
const UNREAD = "the gate does not read this file";
const LEFT_OUT = "no configuration here has it";
const UNUSED = "nothing in scope uses it";

/** Returns the reason why no unit contains a line. */
function whyNot({ configured }: ComparedTrees, file: string, line: number, text: string): string {
  if (!configured.some(({ sources }) => sources.files.includes(file))) {
    return UNREAD;
  }
  const isCondition = /^\s*#\s*(?!define)/.test(text);
  if (!isCondition && !configured.some(({ sources }) => sources.isActive(file, line))) {
    return LEFT_OUT;
  }
  for (const { sources, stubs } of configured) {
    const around = sources.around(file, line);
    const [name] = around?.names ?? [];
    if (around !== undefined && name !== undefined) {
      const called = around.kind === "function" ? `${name}()` : name;
      return stubs.prelude.has(name) || stubs.instead.has(name)
        ? `a stub replaces ${called}`
        : `nothing in scope uses ${called}`;
    }
  }
  return UNUSED;
}

/** Maximum distance of two lines in one range: comments, braces and empty lines may be between them. */
const NEAR = 3;

/** Joins lines with the same reason to ranges if they are near each other, or if the reason names one declaration. */
function joinedLines(lines: readonly UncheckedLines[]): UncheckedLines[] {
  const joined: UncheckedLines[] = [];
  for (const each of lines) {
    const last = joined.at(-1);
    const namesDeclaration = ![UNREAD, LEFT_OUT, UNUSED].includes(each.why);
    const isSame = last !== undefined && last.file === each.file && last.why === each.why && each.line >= last.line;
    if (isSame && (namesDeclaration || each.line <= last.endLine + NEAR)) {
      joined[joined.length - 1] = { ...last, endLine: each.endLine };
    } else {
      joined.push(each);
    }
  }
  return joined;
}
