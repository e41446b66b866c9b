import { describe, expect, it } from "vitest";
import { HolderKind } from "../../model/state/world.ts";
import { freshKernel, start, type WorldSession } from "./session.ts";
import { folioWith } from "./structs.ts";

describe("The references that are expected", () => {
  it.each([
    { what: "of an unmapped folio", folio: {}, refs: 0 },
    { what: "of 3 mappings", folio: { anon: true, mapcount: 3 }, refs: 3 },
    { what: "of 3 mappings, one of them a PMD's", folio: { anon: true, mapcount: 3, entireMapcount: 0 }, refs: 3 },
    { what: "of a small folio", folio: { nrPages: 1, anon: true, pageMapcounts: [2] }, refs: 2 },
    { what: "in the swap cache", folio: { anon: true, mapcount: 3, swapcache: true }, refs: 7 },
    { what: "of a small folio there", folio: { nrPages: 1, anon: true, pageMapcounts: [2], swapcache: true }, refs: 3 },
    { what: "in the page cache", folio: { inPageCache: true, mapcount: 3 }, refs: 7 },
    { what: "of a file folio that has left it", folio: { mapcount: 3 }, refs: 3 },
    { what: "whatever else refers to it", folio: { anon: true, refcount: 9, pincount: 2, mapcount: 1 }, refs: 1 },
  ])("The references that are expected: $what: $refs", ({ folio, refs }) => {
    expect(freshKernel().folioExpectedRefCount(folioWith(folio))).toBe(refs);
  });
});

describe("The entire mapcount", () => {
  it("The entire mapcount is that of PMD mappings", () => {
    const kernel = freshKernel();
    expect([-1, 0, 2].map((entireMapcount) => kernel.folioEntireMapcount(folioWith({ entireMapcount })))).toEqual([
      ...[0, 1, 3],
    ]);
  });
});

describe("A reference without a mapping", () => {
  const held = (start_: WorldSession, folio: number): WorldSession => start_.act("tryGet", { folio });

  it("A reference without a mapping keeps a folio in use that no MM maps any more", () => {
    const session = held(start("cow").act("anonFault", { mm: 0, first: 0, pages: 4 }), 0).act("exit", { mm: 0 });
    expect(session.folio()).toMatchObject({ allocated: true, refcount: 1, largeMapcount: -1 });
    expect(session.world.holders[0]).toMatchObject({ kind: HolderKind.speculative, folio: 1 });
    expect(session.act("put", { holder: 0 }).world).toEqual(start("cow").act("exit", { mm: 0 }).world);
  });

  it("A speculative reference is taken to folios in use only, by as many holders as the bounds allow", () => {
    const empty = start("cow", { holders: 1 });
    expect(empty.isEnabled("tryGet", { folio: 0 })).toBe(false);
    const one = held(empty.act("anonFault", { mm: 0, first: 0, pages: 4 }), 0);
    expect(one.isEnabled("tryGet", { folio: 0 })).toBe(false);
    expect(one.act("put", { holder: 0 }).isEnabled("put", { holder: 0 })).toBe(false);
  });

  it("A speculative reference uses the first unused holder", () => {
    const both = held(held(start("cow", { holders: 2 }).act("anonFault", { mm: 0, first: 0, pages: 4 }), 0), 0);
    const kinds = (session: WorldSession): number[] => session.world.holders.map((holder) => holder.kind);
    expect(kinds(both)).toEqual([1, 1]);
    const second = both.act("put", { holder: 0 });
    expect(kinds(second)).toEqual([0, 1]);
    expect(kinds(held(second, 0))).toEqual([1, 1]);
  });
});

describe("A new folio", () => {
  it("A new folio is the first free one of the smallest that have room", () => {
    const kernel = freshKernel();
    const { world } = start("cow", { folios: 2, smallFolios: 2 });
    expect(kernel.folioFree(world, 1)?.frameNumber).toBe(3);
    expect(kernel.folioFree(world, 2)?.frameNumber).toBe(1);
    const used = start("cow", { folios: 2, smallFolios: 1 })
      .act("anonFault", { mm: 0, first: 0, pages: 1 })
      .act("anonFault", { mm: 0, first: 1, pages: 1 });
    expect(used.entries(0)).toBe("2.0 0.0 - -");
    expect(kernel.folioFree(used.world, 4)?.frameNumber).toBe(2);
    expect(kernel.folioFree(start("cow").world, 8)).toBeUndefined();
  });

  it("A new folio is taken only after a check that there is one", () => {
    const { world } = start("cow");
    expect(() => freshKernel().folioAlloc(structuredClone(world), 8)).toThrow(RangeError);
  });
});
