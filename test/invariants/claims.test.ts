/**
 * Each claim on states that were made to break it. A state is taken from a run of the real kernel, where the claim holds;
 * then one thing in it is changed.
 */
import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/interpreter.ts";
import type { Bounds } from "../../invariants/machines.ts";
import type { RmapFolio, World } from "../../model/view.ts";
import { kernelIn, type RmapSession, rmapSubject, startCounts, startRmap } from "../model/session.ts";

type Deep<T> = T extends object ? { -readonly [K in keyof T]: Deep<T[K]> } : T;
type MutableWorld = Deep<World>;

interface Setting {
  readonly bounds: Bounds;
  readonly config: string;
  readonly run: (start: RmapSession) => RmapSession;
}

const anon: Setting = {
  bounds: { mms: 3, file: 1, folios: 2 },
  config: "",
  run: (start) => start.act("anonFault", { mm: 0, first: 0, pages: 4, folio: 0 }),
};
const forked: Setting = { ...anon, run: (start) => anon.run(start).act("fork", { parent: 0, child: 1 }) };
const onePage: Setting = {
  ...anon,
  run: (start) => anon.run(start).act("unmap", { mm: 0, vma: 0, first: 0, count: 3 }),
};
const small: Setting = {
  ...anon,
  run: (start) => start.act("anonFault", { mm: 0, first: 0, pages: 1, folio: 0 }),
};
const cached: Setting = { ...anon, run: (start) => start.act("readFile", { index: 0, pages: 4, folio: 0 }) };
const fresh: Setting = { ...anon, run: (start) => start };
const withoutPageMapcounts = (setting: Setting): Setting => ({ ...setting, config: "no-page-mapcount" });
const overflowed: Setting = {
  bounds: { pages: 2, minPages: 2, mms: 3, anon: 0, file: 2 },
  config: "32bit,mm-id-mapcount-max=1",
  run: (start) =>
    start
      .act("readFile", { index: 0, pages: 2, folio: 0 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 })
      .act("fileFault", { mm: 0, vma: 1, first: 0, count: 1 })
      .act("fork", { parent: 0, child: 1 }),
};

interface Row {
  readonly claim: string;
  readonly what: string;
  readonly setting: Setting;
  readonly change: (world: MutableWorld, folio: Deep<RmapFolio>) => void;
}

