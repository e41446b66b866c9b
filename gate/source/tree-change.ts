/** What a change touches and the gate does not look at: in no configuration, for nothing. */
import { structuredPatch } from "diff";
import type { OverlookedLines, TreeChange } from "../compiled-kernel.ts";
import { codeOf } from "./against-base.ts";
import type { KernelSources } from "./kernel-sources.ts";
import type { KernelTree } from "./kernel-tree.ts";
import type { StandIns, UnitParts } from "./unit.ts";

/** One tree as one configuration sees it. */
export interface ConfiguredTree {
  readonly sources: KernelSources;
  readonly parts: Pick<UnitParts, "lines">;
  readonly options: ReadonlySet<string>;
  readonly standIns: StandIns;
}

/** What there is to compare. */
export interface ComparedTrees {
  readonly tree: KernelTree;
  readonly base: KernelTree;
  /** Files that may differ. */
  readonly files: readonly string[];
  /** Under which name the base has a file. */
  readonly nameInBase: (file: string) => string;
  /** The tree in each configuration. */
  readonly configured: readonly ConfiguredTree[];
  /** The base in each configuration. */
  readonly configuredBase: readonly ConfiguredTree[];
  /** Sentences about what was not even compared. */
  readonly notApplied: readonly string[];
}

/** Lines of one file that were changed at one place: those that are there now, and those of the base. */
interface ChangedPlace {
  readonly added: readonly number[];
  readonly removed: readonly number[];
  /** The line that is in the place of what was taken out. */
  readonly line: number;
}

/** Compares all lines that differ with those that the units have. Comments and white space do not count. */
export function treeChange(compared: ComparedTrees): TreeChange {
  const overlooked: OverlookedLines[] = [];
  let isInUnit = false;
  for (const file of compared.files) {
    const text = compared.tree.read(file) ?? "";
    const baseFile = compared.nameInBase(file);
    const baseText = compared.base.read(baseFile) ?? "";
    if (text === baseText) {
      continue;
    }
    const raw = text.split("\n");
    for (const { added, removed, line } of changedPlaces(baseText, text)) {
      const isSeen = (n: number): boolean => compared.configured.some((each) => sees(each, file, n, raw[n - 1] ?? ""));
      const wasSeen = removed.some((n) => compared.configuredBase.some(({ parts }) => parts.lines.has(baseFile, n)));
      const unseen = added.filter((n) => !isSeen(n) && !/^\s*#\s*include\b/.test(raw[n - 1] ?? ""));
      isInUnit ||= wasSeen || added.some((n) => compared.configured.some(({ parts }) => parts.lines.has(file, n)));
      for (const n of unseen) {
        overlooked.push(rangeOf(file, n, whyNot(compared, file, n, raw[n - 1] ?? "")));
      }
      if (added.length === 0 && !wasSeen && !removedIncludesOnly(baseText, removed)) {
        overlooked.push(rangeOf(file, line, "nothing in scope used what was there"));
      }
      for (const n of added.filter(isSeen)) {
        for (const option of optionsAskedFor(raw[n - 1] ?? "")) {
          if (!compared.configured.some(({ options }) => options.has(option))) {
            overlooked.push(rangeOf(file, n, `it asks for ${option}, which is off in every configuration`));
          }
        }
      }
    }
  }
  return { overlooked: joinedLines(overlooked), isInUnit, notApplied: compared.notApplied };
}

function rangeOf(file: string, line: number, why: string): OverlookedLines {
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
    return added.length + removed.length === 0 ? [] : [{ added, removed, line: newStart }];
  });
}

function removedIncludesOnly(text: string, removed: readonly number[]): boolean {
  const lines = text.split("\n");
  return removed.every((n) => /^\s*#\s*include\b/.test(lines[n - 1] ?? ""));
}

/** Whether a unit has a line: of the conditions inside of what it has, the gate has decided them. */
function sees({ parts }: ConfiguredTree, file: string, line: number, text: string): boolean {
  return parts.lines.has(file, line) || (/^\s*#\s*(?!define)/.test(text) && parts.lines.surround(file, line));
}

/** Options that a line asks for, but for those of a condition: what that leaves out is told line by line. */
function optionsAskedFor(text: string): readonly string[] {
  return /^\s*#/.test(text) ? [] : (text.match(/\bCONFIG_\w+/g) ?? []);
}

/** Reasons that say nothing of what a line is a part of. */
const UNREAD = "the gate does not read this file";
const LEFT_OUT = "no configuration here has it";
const UNUSED = "nothing in scope uses it";

/** Why no unit has a line. */
function whyNot({ configured }: ComparedTrees, file: string, line: number, text: string): string {
  if (!configured.some(({ sources }) => sources.files.includes(file))) {
    return UNREAD;
  }
  const isCondition = /^\s*#\s*(?!define)/.test(text);
  if (!isCondition && !configured.some(({ sources }) => sources.isActive(file, line))) {
    return LEFT_OUT;
  }
  for (const { sources, standIns } of configured) {
    const around = sources.around(file, line);
    const [name] = around?.names ?? [];
    if (around !== undefined && name !== undefined) {
      const called = around.kind === "function" ? `${name}()` : name;
      return standIns.prelude.has(name) || standIns.instead.has(name)
        ? `a stand-in takes the place of ${called}`
        : `nothing in scope uses ${called}`;
    }
  }
  return UNUSED;
}

/** Lines that may lie between two that are told as one range: comments, braces and empty lines. */
const NEAR = 3;

/** Lines that are near each other, or belong to one thing, as one range for each reason. */
function joinedLines(lines: readonly OverlookedLines[]): OverlookedLines[] {
  const joined: OverlookedLines[] = [];
  for (const each of lines) {
    const last = joined.at(-1);
    const isOfOneThing = ![UNREAD, LEFT_OUT, UNUSED].includes(each.why);
    const isSame = last !== undefined && last.file === each.file && last.why === each.why && each.line >= last.line;
    if (isSame && (isOfOneThing || each.line <= last.endLine + NEAR)) {
      joined[joined.length - 1] = { ...last, endLine: each.endLine };
    } else {
      joined.push(each);
    }
  }
  return joined;
}
