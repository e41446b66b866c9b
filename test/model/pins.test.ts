import { describe, expect, it } from "vitest";
import { recording } from "../../model/kernel/recording.ts";
import { GUP_PIN_COUNTING_BIAS } from "../../model/state/structs.ts";
import { HolderKind } from "../../model/state/world.ts";
import { callTexts } from "../report/call-trees.ts";
import { freshKernel, start, type WorldSession } from "./session.ts";
import { folioWith, kernelStateWith, mmA, mmB, slotWords } from "./structs.ts";

const { get, pin, pinWrite } = HolderKind;
const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];

describe("A pin", () => {
  it.each([
    { nrPages: 1, config: "64bit", hasPincount: false },
    { nrPages: 2, config: "64bit", hasPincount: true },
    { nrPages: 4, config: "64bit", hasPincount: true },
    { nrPages: 1, config: "32bit", hasPincount: false },
    { nrPages: 2, config: "32bit", hasPincount: false },
    { nrPages: 4, config: "32bit", hasPincount: true },
  ])(
    "A pin of a folio of $nrPages pages on $config counts in _pincount: $hasPincount",
    ({ nrPages, config, hasPincount }) => {
      const kernel = freshKernel(config);
      const folio = folioWith({ nrPages, refcount: 1 });
      const mm = { ...mmA };
      expect(kernel.folioHasPincount(folio)).toBe(hasPincount);
      expect(kernel.folioMaybeDmaPinned(folio)).toBe(false);
      kernel.tryGrabFolio(folio, mm, true);
      expect([folio.refcount - 1, folio.pincount]).toEqual(hasPincount ? [1, 1] : [GUP_PIN_COUNTING_BIAS, 0]);
      expect(mm.hasPinned).toBe(true);
      expect(kernel.folioMaybeDmaPinned(folio)).toBe(true);
      kernel.gupPutFolio(folio, true);
      expect([folio.refcount, folio.pincount]).toEqual([1, 0]);
      expect(kernel.folioMaybeDmaPinned(folio)).toBe(false);
    },
  );

  it("A pin differs from a reference: FOLL_GET takes one, of any folio, and the MM has pinned nothing", () => {
    for (const nrPages of [1, 4]) {
      const kernel = freshKernel();
      const folio = folioWith({ nrPages });
      const mm = { ...mmA };
      kernel.tryGrabFolio(folio, mm, false);
      expect([folio.refcount, folio.pincount, mm.hasPinned]).toEqual([2, 0, false]);
      expect(kernel.folioMaybeDmaPinned(folio)).toBe(false);
      kernel.gupPutFolio(folio, false);
      expect(folio.refcount).toBe(1);
    }
  });

  it("A pin is suspected of a small folio with very many references: that is all there is to see", () => {
    const kernel = freshKernel();
    const small = (refcount: number) => folioWith({ nrPages: 1, refcount });
    expect(kernel.folioMaybeDmaPinned(small(GUP_PIN_COUNTING_BIAS - 1))).toBe(false);
    expect(kernel.folioMaybeDmaPinned(small(GUP_PIN_COUNTING_BIAS))).toBe(true);
    expect(kernel.folioMaybeDmaPinned(folioWith({ refcount: GUP_PIN_COUNTING_BIAS }))).toBe(false);
  });

  it("A pin needs a private copy for the child only if this MM ever pinned", () => {
    const kernel = freshKernel();
    const pinned = folioWith({ pincount: 1 });
    expect(kernel.folioNeedsCowForDma(mmA, pinned)).toBe(false);
    expect(kernel.folioNeedsCowForDma({ ...mmA, hasPinned: true }, pinned)).toBe(true);
    expect(kernel.folioNeedsCowForDma({ ...mmA, hasPinned: true }, folioWith())).toBe(false);
  });

  it.each([
    { kind: "FOLL_PIN", pins: true, write: false, anon: true, exclusive: false, unshare: true },
    { kind: "FOLL_PIN", pins: true, write: false, anon: true, exclusive: true, unshare: false },
    { kind: "FOLL_PIN of a file page", pins: true, write: false, anon: false, exclusive: false, unshare: false },
    { kind: "FOLL_PIN | FOLL_WRITE", pins: true, write: true, anon: true, exclusive: false, unshare: false },
    { kind: "FOLL_GET", pins: false, write: false, anon: true, exclusive: false, unshare: false },
  ])("A pin $kind, exclusive: $exclusive, must unshare: $unshare", ({ pins, write, anon, exclusive, unshare }) => {
    const folio = folioWith({ anon, exclusive: [false, exclusive, false, false] });
    expect(freshKernel().gupMustUnshare(folio, 1, pins, write)).toBe(unshare);
  });
});

