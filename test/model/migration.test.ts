import { describe, expect, it } from "vitest";
import { Warning } from "../../model/kernel/warnings.ts";
import type { Folio } from "../../model/state/structs.ts";
import { HolderKind } from "../../model/state/world.ts";
import { freshKernel, kernelIn, start, type WorldSession } from "./session.ts";
import { folioWith, kernelStateWith, ptesOf, statsWith } from "./structs.ts";

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];
const { get, pin } = HolderKind;

/** Session with a folio of 2 pages mapped by PTEs; PMDs map 4 pages. */
function ptes(config = "", bounds = {}): WorldSession {
  return start("migration", { smallFolios: 1, ...bounds }, config).act("anonFault", { mm: 0, first: 0, pages: 2 });
}

/** Session with a folio of 4 pages mapped by a PMD. */
function pmd(config = "", bounds = {}, kernel = kernelIn(config)): WorldSession {
  return start("migration", { smallFolios: 1, ...bounds }, config, kernel).act("anonFault", {
    mm: 0,
    first: 0,
    pages: 4,
  });
}

const unmap = (session: WorldSession, walk = "0,1"): WorldSession => session.act("migrateUnmap", { folio: 0, walk });
const move = (session: WorldSession, walk = "0,1"): WorldSession => session.act("migrateMove", { folio: 0, walk });
const undo = (session: WorldSession, walk = "0,1"): WorldSession => session.act("migrateUndo", { folio: 0, walk });

