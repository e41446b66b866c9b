import { describe, expect, it } from "vitest";
import { startCounts, startRmap } from "../model/session.ts";

describe("Two MMs map a folio: example 1 of the patch that tracks owners", () => {
  const alone = startRmap({ mms: 3 }).act("anonFault", { mm: 0, first: 0, pages: 4 });
  const both = alone.act("fork", { parent: 0, child: 1 });

  it("a folio is exclusive to the MM that faulted it in", () => {
    expect(alone.tracking()).toBe("mm 0: 4 | free | exclusive");
  });

  it("a folio tracks both MMs after fork, and is maybe shared", () => {
    expect(both.tracking()).toBe("mm 0: 4 | mm 1: 4 | maybe shared");
  });

  it("a folio is exclusive to the parent again when the child exits", () => {
    expect(both.act("exit", { mm: 1 }).tracking()).toBe("mm 0: 4 | free | exclusive");
  });

  it("a folio is exclusive to the child when the parent exits", () => {
    expect(both.act("exit", { mm: 0 }).tracking()).toBe("free | mm 1: 4 | exclusive");
  });

  it("a folio stays shared while the child maps a single page", () => {
    const onePage = both.act("unmap", { mm: 1, vma: 0, first: 0, count: 3 });
    expect(onePage.tracking()).toBe("mm 0: 4 | mm 1: 1 | maybe shared");
  });
});

describe("Three MMs map a folio and the two tracked ones leave: example 2 of the patch (W1)", () => {
  const three = startRmap({ mms: 3 })
    .act("anonFault", { mm: 0, first: 0, pages: 4 })
    .act("fork", { parent: 0, child: 1 })
    .act("fork", { parent: 0, child: 2 });
  const third = three.act("exit", { mm: 0 }).act("exit", { mm: 1 });

  it("a folio has no slot for a third MM", () => {
    expect(three.tracking()).toBe("mm 0: 4 | mm 1: 4 | maybe shared");
    expect(three.folio().hadThreeMms).toBe(true);
  });

  it("a folio is maybe shared although only an untracked MM maps it (W1)", () => {
    expect(third.tracking()).toBe("free | free | maybe shared");
    expect(third.pageMapcounts()).toEqual([1, 1, 1, 1]);
  });

  it("a folio of an untracked MM is maybe shared with two mappings, and exclusive with one", () => {
    const two = third.act("unmap", { mm: 2, vma: 0, first: 0, count: 2 });
    expect(two.tracking()).toBe("free | free | maybe shared");
    const one = two.act("unmap", { mm: 2, vma: 0, first: 2, count: 1 });
    expect(one.tracking()).toBe("free | free | exclusive");
    expect(one.folio().mmIdsShared).toBe(true);
  });

  it("a folio is fresh after its last page is unmapped", () => {
    const gone = third.act("exit", { mm: 2 });
    expect(gone.folio()).toEqual(startRmap({ mms: 3 }).folio());
  });

  it("the history of a folio records three MMs until it is unmapped", () => {
    expect(third.folio().hadThreeMms).toBe(true);
    expect(third.act("exit", { mm: 2 }).folio().hadThreeMms).toBe(false);
  });
});

