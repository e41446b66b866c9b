/**
 * Order of the MMs in an rmap walk. In the kernel it is the order of the anon_vma's interval tree, which is not
 * modelled: in the model any order is possible. The order matters because the first MM that maps a folio gets the first
 * owner slot.
 *
 * @source mm/rmap.c, rmap_walk_anon()
 */
import { at } from "../../explore/model/schema.ts";
import type { Folio } from "../state/structs.ts";
import type { World, WorldMm } from "../state/world.ts";

/** Positions of all MMs, in order. */
export type Walk = readonly number[];

/** Returns every order of `mms` MMs as text, as in traces: `1,0,2`. */
export function walks(mms: number): string[] {
  return permutations(mms).map((walk) => walk.join());
}

function permutations(length: number): number[][] {
  if (length === 0) {
    return [[]];
  }
  return permutations(length - 1).flatMap((rest) =>
    Array.from({ length }, (_, place) => [...rest.slice(0, place), length - 1, ...rest.slice(place)]),
  );
}

const BY_NAME = new Map<string, Walk>(
  Array.from({ length: 5 }, (_, i) => permutations(i + 1))
    .flat()
    .map((walk) => [walk.join(), walk]),
);

/** Parses a walk. */
export function walkNamed(name: string): Walk {
  return BY_NAME.get(name) as Walk;
}

/**
 * Whether a walk is the representative of its equivalent walks: MMs without an entry of the folio are last, in the
 * order of their positions.
 */
export function isRepresentative(world: World, folio: Folio, walk: Walk): boolean {
  let last = -1;
  for (let w = 0; w < walk.length; w++) {
    const m = at(walk, w);
    if (hasEntry(at(world.mms, m), folio.frameNumber)) {
      if (last >= 0) {
        return false;
      }
    } else {
      if (m < last) {
        return false;
      }
      last = m;
    }
  }
  return true;
}

function hasEntry({ vmas }: WorldMm, folio: number): boolean {
  for (let v = 0; v < vmas.length; v++) {
    const { pmd, ptes } = at(vmas, v);
    if (pmd.folio === folio) {
      return true;
    }
    for (let i = 0; i < ptes.length; i++) {
      if (at(ptes, i).folio === folio) {
        return true;
      }
    }
  }
  return false;
}
