/** Compares the accesses of a C function with those of the model's function. */

import { diffArrays } from "diff";
import type { SourcePlace } from "../../../model/kernel/call-node.ts";
import type { Access } from "../../../races/access.ts";

/** An access with its call stack, the outermost function first. */
export interface LoggedAccess {
  readonly access: Access;
  readonly functions: readonly string[];
}

/** An access that only one side makes. */
export interface AccessDifference {
  readonly side: "C" | "model";
  /** Its position in the accesses of that side, from 0. */
  readonly position: number;
  /** The innermost function that makes it. */
  readonly function: string;
  /** The access as text, such as `plain store folios[0].slots[0].mmId`. */
  readonly access: string;
  /** The line of the C code, if known. */
  readonly place?: SourcePlace;
}

/** Returns the name of a cell: its path. */
export type NameOfCell = (cell: number) => string;

/** Formats kind, marking and cells of an access. */
export function accessWords({ kind, marked, cells }: Access, nameOf: NameOfCell): string {
  return `${marked ? "marked" : "plain"} ${kind} ${cells.map(nameOf).sort().join(" + ")}`.trim();
}

/**
 * Whether an access of the C code corresponds to one of the model. A word of C may contain additional fields of the
 * model; set_bit() is a read-modify-write of which the model has the store only.
 */
export function corresponds(compiled: Access, model: Access): boolean {
  const isStore = compiled.kind === model.kind || (model.kind === "store" && compiled.kind === "rmw");
  return (
    isStore &&
    compiled.marked === model.marked &&
    compiled.order === model.order &&
    model.cells.length > 0 === compiled.cells.length > 0 &&
    model.cells.every((cell) => compiled.cells.includes(cell))
  );
}

/** Returns the accesses without counterpart, in execution order. */
export function accessDifferences(
  compiled: readonly LoggedAccess[],
  model: readonly LoggedAccess[],
  nameOf: NameOfCell,
): readonly AccessDifference[] {
  const differences: AccessDifference[] = [];
  const position = { C: 0, model: 0 };
  const take = (side: AccessDifference["side"], each: LoggedAccess): void => {
    const { access, functions } = each;
    differences.push({
      side,
      position: position[side]++,
      function: functions.at(-1) ?? "",
      access: accessWords(access, nameOf),
      ...(access.place === undefined ? {} : { place: access.place }),
    });
  };
  const changes = diffArrays([...model], [...compiled], {
    comparator: (left, right) => corresponds(right.access, left.access),
  });
  for (const { added, removed, value } of changes) {
    if (added || removed) {
      for (const each of value) {
        take(added ? "C" : "model", each);
      }
    } else {
      position.C += value.length;
      position.model += value.length;
    }
  }
  return differences;
}

/** Formats a difference. */
export function describeDifference({ side, function: name, access, place, position }: AccessDifference): string {
  const where = place === undefined ? "" : ` at ${place.file}:${place.line}`;
  return side === "C"
    ? `access ${position} of the C code, in ${name}()${where}, is none of the model: ${access}`
    : `access ${position} of the model, in ${name}(), is none of the C code: ${access}`;
}

/** A known difference, with the reason why it is acceptable. */
export interface KnownDifference {
  readonly side: AccessDifference["side"];
  /** Names of the functions that make the access. */
  readonly functions: readonly string[];
  readonly access: RegExp;
  readonly why: string;
}

const MM_IDS = /^plain (?:load|store) folios\[\d+\]\.(?:mmIdsShared|slots\[\d\]\.mmId)/;

/** All known differences. @source Linux 6.18, 7.1 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    side: "C",
    functions: ["folio_set_mm_id"],
    access: MM_IDS,
    why: "an id is stored in two steps, each a plain load and a plain store of its word: the old id is cleared, the new one set; under the lock, the model stores it at once",
  },
  {
    side: "C",
    functions: ["folio_add_return_large_mapcount", "folio_sub_return_large_mapcount"],
    access: /^plain load folios\[\d+\]\.mmIdsShared/,
    why: "the shared bit is changed by a plain read-modify-write of _mm_ids: the model has its store only",
  },
  {
    side: "C",
    functions: ["folio_large_order", "folio_order"],
    access: /^plain load folios\[\d+\]\.(?:pages\[1\]\.anonExclusive|partiallyMapped)/,
    why: "the order is in the flags word of the second page, whose other bits may change: in the model the size of a folio is a constant",
  },
  {
    side: "C",
    functions: ["folio_test_partially_mapped"],
    access: /^marked load folios\[\d+\]\.partiallyMapped$/,
    why: "deferred_split_folio() asserts that a folio that is queued for another reason is not partially mapped: not modelled",
  },
  {
    side: "C",
    functions: ["page_has_type"],
    access: /^marked load folios\[\d+\]\.pages\[0\]\.mapcount$/,
    why: "folio_expected_ref_count() asserts that the folio has no page type: not modelled",
  },
  {
    side: "model",
    functions: ["folioLargeMapcountSanityChecks"],
    access: /^marked load mms\[\d+\]\.hasId$/,
    why: "the C code tests the id of the MM itself, and the id of an MM in use does not change",
  },
  {
    side: "model",
    functions: ["dupMappings"],
    access: /^marked load folios\[\d+\]\.pages\[0\]\.anonExclusive$/,
    why: "for a PMD the kernel loads PageAnonExclusive once, whether or not the folio may be pinned; the model loads it again if it may",
  },
];

/** Returns the known difference that matches a difference; undefined if none does. */
export function knownDifference({ side, function: name, access }: AccessDifference): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) => known.side === side && known.functions.includes(name) && known.access.test(access),
  );
}
