/** How the functions of a tree compare with those of its base: which have changed, and in which lines. */
import { structuredPatch } from "diff";
import type { Declaration } from "../tree/declarations.ts";
import { withoutComments } from "../tree/kernel-tree.ts";
import type { LineRange } from "../tree/line-set.ts";
import type { ExtractedFunction } from "../unit/translation-unit.ts";
import type { UnitParts } from "../unit/unit-parts.ts";

/** What is said of a function of the tree. */
export type Comparison = Pick<ExtractedFunction, "status" | "changes">;

/**
 * Compares with a base: a function has changed when its text has, or that of a macro, type or variable that it uses.
 * Comments and white space do not count.
 */
export function comparedWith(base: UnitParts | undefined, parts: UnitParts): (declaration: Declaration) => Comparison {
  if (base === undefined) {
    return () => ({ status: "unchanged", changes: [] });
  }
  const before = new Map(base.functions.map((each) => [each.names[0], each]));
  return (declaration) => {
    const old = before.get(declaration.names[0]);
    if (old !== undefined && fingerprint(declaration, parts) === fingerprint(old, base)) {
      return { status: "unchanged", changes: [] };
    }
    const around = parts
      .surroundings(declaration)
      .filter(({ isStub }) => !isStub)
      .flatMap((each) => changedLines(each, base.definition(each.names[0] as string, each.file)));
    return {
      status: old === undefined ? "new" : "changed",
      changes: [...changedLines(declaration, old), ...around],
    };
  };
}

function fingerprint(declaration: Declaration, parts: UnitParts): string {
  const around = parts.surroundings(declaration).map(({ text }) => onOneLine(text));
  return [onOneLine(declaration.text), ...around.sort()].join("\0");
}

function onOneLine(text: string): string {
  return withoutComments(text).replace(/\s+/g, " ").trim();
}

/**
 * The lines of a declaration that are not as they were; all of them where it was not there before. Where lines were
 * only taken out, the line that is in their place now.
 */
function changedLines({ file, line, lines, text }: Declaration, before: Declaration | undefined): LineRange[] {
  const last = line + lines.split("\n").length - 1;
  if (before === undefined) {
    return [{ file, line, endLine: last }];
  }
  const { hunks } = structuredPatch("", "", codeOf(before.lines), codeOf(lines), "", "", { context: 0 });
  const changed = hunks.filter((hunk) => hunk.lines.some((each) => each.slice(1).trim() !== ""));
  // What a macro makes is changed by the macro, and not by the line that uses it.
  if (changed.length === 0 && onOneLine(text) !== onOneLine(before.text)) {
    return [{ file, line, endLine: last }];
  }
  return changed.map((hunk) => {
    const first = line + hunk.newStart - 1;
    // Empty lines around what was put in do not count.
    const added = hunk.lines.filter((each) => each.startsWith("+")).map((each) => each !== "+");
    return added.includes(true)
      ? { file, line: first + added.indexOf(true), endLine: first + added.lastIndexOf(true) }
      : { file, line: Math.min(first, last), endLine: Math.min(first, last) };
  });
}

/** C text line by line, without comments and indentation. */
export function codeOf(text: string): string {
  return withoutComments(text)
    .split("\n")
    .map((line) => `${line.replace(/\s+/g, " ").trim()}\n`)
    .join("");
}