describe("Duplicating PTE mappings of a folio that the parent may have pinned", () => {
  const pinned = (exclusive: readonly boolean[]) =>
    folioWith({
      ...{ anon: true, refcount: 5, pincount: 1, mapcount: 4, slots: ["A4", "-"] as const, nrPagesMapped: 4 },
      ...{ pageMapcounts: [1, 1, 1, 1], exclusive },
    });
  const parent = { ...mmA, hasPinned: true };

  it("Duplicating PTE mappings of a folio that the parent may have pinned fails when any page of the range is exclusive, and changes nothing", () => {
    const folio = pinned([false, false, true, false]);
    expect(freshKernel().folioTryDupAnonRmapPtes(folio, 0, 4, mmB, parent)).toBe(false);
    expect(folio).toEqual(pinned([false, false, true, false]));
  });

  it("Duplicating PTE mappings of a folio that the parent may have pinned succeeds for the pages that are not", () => {
    const folio = pinned([false, false, true, false]);
    expect(freshKernel().folioTryDupAnonRmapPtes(folio, 0, 2, mmB, parent)).toBe(true);
    expect(slotWords(folio)).toEqual(["A4", "B2"]);
    expect(folio.pages[2]?.anonExclusive).toBe(true);
  });
});

describe("Making an exclusive page shared before it is unmapped", () => {
  it("Making an exclusive page shared before it is unmapped fails while the folio may be pinned, through any page", () => {
    const kernel = freshKernel();
    const folio = folioWith({ anon: true, exclusive: [true, true, true, true], pincount: 1 });
    expect(kernel.folioTryShareAnonRmap(folio, 2)).toBe(false);
    expect(folio.pages.every((page) => page.anonExclusive)).toBe(true);
    folio.pincount = 0;
    expect(kernel.folioTryShareAnonRmap(folio, 2)).toBe(true);
    expect(folio.pages.map((page) => page.anonExclusive)).toEqual([true, true, false, true]);
    expect(kernel.warnings.first).toBe(0);
  });
});

/** Session with a folio of 4 pages that MM 0 has written to. */
function faulted(config = "", bounds = {}): WorldSession {
  return start("pins", { smallFolios: 4, ...bounds }, config).act("anonFault", { mm: 0, first: 0, pages: 4 });
}

