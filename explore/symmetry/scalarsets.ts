/**
 * Scalarsets: sets of interchangeable elements of a state, declared by arrays and lists. If several arrays declare one
 * scalarset, their records at one position are parts of one element, which move together.
 *
 * @source Ip and Dill, Better Verification Through Symmetry, 1996 (Murphi)
 */
import { MachineError } from "../model/errors.ts";
import { type PlacedArray, type PlacedLeaf, placesOf, type StructLayout } from "../packed/layout.ts";

/** A set with interchangeable elements. */
export interface Scalarset {
  readonly name: string;
  /** Groups of two or more elements that are interchangeable with each other. */
  readonly groups: readonly Group[];
  /** Whether an interchangeable element contains a reference to the scalarset. */
  readonly refersToItself: boolean;
}

/** Interchangeable elements. */
export interface Group {
  /** The values of references to the members, in ascending order. */
  readonly numbers: readonly number[];
  /** The contents of the members, cut into pieces. */
  readonly pieces: readonly Piece[];
  /** Every reference to the scalarset, to this group or not. */
  readonly refs: readonly Reference[];
}

/** The same piece of every member's contents. It never straddles two words. */
export interface Piece {
  /** For each member the offset in the state, in bits. */
  readonly at: readonly number[];
  /** Width in bits, 1 … 32. */
  readonly bits: number;
  /** Mask of its bits outside references to interchangeable elements. */
  readonly own: number;
}

/** A reference to an element of a scalarset. */
export interface Reference {
  /** Offset in the state, in bits. */
  readonly at: number;
  readonly bits: number;
  /** Equal for references that are exchanged with each other when elements are interchanged, and for no others. */
  readonly role: number;
}

interface Declaration {
  readonly name: string;
  readonly parts: readonly PlacedArray[];
  /** Groups of two or more interchangeable positions. */
  readonly groups: readonly (readonly number[])[];
}

/** One part of one element: bits of the state. */
interface Span {
  readonly at: number;
  readonly size: number;
}

/**
 * The scalarsets of a layout that have interchangeable elements.
 *
 * @throws MachineError (`not-symmetric`) for arrays or references that do not match their scalarset
 */
export function scalarsetsOf(layout: StructLayout): Scalarset[] {
  const { leaves, arrays } = placesOf(layout);
  const declared = declarationsIn(arrays);
  checkReferences(leaves, declared);
  const movable = declared.filter(({ groups }) => groups.length > 0);
  checkNesting(movable, arrays);
  const refs = leaves.filter((leaf) => leaf.kind === "ref" && movable.some(({ name }) => name === leaf.scalarset));
  const allRows = movable.flatMap(({ parts, groups }) => groups.flatMap((group) => rowsOf(group, parts)));
  return movable.map(({ name, parts, groups }) => {
    const own = refs.filter((leaf) => leaf.scalarset === name);
    return {
      name,
      groups: groups.map((group) => ({
        numbers: group.map((position) => position + 1),
        pieces: rowsOf(group, parts).flatMap((row) => piecesOf(row, refs)),
        refs: own.map(({ at, bits }) => ({ at, bits, role: roleOf(at, allRows) })),
      })),
      refersToItself: groups.some((group) =>
        rowsOf(group, parts)
          .flat()
          .some((span) => own.some(({ at }) => contains(span, at))),
      ),
    };
  });
}

function declarationsIn(arrays: readonly PlacedArray[]): Declaration[] {
  const names = new Set(arrays.flatMap(({ scalarset }) => (scalarset === undefined ? [] : [scalarset])));
  return [...names].map((name) => {
    const parts = arrays.filter(({ scalarset }) => scalarset === name);
    const [{ elements, path }, ...others] = parts as [PlacedArray, ...PlacedArray[]];
    const odd = others.find((each) => each.elements.length !== elements.length);
    if (odd !== undefined) {
      throw new MachineError(
        "not-symmetric",
        `the scalarset "${name}" has ${elements.length} elements in ${path}, and ${odd.elements.length} in ${odd.path}; arrays ` +
          "that declare one scalarset hold parts of the same elements",
      );
    }
    const groups: number[][] = [];
    elements.forEach((_, position) => {
      const alike = groups.find(([other]) =>
        parts.every((part) => part.elements[position]?.layout === part.elements[other as number]?.layout),
      );
      if (alike === undefined) {
        groups.push([position]);
      } else {
        alike.push(position);
      }
    });
    return { name, parts, groups: groups.filter((group) => group.length > 1) };
  });
}

function checkReferences(leaves: readonly PlacedLeaf[], declared: readonly Declaration[]): void {
  for (const { scalarset, path, max } of leaves) {
    if (scalarset === undefined) {
      continue;
    }
    const length = declared.find(({ name }) => name === scalarset)?.parts[0]?.elements.length;
    if (length === undefined) {
      throw new MachineError(
        "not-symmetric",
        `field ${path} refers to the scalarset "${scalarset}", which no array declares`,
      );
    }
    if (max !== length) {
      throw new MachineError(
        "not-symmetric",
        `field ${path} refers to ${max} elements of the scalarset "${scalarset}", which has ${length}`,
      );
    }
  }
}

function checkNesting(movable: readonly Declaration[], arrays: readonly PlacedArray[]): void {
  for (const outer of movable.flatMap(({ parts }) => parts)) {
    const inner = arrays.find(({ scalarset, path }) => scalarset !== undefined && path.startsWith(`${outer.path}[`));
    if (inner !== undefined) {
      throw new MachineError(
        "not-symmetric",
        `the scalarset "${inner.scalarset}" is declared within an element of another scalarset, by ${inner.path}; declare it outside`,
      );
    }
  }
}

/** For each part, its spans in all members of the group. */
function rowsOf(group: readonly number[], parts: readonly PlacedArray[]): Span[][] {
  return parts.map(({ elements }) =>
    group.map((position) => {
      const { at, layout } = elements[position] as PlacedArray["elements"][number];
      return { at, size: layout.size };
    }),
  );
}

function contains(span: Span, at: number): boolean {
  return at >= span.at && at < span.at + span.size;
}

function piecesOf(row: readonly Span[], refs: readonly PlacedLeaf[]): Piece[] {
  const [{ at: first, size }] = row as [Span];
  return Array.from({ length: Math.ceil(size / 32) }, (_, i) => {
    const piece = { at: first + 32 * i, size: Math.min(size, 32) };
    const own = refs
      .filter((leaf) => contains(piece, leaf.at))
      .reduce((mask, leaf) => mask & ~(ones(leaf.bits) << (leaf.at - piece.at)), ones(piece.size));
    return { at: row.map((span) => span.at + 32 * i), bits: piece.size, own };
  });
}

/** The lowest `bits` bits. */
export function ones(bits: number): number {
  return bits === 32 ? -1 : (1 << bits) - 1;
}

/** Offset of the reference that corresponds to it in the first member of its group. */
function roleOf(at: number, rows: readonly (readonly Span[])[]): number {
  for (const row of rows) {
    const span = row.find((each) => contains(each, at));
    if (span !== undefined) {
      return (row[0] as Span).at + at - span.at;
    }
  }
  return at;
}
