/** States that violate the claims about private memory and pins. */
import { HolderKind } from "../../model/state/world.ts";
import { type Deep, type MutableWorld, type Row, type Setting, set } from "./settings.ts";

const written: Setting = {
  scope: "cow",
  bounds: {},
  config: "",
  run: (start) => start.act("anonFault", { mm: 0, first: 0, pages: 4 }).act("store", { mm: 0, entry: 1, value: 1 }),
};
export const shared: Setting = { ...written, run: (start) => written.run(start).act("fork", { parent: 0, child: 1 }) };
const copied: Setting = {
  ...written,
  run: (start) => shared.run(start).act("writeFault", { mm: 0, entry: 1 }).act("store", { mm: 0, entry: 1, value: 0 }),
};
const byPmd: Setting = { ...written, bounds: { pmd: 1 } };
const sharedByPmd: Setting = { ...shared, bounds: { pmd: 1 } };

export const swapCached: Setting = {
  ...written,
  scope: "swap",
  run: (start) => written.run(start).act("addToSwap", { folio: 0 }).act("tryToUnmap", { folio: 0, mm: 0 }),
};
const swappedOut: Setting = { ...swapCached, run: (start) => swapCached.run(start).act("swapOut", { folio: 0 }) };

const sharedFile: Setting = {
  scope: "shmem",
  bounds: {},
  config: "",
  run: (start) =>
    start
      .act("readFile", { index: 0, pages: 4 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 })
      .act("storeShared", { mm: 0, vma: 0, entry: 1, value: 1 }),
};
const sharedFileCached: Setting = {
  ...sharedFile,
  run: (start) => sharedFile.run(start).act("tryToUnmapFile", { folio: 0, mm: 0 }).act("shmemWriteout", { folio: 0 }),
};
const sharedFileSwapped: Setting = {
  ...sharedFile,
  run: (start) => sharedFileCached.run(start).act("swapOut", { folio: 0 }),
};

const held = (kind: number, pmd = 0): Setting => ({
  ...written,
  scope: "pins",
  bounds: { pmd },
  run: (start) => written.run(start).act("gup", { mm: 0, entry: 1, kind }),
});
const pinned: Setting = held(HolderKind.pin);
export const pinnedUnmapped: Setting = {
  ...pinned,
  run: (start) => pinned.run(start).act("unmap", { mm: 0, vma: 0, first: 1, count: 1 }),
};
const pinnedWithChild: Setting = {
  ...pinned,
  bounds: { smallFolios: 4 },
  run: (start) => pinned.run(start).act("fork", { parent: 0, child: 1 }),
};
const pinnedSmall: Setting = {
  ...pinned,
  run: (start) =>
    start.act("anonFault", { mm: 0, first: 0, pages: 1 }).act("gup", { mm: 0, entry: 0, kind: HolderKind.pin }),
};
const pinnedOrder1: Setting = {
  ...pinned,
  config: "32bit",
  run: (start) =>
    start.act("anonFault", { mm: 0, first: 0, pages: 2 }).act("gup", { mm: 0, entry: 0, kind: HolderKind.pin }),
};

function pte(world: MutableWorld, mm: number, entry: number): Deep<MutableWorld["mms"][0]["vmas"][0]["ptes"][0]> {
  const found = world.mms[mm]?.vmas[0]?.ptes[entry];
  if (found === undefined) {
    throw new Error(`MM ${mm} has no entry ${entry}`);
  }
  return found;
}