describe("Mappings that were added untracked and are removed tracked (W2)", () => {
  const untracked = startCounts({ pages: 4, mms: 3 })
    .act("map", { mm: 0, pages: 4 })
    .act("map", { mm: 1, pages: 2 })
    .act("map", { mm: 2, pages: 3 });
  const retracked = untracked.act("unmap", { mm: 0, pages: 4 }).act("map", { mm: 2, pages: 1 });

  it("mappings of a third MM are untracked while both slots are taken", () => {
    expect(untracked.tracking()).toBe("mm 0: 4 | mm 1: 2 | maybe shared");
    expect(untracked.mapcount()).toBe(9);
  });

  it("a slot tracks only the mappings that an MM adds after the slot is free", () => {
    expect(retracked.tracking()).toBe("mm 2: 1 | mm 1: 2 | maybe shared");
    expect(retracked.mapcount()).toBe(6);
  });

  it("removing untracked mappings underflows the slot, which is freed at -1, and the other MM is exclusive", () => {
    const underflowed = retracked.act("unmap", { mm: 2, pages: 4 });
    expect(underflowed.tracking()).toBe("free | mm 1: 2 | exclusive");
    expect(underflowed.state.folio.slots.map((slot) => slot.mapcount)).toEqual([-1, 1]);
  });

  it("a folio stays shared if mappings of the MM remain after the underflow", () => {
    const some = retracked.act("unmap", { mm: 2, pages: 2 });
    expect(some.tracking()).toBe("free | mm 1: 2 | maybe shared");
    expect(some.act("unmap", { mm: 2, pages: 2 }).tracking()).toBe("free | mm 1: 2 | exclusive");
  });

  it("removing some tracked mappings of an MM does not change the shared bit", () => {
    const session = startCounts()
      .act("map", { mm: 0, pages: 2 })
      .act("map", { mm: 1, pages: 1 })
      .act("map", { mm: 2, pages: 2 })
      .act("unmap", { mm: 0, pages: 2 })
      .act("map", { mm: 2, pages: 2 })
      .act("unmap", { mm: 1, pages: 1 })
      .act("unmap", { mm: 2, pages: 1 });
    expect(session.tracking()).toBe("mm 2: 1 | free | maybe shared");
    expect(session.mapcount()).toBe(3);
  });
});

describe("On 32-bit with slot mapcounts of at most 2, an MM that maps a file twice (W5)", () => {
  const config = "32bit,mm-id-mapcount-max=1";
  const full = startRmap({ pages: 2, minPages: 2, mms: 3, anon: 0, file: 2 }, config)
    .act("readFile", { index: 0, pages: 2 })
    .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 });
  const overflowed = full.act("fileFault", { mm: 0, vma: 1, first: 1, count: 1 });

  it("an MM that maps a file twice fills its slot exactly", () => {
    expect(full.tracking()).toBe("mm 0: 2 | free | exclusive");
    expect(full.folio().hadOverflow).toBe(false);
  });

  it("an MM loses its slot with one mapping more, and the folio looks shared although no other MM maps it", () => {
    expect(overflowed.tracking()).toBe("free | free | maybe shared");
    expect(overflowed.folio()).toMatchObject({ largeMapcount: 2, hadOverflow: true });
  });

  it("an MM gets a slot again with the next mapping, which underflows", () => {
    const again = overflowed.act("fileFault", { mm: 0, vma: 1, first: 0, count: 1 });
    expect(again.tracking()).toBe("mm 0: 1 | free | maybe shared");
    const half = again.act("unmap", { mm: 0, vma: 0, first: 0, count: 2 });
    expect(half.tracking()).toBe("free | free | maybe shared");
    const last = half.act("unmap", { mm: 0, vma: 1, first: 0, count: 1 });
    expect(last.tracking()).toBe("free | free | exclusive");
    expect(last.folio().hadOverflow).toBe(true);
    const gone = last.act("unmap", { mm: 0, vma: 1, first: 1, count: 1 });
    expect(gone.folio()).toMatchObject({ hadOverflow: false, mmIdsShared: false, refcount: 2 });
  });

  it("a slot mapcount does not overflow on 64-bit", () => {
    const wide = startRmap({ pages: 2, minPages: 2, mms: 3, anon: 0, file: 2 })
      .act("readFile", { index: 0, pages: 2 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 })
      .act("fileFault", { mm: 0, vma: 1, first: 0, count: 2 });
    expect(wide.tracking()).toBe("mm 0: 4 | free | exclusive");
    expect(wide.folio().hadOverflow).toBe(false);
  });
});