describe("Unmapping a folio that is to be migrated", () => {
  it.each(configs)(
    "Unmapping a folio that is to be migrated turns PTEs into migration entries with the same rights, and locks it ($config)",
    ({ config }) => {
      const unmapped = unmap(ptes(config));
      expect([unmapped.entries(0), unmapped.kinds(0), unmapped.exclusive()]).toEqual(["0.0 0.1 - -", "MM--", "----"]);
      expect(unmapped.folio()).toMatchObject({ refcount: 1, largeMapcount: -1, locked: true });
      expect(unmapped.stats).toEqual(statsWith());
      expect(unmapped.tracking()).toBe("free | free | exclusive");
    },
  );

  it.each(configs)(
    "Unmapping a folio that is to be migrated turns a PMD into one migration entry ($config)",
    ({ config }) => {
      const unmapped = unmap(pmd(config));
      expect([unmapped.pmd(0), unmapped.entries(0)]).toEqual(["0 M", "- - - -"]);
      expect(unmapped.folio()).toMatchObject({ refcount: 1, largeMapcount: -1, entireMapcount: -1, locked: true });
      expect(unmapped.stats).toEqual(statsWith());
    },
  );

  it("Unmapping a folio that is to be migrated distinguishes exclusive pages that are read-only from shared ones", () => {
    const shared = ptes().act("fork", { parent: 0, child: 1 });
    expect([unmap(shared).kinds(0), unmap(shared).kinds(1)]).toEqual(["ii--", "ii--"]);
    const pinned = ptes("", { holders: 1 })
      .act("fork", { parent: 0, child: 1 })
      .act("exit", { mm: 1 })
      .act("gup", { mm: 0, entry: 0, kind: pin })
      .act("put", { holder: 0 });
    expect([pinned.kinds(0), pinned.exclusive()]).toEqual(["rr--", "x---"]);
    expect(unmap(pinned).kinds(0)).toBe("mi--");
  });

  it("Unmapping a folio that is to be migrated of a PMD that is shared leaves readable entries in both MMs", () => {
    const unmapped = unmap(pmd().act("fork", { parent: 0, child: 1 }));
    expect([unmapped.pmd(0), unmapped.pmd(1)]).toEqual(["0 i", "0 i"]);
  });

  it.each([
    { what: "PTEs", mapped: ptes },
    { what: "a PMD", mapped: pmd },
  ])("Unmapping a folio that is to be migrated restores everything when a page is pinned ($what)", ({ mapped }) => {
    const pinned = mapped("", { holders: 1 }).act("gup", { mm: 0, entry: 1, kind: pin });
    expect(unmap(pinned).world).toEqual(pinned.world);
  });

  it("Unmapping a folio that is to be migrated restores the entries of one MM when another one has a pinned page", () => {
    const machine = kernelStateWith({
      folios: [
        folioWith({
          ...{ nrPages: 2, anon: true, refcount: 4, pincount: 1, mapcount: 3, mmIdsShared: true, nrPagesMapped: 2 },
          ...{ slots: ["A1", "B2"] as const, pageMapcounts: [2, 1], exclusive: [false, true] },
        }),
      ],
      ptes: ["a0", "a0 a1w"],
    });
    const folio = machine.folios[0] as Folio;
    const kernel = freshKernel();
    kernel.tryToMigrate(machine, folio, false, [0, 1]);
    expect(machine.mms.map(({ vmas }) => vmas[0]?.ptes)).toEqual([ptesOf("a0i"), ptesOf("a0i a1w")]);
    expect(folio).toMatchObject({ refcount: 2, largeMapcount: 0 });
    kernel.removeMigrationPtes(machine, folio, folio, [0, 1]);
    expect(machine.mms.map(({ vmas }) => vmas[0]?.ptes)).toEqual([ptesOf("a0"), ptesOf("a0 a1w")]);
    expect(folio).toMatchObject({ refcount: 4, largeMapcount: 2 });
    expect(folio.pages.map((page) => [page.mapcount, page.anonExclusive])).toEqual([
      [1, false],
      [0, true],
    ]);
    expect(kernel.warnings.first).toBe(0);
  });

  it("Unmapping a folio that is to be migrated ends at the first MM that fails: those after it in the walk stay mapped", () => {
    const machine = kernelStateWith({
      folios: [
        folioWith({
          ...{ nrPages: 2, anon: true, refcount: 3, pincount: 1, mapcount: 2, mmIdsShared: true },
          ...{ slots: ["A1", "B1"] as const, pageMapcounts: [1, 1], exclusive: [true, false] },
        }),
      ],
      ptes: ["a0w", "a1"],
    });
    freshKernel("no-page-mapcount").tryToMigrate(machine, machine.folios[0] as Folio, false, [0, 1]);
    expect(machine.mms.map(({ vmas }) => vmas[0]?.ptes)).toEqual([ptesOf("a0w"), ptesOf("a1")]);
    freshKernel("no-page-mapcount").tryToMigrate(machine, machine.folios[0] as Folio, false, [1, 0]);
    expect(machine.mms.map(({ vmas }) => vmas[0]?.ptes)).toEqual([ptesOf("a0w"), ptesOf("a1i")]);
  });

  it("Unmapping a folio that is to be migrated warns of a writable entry whose page is not exclusive", () => {
    const machine = kernelStateWith({
      folios: [folioWith({ nrPages: 1, anon: true, refcount: 1, pageMapcounts: [1] })],
      ptes: ["a0w"],
    });
    const kernel = freshKernel();
    kernel.tryToMigrate(machine, machine.folios[0] as Folio, false, [0]);
    expect(kernel.warnings.first).toBe(Warning.writableNotExclusive);
  });
});

