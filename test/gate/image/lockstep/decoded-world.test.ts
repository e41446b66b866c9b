import { describe, expect, test } from "vitest";
import { DecodedWorld, ownerOf } from "../../../../gate/image/lockstep/decoded-world.ts";
import { nrPagesMappedOf } from "../../../../gate/image/world/pages-mapped.ts";
import { EntryFlag, FrameFlag } from "../../../../gate/image/world/world-layout.ts";
import { ENTIRELY_MAPPED } from "../../../../model/state/structs.ts";
import { FIRST, idOf, WorldWords } from "./world-words.ts";

const NO_FOLIOS = { small: 0, large: 0 };

function decoded({ words }: WorldWords, free: { small: number; large: number } = NO_FOLIOS): DecodedWorld {
  const world = new DecodedWorld([FIRST]);
  world.decode(words, free);
  return world;
}

describe("a decoded state", () => {
  test("a decoded state has a folio with its counters, its owner by position, and its entries", () => {
    const world = decoded(new WorldWords().process(1).large(16, 1));
    expect(world.frames).toEqual([16]);
    expect(world.folios[0]).toMatchObject({
      allocated: true,
      nrPages: 4,
      refcount: 4,
      largeMapcount: 3,
      nrPagesMapped: 4,
      slots: [
        { mmId: 2, mapcount: 3 },
        { mmId: 0, mapcount: -1 },
      ],
      pages: Array.from({ length: 4 }, () => ({ mapcount: 0, anonExclusive: true, content: 0 })),
    });
    expect(world.vmaOf(1, FIRST).ptes.map(({ folio, page, writable }) => [folio, page, writable])).toEqual([
      [1, 0, true],
      [1, 1, true],
      [1, 2, true],
      [1, 3, true],
      ...Array.from({ length: 4 }, () => [0, 0, false]),
    ]);
    expect(world.stats.nrAnonMapped).toBe(4);
    expect(world.mms.map(({ live }) => live)).toEqual([false, true, false]);
  });

  test("a decoded state has a PMD, and no PTEs, where the first entry of a page table is a PMD", () => {
    const words = new WorldWords()
      .process(0)
      .small(16, 1)
      .entry(0, FIRST, EntryFlag.present | EntryFlag.pmd, 16);
    const { pmd, ptes } = decoded(words).vmaOf(0, FIRST);
    expect(pmd).toEqual({ folio: 1, writable: false, migration: false, exclusive: false });
    expect(ptes.every(({ folio }) => folio === 0)).toBe(true);
  });

  test("a decoded state distinguishes writable, exclusive and readable migration entries", () => {
    const migration = EntryFlag.migration;
    const words = new WorldWords()
      .process(0)
      .small(16, 0)
      .entry(0, FIRST, migration | EntryFlag.exclusive | EntryFlag.write, 16)
      .entry(0, FIRST + 1, migration | EntryFlag.exclusive, 16)
      .entry(0, FIRST + 2, migration, 16);
    const { ptes } = decoded(words).vmaOf(0, FIRST);
    expect(ptes.slice(0, 3)).toMatchObject([
      { folio: 1, migration: true, writable: true, exclusive: false },
      { folio: 1, migration: true, writable: false, exclusive: true },
      { folio: 1, migration: true, writable: false, exclusive: false },
    ]);
  });

  test("a decoded state has empty entries for the zero page, and contains only anonymous folios", () => {
    const words = new WorldWords().process(0).zeroPage(0, FIRST).fields(20, { head: 20, flags: FrameFlag.locked });
    const world = decoded(words);
    expect(world.vmaOf(0, FIRST).ptes[0]).toMatchObject({ folio: 0 });
    expect(world.folios).toEqual([]);
  });

  test("a decoded state begins with free folios, which are reset by each decoding", () => {
    const world = decoded(new WorldWords().process(0).small(16, 1), { small: 1, large: 1 });
    expect(world.folios.map(({ pages, allocated }) => [pages.length, allocated])).toEqual([
      [1, false],
      [4, false],
      [8, false],
      [1, true],
    ]);
    const fresh = structuredClone(world.folios[0]);
    Object.assign(world.folios[0] as object, { allocated: true, refcount: 3, anon: true, locked: true });
    world.decode(new WorldWords().words, { small: 1, large: 0 });
    expect(world.folios).toEqual([fresh]);
  });

  test("a decoded state contains nothing of the previous one", () => {
    const world = decoded(new WorldWords().process(1).large(16, 1));
    world.decode(new WorldWords().process(1).words, NO_FOLIOS);
    expect(world.folios).toEqual([]);
    expect(world.vmaOf(1, FIRST).ptes.every(({ folio, page }) => folio === 0 && page === 0)).toBe(true);
  });
});

test("ownerOf() returns the position of a process plus one, and one more than the maximum for an id without a process", () => {
  const { words } = new WorldWords().process(2);
  expect([0, idOf(2), idOf(0)].map((id) => ownerOf(words, id))).toEqual([0, 3, 4]);
});

test("nrPagesMappedOf() replaces the kernel's ENTIRELY_MAPPED by that of the model", () => {
  expect([0, 3, 0x80_0000, 0x80_0005].map(nrPagesMappedOf)).toEqual([0, 3, ENTIRELY_MAPPED, ENTIRELY_MAPPED + 5]);
});