describe("GUP", () => {
  it("GUP pins an exclusive page as it is, for reading and for writing", () => {
    for (const kind of [pin, pinWrite]) {
      const session = faulted().act("gup", { mm: 0, entry: 2, kind });
      expect([session.entries(0), session.kinds(0)]).toEqual(["0.0 0.1 0.2 0.3", "wwww"]);
      expect(session.folio()).toMatchObject({ refcount: 5, pincount: 1 });
      expect(session.world.holders[0]).toMatchObject({ kind, folio: 1, page: 2, mm: 1, entry: 2 });
    }
  });

  it.each(configs)("GUP unshares a shared page before it pins it for reading ($config)", ({ config }) => {
    const forked = faulted(config).act("fork", { parent: 0, child: 1 });
    const copied = forked.act("gup", { mm: 0, entry: 2, kind: pin });
    expect([copied.entries(0), copied.kinds(0), copied.exclusive(1)]).toEqual(["0.0 0.1 1.0 0.3", "rrrr", "x"]);
    expect(copied.folio(1)).toMatchObject({ refcount: 1 + GUP_PIN_COUNTING_BIAS, nrPages: 1 });
    const reused = forked.act("exit", { mm: 1 }).act("gup", { mm: 0, entry: 2, kind: pin });
    expect([reused.entries(0), reused.kinds(0), reused.exclusive()]).toEqual(["0.0 0.1 0.2 0.3", "rrrr", "--x-"]);
    expect(reused.folio()).toMatchObject({ refcount: 5, pincount: 1 });
  });

  it("GUP makes a page writable before it pins it for writing", () => {
    const forked = faulted().act("fork", { parent: 0, child: 1 });
    const copied = forked.act("gup", { mm: 0, entry: 2, kind: pinWrite });
    expect([copied.entries(0), copied.kinds(0)]).toEqual(["0.0 0.1 1.0 0.3", "rrwr"]);
    const exclusiveReadOnly = forked.act("exit", { mm: 1 }).act("gup", { mm: 0, entry: 2, kind: pin });
    expect(exclusiveReadOnly.act("put", { holder: 0 }).act("gup", { mm: 0, entry: 2, kind: pinWrite }).kinds(0)).toBe(
      "rrwr",
    );
  });

  it("GUP takes a mere reference to a shared page, which then is not reused", () => {
    const forked = faulted().act("fork", { parent: 0, child: 1 });
    const held = forked.act("gup", { mm: 0, entry: 2, kind: get });
    expect([held.entries(0), held.kinds(0)]).toEqual(["0.0 0.1 0.2 0.3", "rrrr"]);
    expect(held.folio()).toMatchObject({ refcount: 9, pincount: 0 });
    const alone = held.act("exit", { mm: 1 });
    expect(alone.act("writeFault", { mm: 0, entry: 0 }).entries(0)).toBe("1.0 0.1 0.2 0.3");
  });

  it("GUP pins a page of a PMD-mapped folio by the flag of the head page, and the holder records the page", () => {
    const mapped = start("migration", { folios: 1, smallFolios: 4, holders: 1 }).act("anonFault", {
      ...{ mm: 0, first: 0, pages: 4 },
    });
    const session = mapped.act("gup", { mm: 0, entry: 3, kind: pin });
    expect(session.pmd(0)).toBe("0 w");
    expect(session.folio()).toMatchObject({ refcount: 2, pincount: 1 });
    expect(session.world.holders[0]).toMatchObject({ folio: 1, page: 3, entry: 3 });
    const forked = mapped.act("fork", { parent: 0, child: 1 });
    const copied = forked.act("gup", { mm: 0, entry: 3, kind: pin });
    expect([copied.pmd(0), copied.entries(0), copied.kinds(0)]).toEqual(["-", "0.0 0.1 0.2 1.0", "rrrr"]);
    const reused = forked.act("exit", { mm: 1 }).act("gup", { mm: 0, entry: 3, kind: pin });
    expect([reused.pmd(0), reused.exclusive()]).toEqual(["0 r", "x---"]);
  });

  it("releasing the pin of a page that its process has unmapped frees the page", () => {
    const unmapped = faulted("", { holders: 1 }).act("gup", { mm: 0, entry: 2, kind: pinWrite }).act("exit", { mm: 0 });
    expect(unmapped.folio()).toMatchObject({ allocated: true, refcount: 1, pincount: 1, largeMapcount: -1 });
    expect(unmapped.world.holders[0]).toMatchObject({ mm: 0, entry: 0, page: 2 });
    expect(unmapped.act("put", { holder: 0 }).world.folios).toEqual(start("pins", { smallFolios: 4 }).world.folios);
  });

  it("GUP is not enabled if nothing is mapped, or no holder is unused", () => {
    const session = start("pins", { holders: 1 }).act("anonFault", { mm: 0, first: 0, pages: 2 });
    expect(session.isEnabled("gup", { mm: 0, entry: 2, kind: get })).toBe(false);
    const held = session.act("gup", { mm: 0, entry: 0, kind: get });
    expect(held.isEnabled("gup", { mm: 0, entry: 1, kind: get })).toBe(false);
    expect(session.isEnabled("put", { holder: 0 })).toBe(false);
  });
});

