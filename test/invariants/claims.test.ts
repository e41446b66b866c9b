/**
 * Each claim on states that violate it. A state is taken from a run of the fault-free kernel, where the claim holds;
 * then one value is changed.
 */
import { describe, expect, it } from "vitest";
import { MACHINES } from "../../machines/index.ts";
import type { KernelPatch } from "../../model/kernel/kernel.ts";
import { kernelIn, startCounts } from "../model/session.ts";
import { MEMORY_ROWS, pinnedUnmapped, swapCached } from "./memory-rows.ts";
import { READER_ROWS, rfc } from "./reader-rows.ts";
import {
  anon,
  cached,
  changed,
  forked,
  fresh,
  overflowed,
  type Setting,
  saying,
  set,
  small,
  stateOf,
  subjectOf,
  threeMms,
  withoutPageMapcounts,
} from "./settings.ts";
import { TRACKING_ROWS } from "./tracking-rows.ts";

const ROWS = [...TRACKING_ROWS, ...MEMORY_ROWS, ...READER_ROWS];

const order1: Setting = {
  ...anon,
  run: (start) =>
    start.act("anonFault", { mm: 0, first: 0, pages: 2 }).act("unmap", { mm: 0, vma: 0, first: 0, count: 1 }),
};
const bothHalf: Setting = {
  ...anon,
  run: (start) =>
    forked
      .run(start)
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 2 })
      .act("unmap", { mm: 1, vma: 0, first: 0, count: 2 }),
};

describe("A claim holds in a state of the kernel and fails if one value is changed", () => {
  it.each(ROWS)(
    "$claim holds in a state of the kernel and fails if one value is changed: $what",
    ({ claim, setting, change }) => {
      expect(saying(setting, claim, stateOf(setting))).toBe(true);
      expect(saying(setting, claim, changed(setting, change))).toBe(false);
    },
  );

  it("a claim fails if the second folio violates it", () => {
    const second: Setting = { ...anon, run: (start) => forked.run(start).act("readFile", { index: 0, pages: 4 }) };
    const marked = changed(second, (world) => set(world.folios[1], { mmIdsShared: true }));
    expect(saying(second, "C4", marked)).toBe(false);
  });

  it("every claim about states of the machines with MMs has a row here", () => {
    // Those of struct-pages: test/machines/struct-pages.test.ts; those of race: test/races.
    const machines = MACHINES.filter(({ name }) => name !== "struct-pages" && name !== "race");
    const ids = machines.flatMap(({ bounds, build }) => {
      const usual = Object.fromEntries(bounds.map((each) => [each.name, each.default]));
      const more = { ...usual, holders: 1, mms: 3, pages: 4 };
      const kernels = [kernelIn(""), kernelIn("no-page-mapcount"), kernelIn("no-page-mapcount", "rfc-2026-04")];
      return kernels.flatMap((kernel) =>
        build(more, kernel).properties.flatMap(({ kind, id }) => (kind === "always" ? [id] : [])),
      );
    });
    const overflow = subjectOf(overflowed).model.properties.flatMap(({ kind, id }) => (kind === "always" ? [id] : []));
    expect(new Set(ROWS.map((row) => row.claim))).toEqual(new Set([...ids, ...overflow]));
  });
});

describe("A claim about /proc fails when one file reports something else", () => {
  const wrong: readonly { readonly claim: string; readonly config: string; readonly kernel: KernelPatch }[] = [
    ...["", "no-page-mapcount"].flatMap((config) => {
      const claim = config === "" ? "C16" : "C16.average";
      return [
        { claim, config, kernel: { kpagecount: () => 3 } },
        { claim, config, kernel: { numaMapsMapmax: () => 3 } },
        { claim, config, kernel: { smapsPssDivisor: () => 3 } },
        { claim: "C15", config, kernel: { smapsPrivate: () => true } },
        { claim: "C15.pagemap", config, kernel: { pagemapMmapExclusive: () => true } },
      ];
    }),
    { claim: "C15.exact", config: "", kernel: { smapsPrivate: () => true } },
    { claim: "C15.exact", config: "", kernel: { pagemapMmapExclusive: () => true } },
  ];

  it.each(wrong)("$claim fails under a kernel with $kernel in $config", ({ claim, config, kernel: overrides }) => {
    const { model, kernel } = subjectOf({ ...forked, config });
    const property = model.properties.find(({ id }) => id === claim);
    const world = stateOf({ ...forked, config });
    const says = [kernel, { ...kernel, ...overrides }].map((each) =>
      property?.kind === "always" ? property.holds(model.view(world, each)) : undefined,
    );
    expect(says).toEqual([true, false]);
  });
});

