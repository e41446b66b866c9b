/** States that are witnesses, and similar ones that are not. */
import { describe, expect, it } from "vitest";
import type { World } from "../../model/state/world.ts";
import { start, startRmap, type WorldSession } from "../model/session.ts";
import { mixed } from "./reader-rows.ts";
import {
  anon,
  changed,
  forked,
  type MutableWorld,
  overflowed,
  reached,
  type Setting,
  set,
  stateOf,
  withoutPageMapcounts,
} from "./settings.ts";

describe("Witnesses", () => {
  it("W1 is reached if a folio looks shared that one MM without a slot maps with two or more entries", () => {
    const third = startRmap(anon.bounds)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("fork", { parent: 0, child: 2 })
      .act("exit", { mm: 0 });
    expect(reached(anon, "W1", third.world, third.world)).toBe(false);
    const alone = third.act("exit", { mm: 1 });
    expect(reached(anon, "W1", third.world, alone.world)).toBe(true);
    const tracked = structuredClone(alone.world) as MutableWorld;
    set(tracked.folios[0]?.slots[1], { mmId: 3, mapcount: 0 });
    expect(reached(anon, "W1", third.world, tracked as World)).toBe(false);
    const one = alone.act("unmap", { mm: 2, vma: 0, first: 0, count: 3 });
    expect(reached(anon, "W1", alone.world, one.world)).toBe(false);
  });

  it("W5 is reached by a step in which an MM adds mappings and loses its slot", () => {
    const { bounds, config } = overflowed;
    const full = startRmap(bounds, config)
      .act("readFile", { index: 0, pages: 2 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 });
    const over = full.act("fileFault", { mm: 0, vma: 1, first: 0, count: 1 });
    expect(reached(overflowed, "W5", full.world, over.world)).toBe(true);
    expect(reached(overflowed, "W5", over.world, full.world)).toBe(false);
    const less = full.act("unmap", { mm: 0, vma: 0, first: 0, count: 2 });
    expect(reached(overflowed, "W5", full.world, less.world)).toBe(false);
  });

  it.each([
    { id: "W3", what: "two MMs map the same half", keeps: [0, 1], by: [0, 1], is: true },
    { id: "W3", what: "two MMs map different halves", keeps: [0, 1], by: [2, 3], is: false },
    { id: "W3", what: "two MMs map three pages between them", keeps: [0, 1], by: [1, 2], is: false },
  ])("W3 is reached if two MMs map the same half undetected: $is, if $what", ({ id, keeps, by, is }) => {
    const setting = withoutPageMapcounts({ ...anon, run: keeping([keeps, by]) });
    const world = stateOf(setting);
    expect(reached(setting, id, world, world)).toBe(is);
  });

  it("W3 is not reached if the partial mapping is detected", () => {
    const setting = withoutPageMapcounts({
      ...anon,
      run: keeping([
        [0, 1],
        [0, 1],
      ]),
    });
    const detected = changed(setting, (_, folio) => set(folio, { partiallyMapped: true }));
    expect(reached(setting, "W3", detected, detected)).toBe(false);
  });

  it("W3 is not reached by a single MM that maps half of a folio", () => {
    const setting = withoutPageMapcounts({ ...anon, run: keeping([[0, 1]]) });
    const undetected = changed(setting, (_, folio) => set(folio, { partiallyMapped: false }));
    expect(reached(setting, "W3", undetected, undetected)).toBe(false);
  });

  it.each([
    { what: "four MMs have one page each, two of them the same", keeps: [[0], [0], [1], [2]], is: true },
    { what: "four MMs have all pages between them", keeps: [[0], [1], [2], [3]], is: false },
    { what: "three MMs have one page each", keeps: [[0], [0], [1], []], is: false },
    { what: "one of them has two pages", keeps: [[0, 1], [0], [1], [0]], is: false },
  ])("W4 is reached if as many MMs as pages map one page each undetected: $is, if $what", ({ keeps, is }) => {
    const setting = withoutPageMapcounts({ bounds: { mms: 4 }, config: "", run: keeping(keeps) });
    const world = stateOf(setting);
    expect(reached(setting, "W4", world, world)).toBe(is);
  });

  it("W6 is reached if smaps does not count a page as private that one MM maps", () => {
    const own = withoutPageMapcounts({
      ...anon,
      run: keeping([
        [0, 1, 2],
        [2, 3],
      ]),
    });
    const world = stateOf(own);
    expect(reached(own, "W6", world, world)).toBe(true);
    const shared = withoutPageMapcounts({
      ...anon,
      run: keeping([
        [0, 1, 2],
        [0, 1, 2],
      ]),
    });
    expect(reached(shared, "W6", stateOf(shared), stateOf(shared))).toBe(false);
    const marked = changed(own, (_, folio) => set(folio, { mmIdsShared: false }));
    expect(reached(own, "W6", marked, marked)).toBe(false);
  });

  it("W7 is reached if a page of a folio that one MM maps would be copied because of another reference", () => {
    const setting: Setting = { scope: "cow", bounds: { mms: 3, holders: 1 }, config: "", run: (start) => start };
    const is = (session: WorldSession): boolean => reached(setting, "W7", session.world, session.world);
    const forked = start("cow", setting.bounds)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 });
    const alone = forked.act("exit", { mm: 1 });
    expect([forked, alone, forked.act("tryGet", { folio: 0 })].map(is)).toEqual([false, false, false]);
    const held = alone.act("tryGet", { folio: 0 });
    expect(is(held)).toBe(true);
    expect(is(held.act("unmap", { mm: 0, vma: 0, first: 0, count: 3 }))).toBe(false);
    expect(is(held.act("put", { holder: 0 }))).toBe(false);
    const writable = start("cow", setting.bounds)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("tryGet", { folio: 0 });
    expect(is(writable)).toBe(false);
    const third = forked.act("fork", { parent: 0, child: 2 }).act("exit", { mm: 0 }).act("exit", { mm: 1 });
    expect(is(third.act("tryGet", { folio: 0 }))).toBe(false);
  });

  it("C14.swap-cache is reached if a folio leaves the swap cache partially mapped and undetected", () => {
    const setting: Setting = { scope: "swap", bounds: {}, config: "", run: (start) => start };
    const is = (session: WorldSession): boolean => reached(setting, "C14.swap-cache", session.world, session.world);
    const partial = start("swap")
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("addToSwap", { folio: 0 })
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    expect(is(partial)).toBe(false);
    expect(is(partial.act("freeSwap", { folio: 0 }))).toBe(true);
    const detected = start("swap")
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    expect(is(detected)).toBe(false);
    expect(is(partial.act("freeSwap", { folio: 0 }).act("unmap", { mm: 0, vma: 0, first: 1, count: 3 }))).toBe(false);
  });

  it("C14.migration is reached if pages of a folio are unmapped during migration and not detected", () => {
    const setting: Setting = { scope: "migration", bounds: {}, config: "", run: (start) => start };
    const is = (session: WorldSession): boolean => reached(setting, "C14.migration", session.world, session.world);
    const unmapped = start("migration")
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("migrateUnmap", { folio: 0, walk: "0,1" })
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    expect(is(unmapped)).toBe(false);
    expect(is(unmapped.act("migrateMove", { folio: 0, walk: "0,1" }))).toBe(true);
    expect(is(unmapped.act("migrateUndo", { folio: 0, walk: "0,1" }))).toBe(true);
  });

  it("C14.whole is reached if a folio is queued as partially mapped although all of it is mapped again", () => {
    const setting: Setting = { scope: "migration", bounds: { pmd: 0 }, config: "", run: (start) => start };
    const is = (session: WorldSession): boolean => reached(setting, "C14.whole", session.world, session.world);
    const mapped = start("migration", setting.bounds).act("anonFault", { mm: 0, first: 0, pages: 4 });
    expect(is(mapped)).toBe(false);
    const unmapped = mapped.act("migrateUnmap", { folio: 0, walk: "0,1" });
    expect(is(unmapped)).toBe(false);
    expect(is(unmapped.act("migrateUndo", { folio: 0, walk: "0,1" }))).toBe(true);
    expect(is(unmapped.act("migrateMove", { folio: 0, walk: "0,1" }))).toBe(true);
    const partly = unmapped.act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    expect(is(partly.act("migrateUndo", { folio: 0, walk: "0,1" }))).toBe(false);
  });

  it("C15.pagemap-pmd is reached if a PMD-mapped page is reported as exclusive although a PTE maps it, too", () => {
    const is = (world: World): boolean => reached(mixed, "C15.pagemap-pmd", world, world);
    expect(is(stateOf(mixed))).toBe(true);
    // Only a PTE of the child that maps the head page prevents it.
    const head: Setting = {
      ...mixed,
      run: (start) => forked.run(start).act("unmap", { mm: 1, vma: 0, first: 1, count: 3 }),
    };
    expect(is(stateOf(head))).toBe(false);
    expect(is(stateOf({ ...mixed, run: anon.run }))).toBe(false);
    expect(is(stateOf({ ...mixed, run: forked.run }))).toBe(false);
  });
});

/** Returns a run in which each MM unmaps all but the given pages of one folio. */
function keeping(pages: readonly (readonly number[])[]): Setting["run"] {
  return (start) => {
    let session = start.act("anonFault", { mm: 0, first: 0, pages: 4 });
    for (let child = 1; child < pages.length; child++) {
      session = session.act("fork", { parent: 0, child });
    }
    pages.forEach((kept, mm) => {
      for (const first of [0, 1, 2, 3].filter((page) => !kept.includes(page))) {
        session = session.act("unmap", { mm, vma: 0, first, count: 1 });
      }
    });
    return session;
  };
}