describe("fork() of a parent that pinned a page", () => {
  it.each(configs)(
    "fork() of a parent that pinned a page copies that page for the child at once, and shares no page of its batch ($config)",
    ({ config }) => {
      const forked = faulted(config).act("gup", { mm: 0, entry: 1, kind: pin }).act("fork", { parent: 0, child: 1 });
      expect([forked.entries(0), forked.kinds(0), forked.exclusive()]).toEqual(["0.0 0.1 0.2 0.3", "wwww", "xxxx"]);
      expect([forked.entries(1), forked.kinds(1)]).toEqual(["1.0 2.0 3.0 4.0", "wwww"]);
      expect(forked.folio()).toMatchObject({ refcount: 5, pincount: 1, largeMapcount: 3 });
      expect(forked.tracking()).toBe("mm 0: 4 | free | exclusive");
      expect([1, 2, 3, 4].map((folio) => [forked.folio(folio).refcount, forked.exclusive(folio)])).toEqual(
        Array(4).fill([1, "x"]),
      );
    },
  );

  it("fork() of a parent that pinned a page shares the pages that are not exclusive, and copies the one that is", () => {
    const shared = faulted("", { mms: 3 }).act("fork", { parent: 0, child: 1 }).act("exit", { mm: 1 });
    const pinned = shared.act("gup", { mm: 0, entry: 2, kind: pin });
    expect(pinned.exclusive()).toBe("--x-");
    const forked = pinned.act("fork", { parent: 0, child: 1 });
    expect([forked.entries(1), forked.kinds(1)]).toEqual(["0.0 0.1 1.0 0.3", "rrwr"]);
    expect([forked.kinds(0), forked.exclusive()]).toEqual(["rrrr", "--x-"]);
    expect(forked.folio()).toMatchObject({ refcount: 8, largeMapcount: 6 });
    expect(forked.tracking()).toBe("mm 0: 4 | mm 1: 3 | maybe shared");
  });

  it("fork() of a parent that pinned a page tries a batch first; with a preallocated page it copies one entry, and uses the page for that entry only", () => {
    const { kernel, take } = recording(freshKernel());
    const pinned = start("pins", { smallFolios: 4 }, "", kernel)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("exit", { mm: 1 })
      .act("gup", { mm: 0, entry: 1, kind: pin });
    take();
    pinned.act("fork", { parent: 0, child: 1 });
    const steps = /^(folio_try_dup_anon_rmap_ptes|folio_alloc|copy_present_page)\b.*/;
    expect(callTexts(take()).flatMap((line) => steps.exec(line.trim())?.[0] ?? [])).toEqual([
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 0–3, mm 1, from mm 0) = -EBUSY",
      "folio_alloc(order 0) = folio 1",
      "folio_try_dup_anon_rmap_ptes(folio 0, page 0, mm 1, from mm 0)",
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 1–3, mm 1, from mm 0) = -EBUSY",
      "folio_alloc(order 0) = folio 1",
      "folio_try_dup_anon_rmap_ptes(folio 0, page 1, mm 1, from mm 0) = -EBUSY",
      "copy_present_page(mm 1, entry 1, folio 1)",
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 2–3, mm 1, from mm 0)",
    ]);
  });

  it.each([
    { config: "64bit", pages: 1 },
    { config: "32bit", pages: 1 },
    { config: "32bit", pages: 2 },
  ])(
    "fork() of a parent that pinned a page copies a page of a folio without a pincount, too ($config, $pages pages)",
    ({ config, pages }) => {
      const forked = start("pins", { smallFolios: 4 }, config)
        .act("anonFault", { mm: 0, first: 0, pages })
        .act("gup", { mm: 0, entry: 0, kind: pinWrite })
        .act("fork", { parent: 0, child: 1 });
      expect(forked.kinds(0).slice(0, pages)).toBe("w".repeat(pages));
      expect(forked.kinds(1).slice(0, pages)).toBe("w".repeat(pages));
      expect(forked.entries(1)).not.toBe(forked.entries(0));
    },
  );

  it("fork() of a parent that pinned a page shares the page after the pin is released, or if it was a FOLL_GET reference", () => {
    const unpinned = faulted().act("gup", { mm: 0, entry: 1, kind: pin }).act("put", { holder: 0 });
    expect(unpinned.world.mms[0]?.hasPinned).toBe(true);
    const held = faulted().act("gup", { mm: 0, entry: 1, kind: get });
    for (const session of [unpinned, held]) {
      const forked = session.act("fork", { parent: 0, child: 1 });
      expect([forked.entries(1), forked.kinds(0), forked.exclusive()]).toEqual(["0.0 0.1 0.2 0.3", "rrrr", "----"]);
    }
  });

  it("fork() of a parent that pinned a page splits the PMD of a pinned folio and copies every page", () => {
    const forked = start("migration", { folios: 1, smallFolios: 4, holders: 1 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("gup", { mm: 0, entry: 3, kind: pin })
      .act("fork", { parent: 0, child: 1 });
    expect([forked.pmd(0), forked.entries(0), forked.kinds(0)]).toEqual(["-", "0.0 0.1 0.2 0.3", "wwww"]);
    expect([forked.pmd(1), forked.entries(1), forked.kinds(1)]).toEqual(["-", "1.0 2.0 3.0 4.0", "wwww"]);
    expect(forked.folio()).toMatchObject({ refcount: 5, pincount: 1, entireMapcount: -1, largeMapcount: 3 });
    expect(forked.exclusive()).toBe("xxxx");
  });

  it("fork() of a parent that pinned a page needs a folio for each copy, and none when nothing is pinned", () => {
    const pinned = faulted("", { smallFolios: 3 }).act("gup", { mm: 0, entry: 1, kind: pin });
    expect(pinned.isEnabled("fork", { parent: 0, child: 1 })).toBe(false);
    expect(pinned.act("put", { holder: 0 }).isEnabled("fork", { parent: 0, child: 1 })).toBe(true);
    const enough = faulted("", { smallFolios: 4 }).act("gup", { mm: 0, entry: 1, kind: pin });
    expect(enough.isEnabled("fork", { parent: 0, child: 1 })).toBe(true);
  });

  it("fork() of a parent that pinned a page does not mark the child as pinning, and exit clears the mark", () => {
    const forked = faulted().act("gup", { mm: 0, entry: 1, kind: pin }).act("fork", { parent: 0, child: 1 });
    expect(forked.world.mms.map((mm) => mm.hasPinned)).toEqual([true, false]);
    expect(forked.act("exit", { mm: 0 }).world.mms[0]?.hasPinned).toBe(false);
  });
});