describe("A claim is vacuous", () => {
  it.each([
    { claim: "C1", when: "a folio may be shared", setting: { ...forked, bounds: { mms: 3 } } },
    { claim: "C2", when: "three MMs mapped the folio since it was unmapped", setting: threeMms },
    { claim: "C2", when: "a slot overflowed", setting: overflowed },
    { claim: "C2", when: "no folio is mapped", setting: cached },
    { claim: "C3", when: "no folio has a single mapping", setting: forked },
    { claim: "C4", when: "every folio is mapped", setting: { ...anon, bounds: { mms: 3 } } },
    { claim: "C4.fresh", when: "every folio is in use", setting: { ...anon, bounds: { mms: 3 } } },
    { claim: "C6.large-mapcount", when: "all folios are small", setting: small },
    { claim: "C7", when: "no folio is in use", setting: fresh },
    { claim: "C8", when: "no slot is taken", setting: cached },
    { claim: "C17", when: "no slot overflowed", setting: { ...overflowed, run: fresh.run } },
    { claim: "C20", when: "every id is taken", setting: threeMms },
    { claim: "C6.total-mapped-pages", when: "all folios are small", setting: { ...rfc, run: small.run } },
    { claim: "C7.pincount", when: "nothing is pinned", setting: { ...pinnedUnmapped, run: anon.run } },
    { claim: "C9.held", when: "no reference is held", setting: { ...pinnedUnmapped, run: anon.run } },
    { claim: "C9.pinned", when: "the process has unmapped the page", setting: pinnedUnmapped },
    { claim: "C11", when: "no folio is anon", setting: cached },
    { claim: "C11.writable", when: "no entry is writable", setting: forked },
    { claim: "C11.pinned", when: "nothing is pinned", setting: { ...pinnedUnmapped, run: anon.run } },
    { claim: "C11.entries", when: "nothing is swapped out", setting: { ...swapCached, run: anon.run } },
    { claim: "C14", when: "every folio is mapped completely", setting: forked },
    { claim: "C14", when: "the folio is of order 1", setting: order1 },
    { claim: "C14.queue", when: "no folio is queued", setting: forked },
    { claim: "C15.exact", when: "no folio is mapped", setting: cached },
    { claim: "C14", when: "two MMs map it (NO_PAGE_MAPCOUNT)", setting: withoutPageMapcounts(bothHalf) },
    { claim: "C16", when: "no folio is in use", setting: fresh },
    { claim: "C16.average", when: "no folio is in use", setting: withoutPageMapcounts(fresh) },
  ])("$claim is vacuous if $when", ({ claim, setting }) => {
    expect(saying(setting, claim, stateOf(setting))).toBeUndefined();
  });

  it("C2 is checked again after the folio was unmapped in between", () => {
    const again: Setting = {
      ...overflowed,
      config: "",
      run: (start) =>
        start
          .act("readFile", { index: 0, pages: 2 })
          .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 })
          .act("fork", { parent: 0, child: 1 })
          .act("fork", { parent: 0, child: 2 })
          .act("exit", { mm: 1 })
          .act("exit", { mm: 2 })
          .act("unmap", { mm: 0, vma: 0, first: 0, count: 2 })
          .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 }),
    };
    expect(saying(again, "C2", stateOf(again))).toBe(true);
  });
});

describe("Views of a state", () => {
  it("a view counts the page tables, independent of the counters", () => {
    const { model, kernel } = subjectOf(overflowed);
    const view = model.view(
      changed(overflowed, (_, folio) => set(folio, { largeMapcount: -1 })),
      kernel,
    );
    expect(view.folios[0]).toMatchObject({ mappings: 6, mappingMms: 2, mappedPages: 2 });
    expect([...(view.folios[0]?.mappingsOf ?? [])]).toEqual([3, 3, 0]);
    expect([...(view.folios[0]?.mappingsOfPage ?? [])]).toEqual([4, 2]);
  });

  it("a view of owner-tracking counts each MM that maps at least one page", () => {
    const session = startCounts().act("map", { mm: 0, pages: 1 }).act("map", { mm: 2, pages: 3 });
    const view = session.subject.model.view(session.state, session.subject.kernel);
    expect(view.folios[0]).toMatchObject({ mappings: 4, mappingMms: 2 });
    expect([...(view.folios[0]?.mappingsOf ?? [])]).toEqual([1, 0, 3]);
  });
});