const ROWS: readonly Row[] = [
  {
    claim: "C1",
    what: "two MMs, not marked",
    setting: forked,
    change: (_, folio) => set(folio, { mmIdsShared: false }),
  },
  {
    claim: "C1",
    what: "two MMs, a mapcount of 1",
    setting: forked,
    change: (_, folio) => set(folio, { largeMapcount: 0 }),
  },
  { claim: "C2", what: "one MM, marked", setting: anon, change: (_, folio) => set(folio, { mmIdsShared: true }) },
  {
    claim: "C2",
    what: "two MMs, not marked",
    setting: forked,
    change: (_, folio) => set(folio, { mmIdsShared: false }),
  },
  {
    claim: "C3",
    what: "one mapping, a mapcount of 2 and marked",
    setting: onePage,
    change: (_, folio) => set(folio, { largeMapcount: 1, mmIdsShared: true }),
  },
  {
    claim: "C3",
    what: "a small folio with a mapcount of 2",
    setting: small,
    change: (_, folio) => set(folio.pages[0], { mapcount: 1 }),
  },
  {
    claim: "C4",
    what: "unmapped and marked",
    setting: cached,
    change: (_, folio) => set(folio, { mmIdsShared: true }),
  },
  ...[0, 1].flatMap((slot): Row[] => [
    {
      claim: "C4",
      what: `unmapped, an id in slot ${slot}`,
      setting: cached,
      change: (_, folio) => set(folio.slots[slot], { mmId: 1 }),
    },
    {
      claim: "C4",
      what: `unmapped, a count in slot ${slot}`,
      setting: cached,
      change: (_, folio) => set(folio.slots[slot], { mapcount: 0 }),
    },
    {
      claim: "C5.slots",
      what: `slot ${slot} taken with -1`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mapcount: -1 }),
    },
    {
      claim: "C5.slots",
      what: `slot ${slot} taken with -2`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mapcount: -2 }),
    },
    {
      claim: "C5.slots",
      what: `slot ${slot} free with 0`,
      setting: cached,
      change: (_, folio) => set(folio.slots[slot], { mapcount: 0 }),
    },
    {
      claim: "C8",
      what: `slot ${slot} counts one too many`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mapcount: 4 }),
    },
    {
      claim: "C8",
      what: `slot ${slot} counts for an MM that does not map it`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mmId: 3, mapcount: 0 }),
    },
    {
      claim: "C20",
      what: `the id in slot ${slot} is free`,
      setting: forked,
      change: (world) => set(world.mms[slot], { hasId: false }),
    },
  ]),
  {
    claim: "C5.slots",
    what: "both slots track one MM",
    setting: forked,
    change: (_, folio) => set(folio.slots[1], { mmId: 1 }),
  },
  ...Object.entries({
    refcount: 1,
    nrPages: 2,
    anon: true,
    largeMapcount: 0,
    entireMapcount: 0,
    nrPagesMapped: 1,
    partiallyMapped: true,
    onDeferredList: true,
    mmIdsShared: true,
  }).map(
    ([field, value]): Row => ({
      claim: "C4.fresh",
      what: `not in use, ${field} ${value}`,
      setting: fresh,
      change: (_, folio) => set(folio, { [field]: value }),
    }),
  ),
  ...[0, 3].flatMap((page): Row[] => [
    {
      claim: "C4.fresh",
      what: `not in use, page ${page} mapped`,
      setting: fresh,
      change: (_, folio) => set(folio.pages[page], { mapcount: 0 }),
    },
    {
      claim: "C4.fresh",
      what: `not in use, page ${page} exclusive`,
      setting: fresh,
      change: (_, folio) => set(folio.pages[page], { anonExclusive: true }),
    },
    {
      claim: "C6.page-mapcount",
      what: `page ${page} counts one too many`,
      setting: forked,
      change: (_, folio) => set(folio.pages[page], { mapcount: 2 }),
    },
    {
      claim: "C6.page-mapcount",
      what: `page ${page} of a large folio counts with NO_PAGE_MAPCOUNT`,
      setting: withoutPageMapcounts(forked),
      change: (_, folio) => set(folio.pages[page], { mapcount: 0 }),
    },
  ]),
  {
    claim: "C6.page-mapcount",
    what: "a small folio does not count with NO_PAGE_MAPCOUNT",
    setting: withoutPageMapcounts(small),
    change: (_, folio) => set(folio.pages[0], { mapcount: -1 }),
  },
  {
    claim: "C6.large-mapcount",
    what: "one too many",
    setting: forked,
    change: (_, folio) => set(folio, { largeMapcount: 8 }),
  },
  {
    claim: "C6.large-mapcount",
    what: "unmapped, one too many",
    setting: cached,
    change: (_, folio) => set(folio, { largeMapcount: 0 }),
  },
  {
    claim: "C6.entire-mapcount",
    what: "one too many",
    setting: anon,
    change: (_, folio) => set(folio, { entireMapcount: 0 }),
  },
  {
    claim: "C6.nr-pages-mapped",
    what: "one too few",
    setting: forked,
    change: (_, folio) => set(folio, { nrPagesMapped: 3 }),
  },
  { claim: "C7.covers", what: "one too few", setting: forked, change: (_, folio) => set(folio, { refcount: 7 }) },
  { claim: "C7", what: "one too many", setting: forked, change: (_, folio) => set(folio, { refcount: 9 }) },
  { claim: "C7", what: "the page cache has none", setting: cached, change: (_, folio) => set(folio, { refcount: 0 }) },
  { claim: "C7.freed", what: "in use without any", setting: cached, change: (_, folio) => set(folio, { refcount: 0 }) },
  {
    claim: "C12",
    what: "the pages of a partly mapped folio only",
    setting: withoutPageMapcounts(onePage),
    change: (world) => set(world.stats, { nrAnonMapped: 1 }),
  },
  {
    claim: "C12",
    what: "an unmapped folio",
    setting: withoutPageMapcounts(cached),
    change: (world) => set(world.stats, { nrFileMapped: 4 }),
  },
  {
    claim: "C13",
    what: "the whole of a partly mapped folio",
    setting: onePage,
    change: (world) => set(world.stats, { nrAnonMapped: 4 }),
  },
  {
    claim: "C13",
    what: "anon pages as file pages",
    setting: anon,
    change: (world) => set(world.stats, { nrAnonMapped: 0, nrFileMapped: 4 }),
  },
  { claim: "C17", what: "not marked", setting: overflowed, change: (_, folio) => set(folio, { mmIdsShared: false }) },
];

function set<T extends object>(target: T | undefined, values: Partial<Record<keyof T, unknown>>): void {
  Object.assign(target as T, values);
}

/** What a property says: true, false, or undefined for nothing. */
function saying(setting: Setting, claim: string, world: World): boolean | undefined {
  const { model, kernel } = rmapSubject(setting.bounds, setting.config);
  const property = model.properties.find((each) => each.id === claim);
  if (property?.kind !== "always") {
    throw new Error(`no property ${claim} of states`);
  }
  return property.holds(model.view(world, kernel));
}

function stateOf({ bounds, config, run }: Setting): World {
  return run(startRmap(bounds, config)).world;
}

