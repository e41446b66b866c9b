/**
 * Data races by the kernel's definition: two conflicting accesses of different CPUs, both of which can be next, and at
 * least one of which is plain.
 *
 * @source tools/memory-model/Documentation/explanation.txt; kernel/kcsan
 */
import type { Access, AccessPlace } from "./access.ts";
import type { Node } from "./access-tree.ts";

/** One side of a data race. */
export interface RacingAccess {
  readonly text: string;
  readonly object: string;
  readonly isWrite: boolean;
  readonly marked: boolean;
  /** The functions on the thread's call stack, the outermost first. */
  readonly functions: readonly string[];
  readonly place?: AccessPlace;
}

/** A data race, unique for each pair of accesses. */
export interface DataRace {
  readonly one: RacingAccess;
  readonly other: RacingAccess;
}

/** Whether an access can be part of a data race. */
export function isMemoryAccess({ kind }: Access): boolean {
  return kind === "load" || kind === "store" || kind === "rmw";
}

/** Whether an access writes memory. */
export function isWrite({ kind }: Access): boolean {
  return kind === "store" || kind === "rmw";
}

/**
 * The data race between the next accesses of two nodes. The order of its sides does not depend on the order of nodes.
 */
export function dataRaceOf(one: Node, other: Node): DataRace {
  const sides = [sideOf(one), sideOf(other)].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return { one: sides[0] as RacingAccess, other: sides[1] as RacingAccess };
}

/** A name for a data race, equal for data races with equal sides. */
export function dataRaceName({ one, other }: DataRace): string {
  return `${nameOf(one)} / ${nameOf(other)}`;
}

function nameOf({ functions, object, marked, isWrite }: RacingAccess): string {
  return `${functions.at(-1) ?? ""} ${marked ? "marked" : "plain"} ${isWrite ? "write" : "read"} ${object}`;
}

function sideOf({ access, functions }: Node): RacingAccess {
  const { text, object, marked, place } = access as Access;
  return {
    text,
    object,
    isWrite: isWrite(access as Access),
    marked,
    functions,
    ...(place === undefined ? {} : { place }),
  };
}
