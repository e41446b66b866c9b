import { describe, expect, it } from "vitest";
import { moveContents, storeThrough } from "../../model/environment/contents.ts";
import { HolderKind, type World, type WorldMm } from "../../model/state/world.ts";
import { start, type WorldSession } from "./session.ts";

const { get, pin, pinWrite } = HolderKind;

/** Session with a folio of 4 pages and up to two holders. */
const faulted = (): WorldSession => start("pins", { holders: 2 }).act("anonFault", { mm: 0, first: 0, pages: 4 });

/** Writes to page 1 of the first folio through an entry of an MM, even if it is read-only. */
function write(session: WorldSession, mm: number, entry: number, value: number): World {
  const world = structuredClone(session.world);
  const [folio] = world.folios as [World["folios"][0]];
  storeThrough(world, world.mms[mm] as WorldMm, entry, folio, 1, value);
  return world;
}

const expected = (world: World): number[] => world.holders.map((holder) => holder.expected);

describe("A write", () => {
  it("A write must be seen by holders of the page through the same entry, and by no others", () => {
    const held = faulted()
      .act("gup", { mm: 0, entry: 1, kind: get })
      .act("gup", { mm: 0, entry: 2, kind: get })
      .act("fork", { parent: 0, child: 1 });
    expect(expected(write(held, 0, 1, 1))).toEqual([1, 0]);
    expect(expected(write(held, 1, 1, 1))).toEqual([0, 0]);
    expect(expected(write(held, 0, 3, 1))).toEqual([0, 0]);
  });

  it("A write that is the distinguished one makes all other contents equal: pages, entries, holders and swap slots", () => {
    const held = faulted()
      .act("store", { mm: 0, entry: 1, value: 1 })
      .act("gup", { mm: 0, entry: 1, kind: pin })
      .act("store", { mm: 0, entry: 2, value: 1 });
    expect(held.folio().pages.map((page) => page.content)).toEqual([0, 0, 1, 0]);
    expect(held.world.mms[0]?.vmas[0]?.ptes.map((pte) => pte.expected)).toEqual([0, 0, 1, 0]);
    expect(expected(held.world)).toEqual([0, 0]);
    const swappedOut = start("swap", { smallFolios: 3, swapSlots: 8, folios: 2 })
      .act("anonFault", { mm: 0, first: 0, pages: 2 })
      .act("store", { mm: 0, entry: 1, value: 1 })
      .act("addToSwap", { folio: 0 })
      .act("tryToUnmap", { folio: 0, mm: 0 })
      .act("swapOut", { folio: 0 })
      .act("anonFault", { mm: 0, first: 2, pages: 2 });
    expect(swappedOut.world.swapSlots[1]?.content).toBe(1);
    const other = swappedOut.act("store", { mm: 0, entry: 3, value: 1 });
    expect(other.world.swapSlots[1]?.content).toBe(0);
    expect(other.world.mms[0]?.vmas[0]?.ptes.map((pte) => pte.expected)).toEqual([0, 0, 0, 1]);
  });
});

describe("A page held through an entry", () => {
  const held = faulted().act("gup", { mm: 0, entry: 1, kind: pinWrite }).act("gup", { mm: 0, entry: 3, kind: pin });
  const places = (world: World): string => world.holders.map(({ mm, entry }) => `mm ${mm} entry ${entry}`).join(", ");

  it("A holder has no entry any more after its entry is unmapped; holders through other entries are unchanged", () => {
    expect(places(held.world)).toBe("mm 1 entry 1, mm 1 entry 3");
    expect(places(held.act("unmap", { mm: 0, vma: 0, first: 0, count: 2 }).world)).toBe("mm 0 entry 0, mm 1 entry 3");
    expect(places(held.act("unmap", { mm: 0, vma: 0, first: 2, count: 2 }).world)).toBe("mm 1 entry 1, mm 0 entry 0");
    expect(places(held.act("exit", { mm: 0 }).world)).toBe("mm 0 entry 0, mm 0 entry 0");
  });

  it("A page held through an entry follows the entry when it moves", () => {
    const world = structuredClone(held.world);
    moveContents(world, world.mms[0] as WorldMm, 3, 0);
    expect(places(world)).toBe("mm 1 entry 1, mm 1 entry 0");
  });
});