describe("Moving an unmapped folio", () => {
  it.each(configs)(
    "Moving an unmapped folio maps the new folio where the old one was, with the same rights ($config)",
    ({ config }) => {
      const before = ptes(config);
      const moved = move(unmap(before));
      expect([moved.entries(0), moved.kinds(0), moved.exclusive(1)]).toEqual(["1.0 1.1 - -", "ww--", "xx--"]);
      expect(moved.folio(0)).toEqual(start("migration", {}, config).folio());
      expect({ ...moved.folio(1), frameNumber: 1 }).toEqual(before.folio(0));
      expect(moved.stats).toEqual(before.stats);
      expect(moved.tracking(1)).toBe("mm 0: 2 | free | exclusive");
    },
  );

  it("Moving an unmapped folio maps each page where it was, wherever that is", () => {
    const before = start("migration").act("anonFault", { mm: 0, first: 2, pages: 2 });
    expect(move(unmap(before)).entries(0)).toBe("- - 1.0 1.1");
  });

  it.each(configs)("Moving an unmapped folio maps it by a PMD again ($config)", ({ config }) => {
    const before = pmd(config);
    const moved = move(unmap(before));
    expect([moved.pmd(0), moved.entries(0), moved.exclusive(1)]).toEqual(["1 w", "- - - -", "x---"]);
    expect({ ...moved.folio(1), frameNumber: 1, onDeferredList: true }).toEqual(before.folio(0));
    expect(moved.stats).toEqual(before.stats);
  });

  it("Moving an unmapped folio maps shared pages read-only and shared", () => {
    const moved = move(unmap(ptes().act("fork", { parent: 0, child: 1 })));
    expect([moved.kinds(0), moved.kinds(1), moved.exclusive(1)]).toEqual(["rr--", "rr--", "----"]);
    expect(moved.tracking(1)).toBe("mm 0: 2 | mm 1: 2 | maybe shared");
    const child = move(unmap(pmd()).act("fork", { parent: 0, child: 1 }));
    expect([child.pmd(0), child.pmd(1), child.exclusive(1)]).toEqual(["1 r", "1 r", "----"]);
  });

  it("Moving an unmapped folio gives the slots to the MMs in the order of the walk", () => {
    const unmapped = unmap(ptes().act("fork", { parent: 0, child: 1 }), "1,0");
    expect(move(unmapped, "1,0").tracking(1)).toBe("mm 1: 2 | mm 0: 2 | maybe shared");
    expect(undo(unmapped, "1,0").tracking(0)).toBe("mm 1: 2 | mm 0: 2 | maybe shared");
  });

  it("Moving an unmapped folio distinguishes a third MM from the tracked ones in the order of the walk, too", () => {
    const three = ptes("", { mms: 3 }).act("fork", { parent: 0, child: 1 }).act("fork", { parent: 0, child: 2 });
    const moved = move(unmap(three, "0,1,2"), "2,1,0");
    expect(moved.tracking(1)).toBe("mm 2: 2 | mm 1: 2 | maybe shared");
    expect(moved.folio(1).hadThreeMms).toBe(true);
  });

  it.each([
    { what: "PTEs", mapped: ptes },
    { what: "a PMD", mapped: pmd },
  ])(
    "Moving an unmapped folio fails and restores everything when there is another reference to the folio ($what)",
    ({ mapped }) => {
      const held = mapped("", { holders: 1 }).act("gup", { mm: 0, entry: 1, kind: get });
      const failed = move(unmap(held));
      expect(failed.world).toEqual(held.world);
    },
  );

  it("Moving an unmapped folio moves the contents of the pages", () => {
    const moved = move(unmap(ptes().act("store", { mm: 0, entry: 1, value: 1 })));
    expect(moved.folio(1).pages.map((page) => page.content)).toEqual([0, 1, 0, 0]);
    expect(moved.folio(0).pages.some((page) => page.content === 1)).toBe(false);
  });

  it("Moving an unmapped folio needs a free folio of the same size", () => {
    const full = unmap(ptes("", { folios: 1 }));
    expect(full.isEnabled("migrateMove", { folio: 0, walk: "0,1" })).toBe(false);
    expect(undo(full).kinds(0)).toBe("ww--");
  });

  it.each([
    { name: "v7.1", requeued: true },
    { name: "v6.18", requeued: true },
    { name: "v6.15", requeued: false },
  ])(
    "Moving an unmapped folio takes the old folio off the deferred split queue; in $name the new one is queued: $requeued",
    (given) => {
      const queued = pmd("", {}, kernelIn("", given.name));
      expect(queued.folio()).toMatchObject({ onDeferredList: true, partiallyMapped: false });
      const moved = move(unmap(queued));
      expect(moved.folio(0).onDeferredList).toBe(false);
      expect(moved.folio(1)).toMatchObject({ onDeferredList: given.requeued, partiallyMapped: false });
    },
  );
});