/** States that violate the claims about private memory and pins. */
export const MEMORY_ROWS: readonly Row[] = [
  ...[written, byPmd, swapCached].flatMap((setting): Row[] => [
    {
      claim: "C9.contents",
      what: `the process lost its write (${setting.scope} ${setting.bounds["pmd"] ?? 0})`,
      setting,
      change: (_, folio) => set(folio.pages[1], { content: 0 }),
    },
    {
      claim: "C9.contents",
      what: `the process reads another's write (${setting.scope} ${setting.bounds["pmd"] ?? 0})`,
      setting,
      change: (_, folio) => set(folio.pages[2], { content: 1 }),
    },
  ]),
  {
    claim: "C9.contents",
    what: "the write was lost in a swap slot",
    setting: swappedOut,
    change: (world) => set(world.swapSlots[1], { content: 0 }),
  },
  {
    claim: "C9.contents",
    what: "the parent reads a value that it overwrote",
    setting: copied,
    change: (world) => set(world.folios[1]?.pages[0], { content: 1 }),
  },
  {
    claim: "C9.contents",
    what: "the child reads a write of the parent after fork",
    setting: copied,
    change: (_, folio) => set(folio.pages[1], { content: 0 }),
  },
  ...[sharedFile, sharedFileCached].flatMap((setting, which): Row[] => [
    {
      claim: "C9.file",
      what: `a write to the file is lost (${which})`,
      setting,
      change: (_, folio) => set(folio.pages[1], { content: 0 }),
    },
  ]),
  {
    claim: "C9.file",
    what: "a write to the file is lost in its swap slot",
    setting: sharedFileSwapped,
    change: (world) => set(world.swapSlots[1], { content: 0 }),
  },
  {
    claim: "C9.file",
    what: "a page of the file that is swapped out has another's slot",
    setting: sharedFileSwapped,
    change: (world) => set(world.filePages[1], { swap: 1 }),
  },
  {
    claim: "C7.swap",
    what: "a page of the file that is swapped out has lost its entry",
    setting: sharedFileSwapped,
    change: (world) => set(world.filePages[2], { swap: 0 }),
  },
  ...[HolderKind.get, HolderKind.pin, HolderKind.pinWrite].flatMap((kind): Row[] => [
    {
      claim: "C9.held",
      what: `holder of kind ${kind} reads another value`,
      setting: held(kind),
      change: (_, folio) => set(folio.pages[1], { content: 0 }),
    },
  ]),
  ...[pinned, held(HolderKind.pinWrite), held(HolderKind.pin, 1)].flatMap((setting, which): Row[] => [
    {
      claim: "C9.pinned",
      what: `another page is mapped in its place (${which})`,
      setting,
      change: (world) => {
        set(world.mms[0]?.vmas[0]?.pmd, { folio: 0 });
        set(pte(world, 0, 1), { folio: 1, page: 2 });
      },
    },
    {
      claim: "C9.pinned",
      what: `another folio is mapped in its place (${which})`,
      setting,
      change: (world) => {
        set(world.mms[0]?.vmas[0]?.pmd, { folio: 0 });
        set(pte(world, 0, 1), { folio: 2 });
      },
    },
    {
      claim: "C9.pinned",
      what: `nothing is mapped in its place (${which})`,
      setting,
      change: (world) => {
        set(world.mms[0]?.vmas[0]?.pmd, { folio: 0 });
        set(pte(world, 0, 1), { folio: 0 });
      },
    },
    {
      claim: "C9.pinned",
      what: `a migration entry is in its place (${which})`,
      setting,
      change: (world) => {
        const pmd = world.mms[0]?.vmas[0]?.pmd;
        set(pmd?.folio === 0 ? pte(world, 0, 1) : pmd, { migration: true });
      },
    },
  ]),
  ...[0, 3].map(
    (page): Row => ({
      claim: "C11",
      what: `page ${page} is exclusive and mapped twice`,
      setting: shared,
      change: (_, folio) => set(folio.pages[page], { anonExclusive: true }),
    }),
  ),
  {
    claim: "C11",
    what: "the head page is exclusive and two PMDs map the folio",
    setting: sharedByPmd,
    change: (_, folio) => set(folio.pages[0], { anonExclusive: true }),
  },
  {
    claim: "C11",
    what: "the head page is exclusive, and PTEs of another MM map other pages",
    setting: {
      ...sharedByPmd,
      run: (start) => sharedByPmd.run(start).act("unmap", { mm: 1, vma: 0, first: 0, count: 1 }),
    },
    change: (_, folio) => set(folio.pages[0], { anonExclusive: true }),
  },
  {
    claim: "C11",
    what: "a tail page is exclusive, and two PMDs map it",
    setting: sharedByPmd,
    change: (_, folio) => set(folio.pages[2], { anonExclusive: true }),
  },
  {
    claim: "C11.writable",
    what: "a writable entry of a page that is not exclusive",
    setting: written,
    change: (_, folio) => set(folio.pages[3], { anonExclusive: false }),
  },
  {
    claim: "C11.writable",
    what: "a writable PMD of a folio whose head page is not exclusive",
    setting: byPmd,
    change: (_, folio) => set(folio.pages[0], { anonExclusive: false }),
  },
  {
    claim: "C11.pinned",
    what: "another MM maps the page",
    setting: pinnedWithChild,
    change: (world) => set(pte(world, 1, 1), { folio: 1, page: 1 }),
  },
  {
    claim: "C11.pinned",
    what: "another MM maps the folio by a PMD",
    setting: { ...pinnedWithChild, bounds: { smallFolios: 4, pmd: 1 } },
    change: (world) => set(world.mms[1]?.vmas[0]?.pmd, { folio: 1 }),
  },
  {
    claim: "C11.entries",
    what: "a second entry of the slot",
    setting: swapCached,
    change: (world) => set(world.swapSlots[3], { count: 2 }),
  },
  {
    claim: "C11.entries",
    what: "something maps the page",
    setting: swapCached,
    change: (world) => set(pte(world, 0, 0), { swap: false, folio: 1, page: 3 }),
  },
  ...[swapCached, swappedOut].flatMap((setting, which): Row[] => [
    {
      claim: "C7.swap",
      what: `one entry too many (${which})`,
      setting,
      change: (world) => set(world.swapSlots[3], { count: 0 }),
    },
    {
      claim: "C7.swap",
      what: `one entry too few (${which})`,
      setting,
      change: (world) => set(pte(world, 0, 3), { swap: false, page: 0 }),
    },
  ]),
  ...[0, 2].map(
    (pincount): Row => ({
      claim: "C7.pincount",
      what: `one pin, counted as ${pincount}`,
      setting: pinned,
      change: (_, folio) => set(folio, { pincount }),
    }),
  ),
  {
    claim: "C7.pincount",
    what: "a pinned small folio with too few references",
    setting: pinnedSmall,
    change: (world) => set(world.folios[1], { refcount: 2 }),
  },
  {
    claim: "C7.pincount",
    what: "a pin of order 1 counted where there is no room for it (32-bit)",
    setting: pinnedOrder1,
    change: (_, folio) => set(folio, { pincount: 1 }),
  },
  {
    claim: "C7",
    what: "a pin of a small folio is one reference only",
    setting: pinnedSmall,
    change: (world) => set(world.folios[1], { refcount: 2 }),
  },
  ...[0, 2].map(
    (refcount): Row => ({
      claim: "C7",
      what: `a migration has its reference, and there are ${refcount}`,
      setting: {
        ...written,
        scope: "migration",
        run: (start) => written.run(start).act("migrateUnmap", { folio: 0, walk: "0,1" }),
      },
      change: (_, folio) => set(folio, { refcount }),
    }),
  ),
  {
    claim: "C7",
    what: "the swap cache has none",
    setting: swapCached,
    change: (_, folio) => set(folio, { swapcache: false }),
  },
];