describe("copy_pte_range() on entries of every kind", () => {
  it("copy_pte_range() on entries of every kind skips none entries, and frees a preallocated page that it did not use", () => {
    const kernel = freshKernel();
    const exclusive = { anon: true, refcount: 2, pincount: 1, mapcount: 2, slots: ["A2", "-"] as const };
    const machine = kernelStateWith({
      folios: [
        folioWith({ ...exclusive, nrPages: 2, exclusive: [false, true], pageMapcounts: [1, 1], nrPagesMapped: 2 }),
        folioWith({ nrPages: 1, allocated: false, refcount: 0 }),
      ],
      ptes: ["- a0 a1w s0x - a0M", "- - - - - -"],
      swapCounts: [1],
    });
    const [parent, child] = machine.mms as [(typeof machine.mms)[0], (typeof machine.mms)[0]];
    parent.hasPinned = true;
    kernel.copyPteRange(machine, child, parent, child.vmas[0] as never, parent.vmas[0] as never);
    const words = machine.mms.map(({ vmas }) =>
      vmas[0]?.ptes.map(({ folio, page, writable, migration, exclusive: marked, swap }) =>
        [folio, page, ...[writable, migration, marked, swap].map(Number)].join(""),
      ),
    );
    expect(words[1]).toEqual(["000000", "100000", "201000", "000001", "000000", "100100"]);
    expect(words[0]).toEqual(["000000", "100000", "111000", "000001", "000000", "100100"]);
    expect(machine.swapSlots[0]?.count).toBe(2);
    expect(machine.folios[0]).toMatchObject({ refcount: 3, largeMapcount: 2 });
    expect(machine.folios[1]).toMatchObject({ refcount: 1, allocated: true });
    expect(kernel.warnings.first).toBe(0);
  });
});

describe("A device that writes to a pinned page", () => {
  const pinned = faulted("", { holders: 2 }).act("gup", { mm: 0, entry: 1, kind: pinWrite });

  it("A device that writes to a pinned page is seen by the process, and by others that hold the page through the same entry", () => {
    const written = pinned.act("gup", { mm: 0, entry: 1, kind: pin }).act("dmaWrite", { holder: 0, value: 1 });
    expect(written.folio().pages[1]?.content).toBe(1);
    expect(written.world.mms[0]?.vmas[0]?.ptes[1]?.expected).toBe(1);
    expect(written.world.holders.map((holder) => holder.expected)).toEqual([1, 1]);
  });

  it("A device that writes to a pinned page is seen by no process when the page was unmapped", () => {
    const written = pinned.act("unmap", { mm: 0, vma: 0, first: 1, count: 1 }).act("dmaWrite", { holder: 0, value: 1 });
    expect(written.world.mms[0]?.vmas[0]?.ptes.map((pte) => pte.expected)).toEqual([0, 0, 0, 0]);
    expect(written.world.holders[0]).toMatchObject({ mm: 0, expected: 1 });
  });

  it("A device that writes to a pinned page sees what the process wrote, as long as the page is its page", () => {
    const written = pinned.act("store", { mm: 0, entry: 1, value: 1 });
    expect(written.world.holders[0]?.expected).toBe(1);
    expect(pinned.act("store", { mm: 0, entry: 2, value: 1 }).world.holders[0]?.expected).toBe(0);
  });

  it("A device that writes to a pinned page needs a pin for writing", () => {
    const reading = faulted().act("gup", { mm: 0, entry: 1, kind: pin });
    expect(reading.isEnabled("dmaWrite", { holder: 0, value: 1 })).toBe(false);
  });
});
