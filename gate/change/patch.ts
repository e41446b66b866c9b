/** Reads a patch, and applies it to a tree in memory. The tree itself is not changed. */
import { applyPatch, parsePatch, type StructuredPatch } from "diff";
import { reasonOf } from "../../files/error-reason.ts";
import { readInput } from "../../files/read-input.ts";
import { isUtf16, withoutByteOrderMark } from "../../files/text-encoding.ts";
import { isDocumentation, type KernelTree } from "../tree/kernel-tree.ts";
import { FILES } from "../tree/manifest.ts";
import { TreeError } from "../tree/tree-error.ts";

/** The text of a patch: one or more unified diffs, or a mailbox of several mails, which may change the same files. */
export interface Patch {
  /** Name of the patch in messages. */
  readonly name: string;
  readonly text: string;
}

/** A tree with a patch applied to it. */
export interface PatchedTree extends KernelTree {
  /** Files that the patch changes, adds or removes, in its order. */
  readonly touched: readonly string[];
  /** Returns the name of a file before the patch renamed it, or of the file that it is a copy of. */
  readonly origin: (file: string) => string;
  /** Sentences about parts of the patch that are not applied. */
  readonly notApplied: readonly string[];
}

/**
 * Reads a patch.
 *
 * @param file path of the patch; `-` for standard input
 * @throws TreeError if it cannot be read, or is in UTF-16
 */
export async function readPatch(file: string): Promise<Patch> {
  let text: string;
  try {
    text = await readInput(file);
  } catch (error) {
    throw new TreeError(`cannot read the patch "${file}": ${reasonOf(error)}`);
  }
  if (isUtf16(text)) {
    throw new TreeError(`the patch "${file}" is in UTF-16; want UTF-8, as git diff --output=FILE writes it`);
  }
  return { name: file, text: withoutByteOrderMark(text).replaceAll("\r\n", "\n") };
}

/**
 * Applies a patch to a tree. The patch may be written by `git diff`, `git format-patch`, `diff -u` or quilt, with
 * renames and copies, and with one folder before the paths, or none. Parts that change files which the tree does not
 * have, and the gate does not read, are not applied.
 *
 * @throws TreeError if it is not a diff, does not apply, or makes a file that the gate reads binary
 */
export function patched(tree: KernelTree, patch: Patch): PatchedTree {
  const changed = new Map<string, string | undefined>();
  const origins = new Map<string, string>();
  const notApplied: string[] = [];
  const read = (file: string): string | undefined => (changed.has(file) ? changed.get(file) : tree.read(file));
  const isKnown = (file: string): boolean => FILES.includes(file) || read(file) !== undefined;
  for (const part of diffsIn(patch)) {
    const [from, to] = [part.oldFileName, part.newFileName].map((name) => pathIn(name, isKnown, patch));
    const moves = part.isRename === true || part.isCopy === true;
    const file = to === undefined || (!moves && from !== undefined && !isKnown(to)) ? from : to;
    const source = moves ? from : file;
    if (file === undefined || source === undefined) {
      continue;
    }
    if (part.isBinary === true) {
      if (FILES.includes(file) || FILES.includes(source)) {
        throw refusal(patch, `makes ${file} a binary file, which this gate reads`);
      }
      if (!isDocumentation(file)) {
        notApplied.push(`${file} is binary in the patch`);
      }
      continue;
    }
    const isRemoved = to === undefined || part.isDelete === true;
    if (part.hunks.length === 0 && !moves && !isRemoved) {
      // A change of the file mode, or an empty file.
      continue;
    }
    const text = read(source);
    const isAdded = from === undefined;
    if (isAdded && text !== undefined) {
      throw refusal(patch, `adds ${file}, which the tree has already`);
    }
    if (text === undefined && !isAdded && ![file, source].some((each) => FILES.includes(each))) {
      // The tree is a folder with only the files that the gate reads.
      if (!isDocumentation(source)) {
        notApplied.push(`${source} is changed by the patch, and not in the tree`);
      }
      continue;
    }
    const result = text === undefined && !isAdded ? false : applyPatch(text ?? "", part);
    if (result === false) {
      throw refusal(patch, `does not apply to ${refusedPlace(text ?? "", part, source)}`);
    }
    if (isRemoved || part.isRename === true) {
      changed.set(source, undefined);
    }
    if (!isRemoved) {
      changed.set(file, result);
    }
    if (moves) {
      origins.set(file, origins.get(source) ?? source);
    }
  }
  const origin = (file: string): string => origins.get(file) ?? file;
  return { read, origin, touched: [...changed.keys()], notApplied };
}

/** Returns the error for a patch, with a hint if it contains an encoded mail, which does not apply. */
function refusal({ name, text }: Patch, what: string): TreeError {
  const [, encoding] = /^Content-Transfer-Encoding:[ \t]*(quoted-printable|base64)/im.exec(text) ?? [];
  const hint = encoding === undefined ? "" : `; it has a mail in ${encoding}, which has to be decoded first`;
  return new TreeError(`the patch "${name}" ${what}${hint}`);
}