describe("A folio that is mapped completely by PTEs and is unmapped page by page", () => {
  const unmapped = (config: string, bounds = {}, kernel = kernelIn(config)): WorldSession =>
    unmap(
      start("migration", { pages: 8, folios: 2, ...bounds }, config, kernel).act("anonFault", {
        mm: 0,
        first: 0,
        pages: 4,
      }),
    );

  it.each(configs)(
    "A folio that is mapped completely by PTEs and is unmapped page by page looks partially mapped after the first one, and is queued ($config)",
    ({ config }) => {
      expect(unmapped(config).folio()).toMatchObject({ partiallyMapped: true, onDeferredList: true });
    },
  );

  it.each(configs)(
    "A folio that is mapped completely by PTEs and is unmapped page by page stays marked when the migration fails, although it is mapped completely again ($config)",
    ({ config }) => {
      const failed = undo(unmapped(config));
      expect([failed.entries(0), failed.kinds(0)]).toEqual(["0.0 0.1 0.2 0.3 - - - -", "wwww----"]);
      expect(failed.folio()).toMatchObject({ largeMapcount: 3, partiallyMapped: true, onDeferredList: true });
    },
  );

  it.each(configs)(
    "A folio that is mapped completely by PTEs and is unmapped page by page stays marked as the new folio, which is mapped completely ($config)",
    ({ config }) => {
      const moved = move(unmapped(config));
      expect(moved.folio(1)).toMatchObject({ largeMapcount: 3, partiallyMapped: true, onDeferredList: true });
    },
  );

  it.each(configs)(
    "A folio that is mapped completely by PTEs and is unmapped page by page is not marked any more as the new folio in 6.15 ($config)",
    ({ config }) => {
      const moved = move(unmapped(config, {}, kernelIn(config, "v6.15")));
      expect(moved.folio(1)).toMatchObject({ largeMapcount: 3, partiallyMapped: false, onDeferredList: false });
    },
  );
});

describe("While a folio is being migrated", () => {
  it.each(configs)(
    "While a folio is being migrated fork copies the entries, and the pages are shared afterwards ($config)",
    ({ config }) => {
      const forked = unmap(ptes(config)).act("fork", { parent: 0, child: 1 });
      expect([forked.kinds(0), forked.kinds(1)]).toEqual(["ii--", "ii--"]);
      expect(forked.folio()).toMatchObject({ refcount: 1, largeMapcount: -1 });
      const moved = move(forked);
      expect([moved.kinds(0), moved.kinds(1)]).toEqual(["rr--", "rr--"]);
      expect(moved.folio(1)).toMatchObject({ refcount: 4, largeMapcount: 3 });
    },
  );

  it.each(configs)(
    "While a folio is being migrated unmapping drops entries and counts nothing: partial mappings are not detected ($config)",
    ({ config }) => {
      const zapped = unmap(pmd(config)).act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
      expect([zapped.kinds(0), zapped.folio().refcount]).toEqual(["-MMM", 1]);
      const moved = move(zapped);
      expect(moved.entries(0)).toBe("- 1.1 1.2 1.3");
      expect(moved.folio(1)).toMatchObject({ refcount: 3, largeMapcount: 2, partiallyMapped: false });
      expect(moved.stats.nrAnonMapped).toBe(config === "page-mapcount" ? 3 : 4);
    },
  );

  it("While a folio is being migrated fork takes the mark of entries that are exclusive and read-only, at both levels", () => {
    const readOnly = (mapped: WorldSession): WorldSession =>
      mapped
        .act("fork", { parent: 0, child: 1 })
        .act("exit", { mm: 1 })
        .act("gup", { mm: 0, entry: 0, kind: pin })
        .act("put", { holder: 0 });
    const page = unmap(readOnly(ptes("", { holders: 1 })));
    const folio = unmap(readOnly(pmd("", { holders: 1 })));
    expect([page.kinds(0), folio.pmd(0)]).toEqual(["mi--", "0 m"]);
    const [forkedPage, forkedFolio] = [page, folio].map((each) => each.act("fork", { parent: 0, child: 1 }));
    expect([forkedPage?.kinds(0), forkedPage?.kinds(1)]).toEqual(["ii--", "ii--"]);
    expect([forkedFolio?.pmd(0), forkedFolio?.pmd(1)]).toEqual(["0 i", "0 i"]);
    const moved = [page, folio].map((each) => move(each));
    expect([moved[0]?.kinds(0), moved[0]?.exclusive(1)]).toEqual(["rr--", "x---"]);
    expect([moved[1]?.pmd(0), moved[1]?.exclusive(1)]).toEqual(["1 r", "x---"]);
  });

  it("While a folio is being migrated unmapping everything leaves the folio to the migration, which frees both", () => {
    const gone = unmap(ptes()).act("exit", { mm: 0 });
    expect(gone.folio()).toMatchObject({ refcount: 1, locked: true, allocated: true });
    const fresh = start("migration", { smallFolios: 1 }).world.folios;
    expect(move(gone).world.folios).toEqual(fresh);
    expect(undo(gone).world.folios).toEqual(fresh);
  });

  it("While a folio is being migrated a walker's reference taken meanwhile makes it fail", () => {
    const machine = kernelStateWith({ folios: [folioWith({ anon: true, locked: true, refcount: 2 }), folioWith()] });
    const [src, dst] = machine.folios as [Folio, Folio];
    expect(freshKernel().migrateFolioMove(machine, src, dst, [])).toBe(false);
    src.refcount = 1;
    expect(freshKernel().migrateFolioMove(machine, src, dst, [])).toBe(true);
  });

  it("While a folio is being migrated no MM maps it, and the history of three MMs is cleared", () => {
    const three = ptes("", { mms: 3 }).act("fork", { parent: 0, child: 1 }).act("fork", { parent: 0, child: 2 });
    expect(three.folio().hadThreeMms).toBe(true);
    const unmapped = unmap(three, "0,1,2");
    expect(unmapped.folio().hadThreeMms).toBe(false);
    expect(undo(unmapped, "0,1,2").folio().hadThreeMms).toBe(true);
  });

  it("While a folio is being migrated nothing else is done to it", () => {
    const unmapped = unmap(ptes("", { holders: 1 }));
    expect(unmapped.isEnabled("migrateUnmap", { folio: 0, walk: "0,1" })).toBe(false);
    expect(unmapped.isEnabled("gup", { mm: 0, entry: 0, kind: get })).toBe(false);
    expect(unmapped.isEnabled("writeFault", { mm: 0, entry: 0 })).toBe(false);
    expect(unmapped.isEnabled("store", { mm: 0, entry: 0, value: 1 })).toBe(false);
    const held = ptes("", { holders: 1 }).act("gup", { mm: 0, entry: 0, kind: get }).act("exit", { mm: 0 });
    expect(held.isEnabled("migrateUnmap", { folio: 0, walk: "0,1" })).toBe(false);
    expect(ptes().isEnabled("migrateMove", { folio: 0, walk: "0,1" })).toBe(false);
    expect(ptes().isEnabled("migrateUndo", { folio: 0, walk: "0,1" })).toBe(false);
  });
});

