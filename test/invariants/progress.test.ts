/** P1 to P4: operations that must succeed, and the documented reasons that prevent them. */
import { describe, expect, it } from "vitest";
import type { Parameters } from "../../explore/model/model.ts";
import type { Bounds } from "../../machines/machine.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { start, type WorldSession } from "../model/session.ts";

interface Case {
  readonly claim: string;
  readonly what: string;
  readonly warning: number;
  readonly from: () => WorldSession;
  readonly action: string;
  readonly parameters: Parameters;
}

/** Starts a machine with folios of 4 pages, two MMs and free folios for copies. */
const begin = (scope: string, bounds: Bounds = {}): WorldSession =>
  start(scope, { ...SIZES, ...(scope === "swap" ? { swapSlots: 4 } : {}), ...bounds });
const SIZES: Bounds = { pages: 4, minPages: 1, mms: 2, smallFolios: 3 };

const fault = (session: WorldSession, pages: number, first = 0, mm = 0): WorldSession =>
  session.act("anonFault", { mm, first, pages });
const fork = (session: WorldSession): WorldSession => session.act("fork", { parent: 0, child: 1 });
const unmap = (session: WorldSession, first: number, count: number): WorldSession =>
  session.act("unmap", { mm: 0, vma: 0, first, count });
const pin = (session: WorldSession): WorldSession => session.act("gup", { mm: 0, entry: 0, kind: 3 });

const toSwap = { action: "addToSwap", parameters: { folio: 0 } };
const split = { claim: "P1", warning: Warning.notSplit, action: "split", parameters: { folio: 0, walk: "0,1" } };
const shrink = {
  claim: "P1.shrinker",
  warning: Warning.notSplitByShrinker,
  action: "shrinkDeferred",
  parameters: { walk: "0,1" },
};
const unmapForMigration = {
  claim: "P2.unmap",
  warning: Warning.notUnmappedForMigration,
  action: "migrateUnmap",
  parameters: { folio: 0, walk: "0,1" },
};
const move = {
  claim: "P2",
  warning: Warning.notMigrated,
  action: "migrateMove",
  parameters: { folio: 0, walk: "0,1" },
};
const enter = { claim: "P3.swap-cache", warning: Warning.notAddedToSwap, ...toSwap };
const unmapForSwap = {
  claim: "P3.unmap",
  warning: Warning.notUnmappedForSwap,
  action: "tryToUnmap",
  parameters: { folio: 0, mm: 0 },
};
const swapOut = { claim: "P3", warning: Warning.notSwappedOut, action: "swapOut", parameters: { folio: 0 } };
const collapse = (maxPtesShared: number) => ({
  claim: "P4",
  warning: Warning.notCollapsed,
  action: "collapse",
  parameters: { mm: 0, maxPtesShared },
});

const held = { holders: 1 };
const pinnedPmd = (): WorldSession => pin(fault(begin("migration", held), 4));
const inSwapCache = (bounds = {}): WorldSession => fault(begin("swap", bounds), 4).act("addToSwap", { folio: 0 });
const unmapped = (session: WorldSession): WorldSession => session.act("tryToUnmap", { folio: 0, mm: 0 });
const unmappedForMigration = (session: WorldSession): WorldSession =>
  session.act("migrateUnmap", { folio: 0, walk: "0,1" });
const small = (bounds = {}): WorldSession => fault(begin("pmd", { folios: 2, ...bounds }), 2);

const SUCCEEDS: readonly Case[] = [
  { ...split, what: "a folio that one MM maps by a PMD", from: () => fault(begin("split"), 4) },
  { ...split, what: "a folio that two MMs map by PMDs", from: () => fork(fault(begin("split"), 4)) },
  { ...split, what: "a partially mapped folio", from: () => unmap(fault(begin("split"), 4), 1, 2) },
  { ...shrink, what: "a queued folio of which a page is unmapped", from: () => unmap(fault(begin("split"), 4), 0, 1) },
  { ...unmapForMigration, what: "a folio that two MMs map by PMDs", from: () => fork(fault(begin("migration"), 4)) },
  { ...move, what: "an unmapped folio", from: () => unmappedForMigration(fault(begin("migration"), 4)) },
  { ...enter, what: "a folio that two MMs map", from: () => fork(fault(begin("swap"), 4)) },
  { ...unmapForSwap, what: "a folio that PTEs map", from: () => inSwapCache() },
  { ...unmapForSwap, what: "a folio that a PMD maps", from: () => inSwapCache({ pmd: 1 }) },
  { ...swapOut, what: "an unmapped folio", from: () => unmapped(inSwapCache()) },
  { ...collapse(0), what: "pages of one MM's large folio", from: () => small() },
  { ...collapse(4), what: "shared pages, where any number may be shared", from: () => fork(small()) },
  {
    ...collapse(0),
    what: "pages whose folio another MM has unmapped again",
    from: () => fork(small()).act("exit", { mm: 1 }),
  },
];

const PREVENTED: readonly Case[] = [
  { ...split, what: "a reference", from: () => fault(begin("split", held), 4).act("tryGet", { folio: 0 }) },
  {
    ...shrink,
    what: "a reference",
    from: () => unmap(fault(begin("split", held), 4), 0, 1).act("tryGet", { folio: 0 }),
  },
  { ...unmapForMigration, what: "a pin", from: pinnedPmd },
  {
    ...move,
    what: "a reference from before the folio was unmapped",
    from: () => unmappedForMigration(fault(begin("migration", held), 4).act("gup", { mm: 0, entry: 0, kind: 2 })),
  },
  { ...unmapForSwap, what: "a pin taken since", from: () => pin(inSwapCache(held)) },
  {
    ...collapse(4),
    what: "a reference",
    from: () => small(held).act("tryGet", { folio: 0 }),
  },
  { ...collapse(0), what: "max_ptes_shared", from: () => fork(small()) },
  { ...enter, what: "a pin", from: () => pin(fault(begin("swap", held), 4)) },
  { ...enter, what: "a folio that is split instead", from: () => unmap(fault(begin("swap"), 4), 0, 1) },
  { ...enter, what: "a lack of aligned slots", from: () => fault(begin("swap", { swapSlots: 3 }), 4) },
  {
    ...swapOut,
    what: "a mapping in another MM",
    from: () => unmapped(fork(fault(begin("swap"), 4)).act("addToSwap", { folio: 0 })),
  },
];

/** Returns how often a step asserts the claim, whether it is enabled or not. */
function asserted({ warning, from, action, parameters }: Case): number {
  const session = from();
  const evaluations = session.session.subject.model.warnings?.log.evaluations as ArrayLike<number>;
  const before = evaluations[warning] as number;
  session.isEnabled(action, parameters);
  return (evaluations[warning] as number) - before;
}

describe("A claim about progress asserts the success of an operation", () => {
  it.each(SUCCEEDS)("$claim asserts the success of the operation on $what", (each) => {
    expect(asserted(each)).toBe(1);
    each.from().act(each.action, each.parameters);
  });
});

describe("A claim about progress asserts nothing of an operation that may fail", () => {
  it.each(PREVENTED)("$claim asserts nothing because of $what", (each) => {
    expect(asserted(each)).toBe(0);
  });
});