/** Returns the place of the first hunk that does not apply. */
function refusedPlace(text: string, part: StructuredPatch, file: string): string {
  const refused = part.hunks.findIndex(
    (_, i) => applyPatch(text, { ...part, hunks: part.hunks.slice(0, i + 1) }) === false,
  );
  const hunk = part.hunks[refused];
  return hunk === undefined
    ? `${file}, which the tree does not have`
    : `${file}:${hunk.oldStart}, hunk ${refused + 1} of ${part.hunks.length}`;
}

function diffsIn(patch: Patch): StructuredPatch[] {
  const diff = onlyDiffs(patch.text);
  try {
    const parts = parsePatch(diff);
    if (
      parts.some(
        ({ hunks, isRename, isCopy, isBinary, isDelete }) =>
          hunks.length > 0 || isRename || isCopy || isBinary || isDelete,
      )
    ) {
      return parts;
    }
  } catch (error) {
    throw refusal(patch, `is not a unified diff: ${(error as Error).message.split("\n")[0]}`);
  }
  throw refusal(patch, "has no changes in it; want a unified diff");
}

/** Matches the lines between `diff --git` and the names of the files. */
const EXTENDED_HEADER =
  /^(?:(?:old|new|new file|deleted file) mode|(?:dis)?similarity index|(?:rename|copy) (?:from|to)|index|Binary files) /;

/**
 * Removes everything from a text that is not a diff: headers, messages and signatures of mails, which may look like
 * diffs. The header of a hunk determines its length. A line after a hunk that could belong to it is not removed, so
 * that a hunk with a wrong length is reported.
 */
function onlyDiffs(text: string): string {
  const lines = text.split("\n");
  const diffLines: string[] = [];
  let isInside = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const [, oldLines, newLines] = (isInside && /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line)) || [];
    if (isInside && line.startsWith("@@ ")) {
      const end = endOfHunk(lines, i + 1, Number(oldLines ?? 1), Number(newLines ?? 1));
      diffLines.push(...lines.slice(i, end));
      i = end - 1;
    } else if (/^-- ?$/.test(line) || /^From \S/.test(line)) {
      isInside = false;
    } else if (line.startsWith("diff --git ")) {
      isInside = true;
      diffLines.push(withUsualPrefixes(line));
    } else if (line.startsWith("--- ") && lines[i + 1]?.startsWith("+++ ") === true) {
      isInside = true;
      diffLines.push(line, lines[i + 1] as string);
      i++;
    } else if (isInside && line === "GIT binary patch") {
      diffLines.push("Binary files differ");
    } else if (isInside && (EXTENDED_HEADER.test(line) || /^[-+ ]/.test(line))) {
      diffLines.push(line);
    }
  }
  return diffLines.map((line) => `${line}\n`).join("");
}

/** Returns the index of the line after a hunk with the given numbers of lines of the old file and of the new one. */
function endOfHunk(lines: readonly string[], first: number, oldLines: number, newLines: number): number {
  let i = first;
  for (let [old, fresh] = [oldLines, newLines]; i < lines.length && (old > 0 || fresh > 0); i++) {
    const sign = lines[i]?.[0] ?? " ";
    old -= sign === "-" || sign === " " ? 1 : 0;
    fresh -= sign === "+" || sign === " " ? 1 : 0;
    if (!/[-+ \\]/.test(sign)) {
      return i;
    }
  }
  return lines[i]?.startsWith("\\") === true ? i + 1 : i;
}

/**
 * Rewrites a header with other prefixes, or none, as `diff --git a/file b/file`: the file may be named nowhere else.
 */
function withUsualPrefixes(header: string): string {
  const [, file] = /^diff --git \w\/(.+) \w\/\1$/.exec(header) ?? /^diff --git (.+) \1$/.exec(header) ?? [];
  return file === undefined ? header : `diff --git a/${file} b/${file}`;
}

/**
 * Resolves the path of a diff to a path in the tree: unchanged, or without its first folder, if such a file is known.
 * Undefined for /dev/null.
 *
 * @throws TreeError for a path outside of the tree
 */
function pathIn(name: string | undefined, isKnown: (file: string) => boolean, patch: Patch): string | undefined {
  if (name === undefined || name === "/dev/null") {
    return undefined;
  }
  const parts = name.split("/").filter((part) => part !== "." && part !== "");
  if (name.startsWith("/") || parts.includes("..")) {
    throw refusal(patch, `changes "${name}", which is not a path in the tree`);
  }
  const whole = parts.join("/");
  const inside = parts.slice(1).join("/");
  if (isKnown(whole)) {
    return whole;
  }
  return isKnown(inside) || /^(?:[a-z]|linux[^/]*)\//.test(whole) ? inside : whole;
}