describe("A folio of the swap cache that is migrated", () => {
  it("A folio of the swap cache that is migrated passes its slots to the new folio", () => {
    const machine = kernelStateWith({
      folios: [
        folioWith({ anon: true, locked: true, swapcache: true, swap: 4, refcount: 5 }),
        folioWith({ refcount: 1, onDeferredList: false }),
      ],
      swapCounts: [0, 0, 0, 0, 1, 0, 0, 1],
    });
    const [src, dst] = machine.folios as [Folio, Folio];
    expect(freshKernel().migrateFolioMove(machine, src, dst, [])).toBe(true);
    expect(dst).toMatchObject({ swapcache: true, swap: 4, refcount: 4, anon: true });
    expect(src).toMatchObject({ swapcache: false, refcount: 0, allocated: false });
    expect(machine.swapSlots.map((slot) => slot.folio)).toEqual([0, 0, 0, 0, 2, 2, 2, 2]);
  });
});

describe("The order of a walk", () => {
  it("The order of a walk matters for MMs that have an entry of the folio only: each other order is left out", () => {
    const session = ptes("", { mms: 3 });
    const walks = ["0,1,2", "0,2,1", "1,0,2", "1,2,0", "2,0,1", "2,1,0"];
    const useful = (of: WorldSession): string[] =>
      walks.filter((walk) => of.isEnabled("migrateUnmap", { folio: 0, walk }));
    expect(useful(session)).toEqual(["0,1,2"]);
    expect(useful(session.act("fork", { parent: 0, child: 2 }))).toEqual(["0,2,1", "2,0,1"]);
    const three = session.act("fork", { parent: 0, child: 2 }).act("fork", { parent: 0, child: 1 });
    expect(useful(three)).toEqual(walks);
  });
});