describe("A claim holds of the kernel's state and fails when one thing is changed", () => {
  it.each(ROWS)("$claim: $what", ({ claim, setting, change }) => {
    const world = stateOf(setting);
    expect(saying(setting, claim, world)).toBe(true);
    const changed = structuredClone(world) as MutableWorld;
    change(changed, changed.folios[0] as Deep<RmapFolio>);
    expect(saying(setting, claim, changed)).toBe(false);
  });

  it("for the second folio as well as for the first", () => {
    const second: Setting = {
      ...anon,
      run: (start) => forked.run(start).act("readFile", { index: 0, pages: 4, folio: 1 }),
    };
    const changed = structuredClone(stateOf(second)) as MutableWorld;
    set(changed.folios[1], { mmIdsShared: true });
    expect(saying(second, "C4", changed)).toBe(false);
  });

  it("is tested here for every claim about states", () => {
    const settings = [anon, withoutPageMapcounts(anon), overflowed];
    const ids = settings.flatMap(({ bounds, config }) =>
      rmapSubject(bounds, config).model.properties.flatMap(({ kind, id }) => (kind === "always" ? [id] : [])),
    );
    expect(new Set(ROWS.map((row) => row.claim))).toEqual(new Set(ids));
  });
});

describe("A claim says nothing", () => {
  const threeMms: Setting = { ...anon, run: (start) => forked.run(start).act("fork", { parent: 0, child: 2 }) };
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
    { claim: "C17", when: "no slot overflowed", setting: { ...overflowed, run: (start: RmapSession) => start } },
    { claim: "C20", when: "every id is taken", setting: threeMms },
  ])("$claim: when $when", ({ claim, setting }) => {
    expect(saying(setting, claim, stateOf(setting))).toBeUndefined();
  });

  it("but C2 speaks again when the folio was unmapped in between", () => {
    const again: Setting = {
      ...overflowed,
      config: "",
      run: (start) =>
        start
          .act("readFile", { index: 0, pages: 2, folio: 0 })
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

describe("Witnesses", () => {
  const reached = (setting: Setting, id: string, before: World, world: World): boolean => {
    const { model } = rmapSubject(setting.bounds, setting.config);
    const index = model.properties.findIndex((each) => each.id === id);
    expect(index).toBeGreaterThanOrEqual(0);
    return interpret(model).decides(index, before, world);
  };

  it("W1 is a lone MM without a slot, with two pages or more, that looks shared", () => {
    const third = startRmap(anon.bounds)
      .act("anonFault", { mm: 0, first: 0, pages: 4, folio: 0 })
      .act("fork", { parent: 0, child: 1 })
      .act("fork", { parent: 0, child: 2 })
      .act("exit", { mm: 0 });
    expect(reached(anon, "W1", third.world, third.world)).toBe(false);
    const alone = third.act("exit", { mm: 1 });
    expect(reached(anon, "W1", third.world, alone.world)).toBe(true);
    const tracked = structuredClone(alone.world) as MutableWorld;
    set(tracked.folios[0]?.slots[1], { mmId: 3, mapcount: 0 });
    expect(reached(anon, "W1", third.world, tracked)).toBe(false);
    const one = alone.act("unmap", { mm: 2, vma: 0, first: 0, count: 3 });
    expect(reached(anon, "W1", alone.world, one.world)).toBe(false);
  });

  it("W5 is the step in which an MM adds mappings and loses its slot", () => {
    const { bounds, config } = overflowed;
    const full = startRmap(bounds, config)
      .act("readFile", { index: 0, pages: 2, folio: 0 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 });
    const over = full.act("fileFault", { mm: 0, vma: 1, first: 0, count: 1 });
    expect(reached(overflowed, "W5", full.world, over.world)).toBe(true);
    expect(reached(overflowed, "W5", over.world, full.world)).toBe(false);
    const less = full.act("unmap", { mm: 0, vma: 0, first: 0, count: 2 });
    expect(reached(overflowed, "W5", full.world, less.world)).toBe(false);
  });
});

describe("Views of a state", () => {
  it("count what the page tables say, whatever the counters say", () => {
    const { model } = rmapSubject(overflowed.bounds, overflowed.config);
    const world = structuredClone(stateOf(overflowed)) as MutableWorld;
    set(world.folios[0], { largeMapcount: -1 });
    const view = model.view(world as World, kernelIn(overflowed.config));
    expect(view.folios[0]).toMatchObject({ mappings: 6, mappingMms: 2, mappedPages: 2 });
    expect([...(view.folios[0]?.mappingsOf ?? [])]).toEqual([3, 3, 0]);
    expect([...(view.folios[0]?.mappingsOfPage ?? [])]).toEqual([4, 2]);
  });

  it("of owner-tracking count each MM that maps a page, and one page is enough", () => {
    const session = startCounts().act("map", { mm: 0, pages: 1 }).act("map", { mm: 2, pages: 3 });
    const view = session.subject.model.view(session.state, session.subject.kernel);
    expect(view.folios[0]).toMatchObject({ mappings: 4, mappingMms: 2 });
    expect([...(view.folios[0]?.mappingsOf ?? [])]).toEqual([1, 0, 3]);
  });
});
