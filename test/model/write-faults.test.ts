import { describe, expect, it } from "vitest";
import { recording } from "../../model/kernel/recording.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { callTexts } from "../report/call-trees.ts";
import { freshKernel, start, type WorldSession } from "./session.ts";
import { folioWith, kernelStateWith, mmA, mmB, mmC, statsWith } from "./structs.ts";

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];
const write = (entry: number, mm = 0): [string, { readonly mm: number; readonly entry: number }] => [
  "writeFault",
  { mm, entry },
];

/** Session with a folio of 4 pages, mapped by parent and child. */
function forked(config = "", bounds = {}): WorldSession {
  return start("cow", { smallFolios: 2, ...bounds }, config)
    .act("anonFault", { mm: 0, first: 0, pages: 4 })
    .act("fork", { parent: 0, child: 1 });
}

describe("A write to a page of a large folio", () => {
  it.each(configs)(
    "A write to a page of a large folio that the child maps, too, is copied: one page, for the writer alone ($config)",
    ({ config }) => {
      const written = forked(config).act(...write(1));
      expect([written.entries(0), written.kinds(0)]).toEqual(["0.0 1.0 0.2 0.3", "rwrr"]);
      expect([written.entries(1), written.kinds(1)]).toEqual(["0.0 0.1 0.2 0.3", "rrrr"]);
      expect([written.exclusive(0), written.exclusive(1)]).toEqual(["----", "x"]);
      expect(written.folio()).toMatchObject({ refcount: 7, largeMapcount: 6, partiallyMapped: false });
      expect(written.folio(1)).toMatchObject({ refcount: 1, nrPages: 1, anon: true });
      expect(written.tracking()).toBe("mm 0: 3 | mm 1: 4 | maybe shared");
      expect(written.stats).toEqual(statsWith({ nrAnonMapped: 5 }));
    },
  );

  it.each(configs)(
    "A write to a page of a large folio is reused when the child has quit, page by page ($config)",
    ({ config }) => {
      const one = forked(config)
        .act("exit", { mm: 1 })
        .act(...write(2));
      expect([one.kinds(0), one.exclusive()]).toEqual(["rrwr", "--x-"]);
      expect(one.folio()).toMatchObject({ refcount: 4, largeMapcount: 3 });
      const all = one
        .act(...write(0))
        .act(...write(1))
        .act(...write(3));
      expect([all.kinds(0), all.exclusive(), all.entries(0)]).toEqual(["wwww", "xxxx", "0.0 0.1 0.2 0.3"]);
    },
  );

  it("A write to a page of a large folio is reused by the child, in slot 1, after the parent has exited", () => {
    const written = forked()
      .act("exit", { mm: 0 })
      .act(...write(3, 1));
    expect(written.tracking()).toBe("free | mm 1: 4 | exclusive");
    expect(written.kinds(1)).toBe("rrrw");
  });

  it("A write to a page of a large folio is copied while the child maps any other page of the folio", () => {
    const written = forked()
      .act("unmap", { mm: 1, vma: 0, first: 0, count: 3 })
      .act(...write(0));
    expect(written.entries(0)).toBe("1.0 0.1 0.2 0.3");
  });

  it("A write to a page of a large folio is copied if no other page of the folio is mapped, so that the folio is freed", () => {
    const last = forked().act("exit", { mm: 1 }).act("unmap", { mm: 0, vma: 0, first: 1, count: 3 });
    expect(last.tracking()).toBe("mm 0: 1 | free | exclusive");
    const written = last.act(...write(0));
    expect([written.entries(0), written.kinds(0)]).toEqual(["1.0 - - -", "w---"]);
    expect(written.folio()).toEqual(start("cow", {}).folio());
  });

  it.each(configs)(
    "A write to a page of a large folio is copied while there is another reference, and reused afterwards ($config, W7)",
    ({ config }) => {
      const held = forked(config).act("exit", { mm: 1 }).act("tryGet", { folio: 0 });
      const copied = held.act(...write(0));
      expect(copied.entries(0)).toBe("1.0 0.1 0.2 0.3");
      expect(copied.folio()).toMatchObject({ refcount: 4, largeMapcount: 2, partiallyMapped: true });
      expect(
        held
          .act("put", { holder: 0 })
          .act(...write(0))
          .kinds(0),
      ).toBe("wrrr");
    },
  );

  it("A write to a page of a large folio is copied for a third MM that was never tracked, although no other MM maps the folio (W1)", () => {
    const third = forked("", { mms: 3 })
      .act("fork", { parent: 1, child: 2 })
      .act("exit", { mm: 0 })
      .act("exit", { mm: 1 });
    expect(third.tracking()).toBe("free | free | maybe shared");
    expect(third.act(...write(0, 2)).entries(2)).toBe("1.0 0.1 0.2 0.3");
  });

  it("A write to a page of a large folio is copied without CONFIG_MM_ID, where only a single reference shows that no other MM maps it", () => {
    const alone = forked("no-mm-id").act("exit", { mm: 1 });
    expect(alone.act(...write(0)).entries(0)).toBe("1.0 0.1 0.2 0.3");
    const last = alone.act("unmap", { mm: 0, vma: 0, first: 1, count: 3 }).act(...write(0));
    expect([last.entries(0), last.kinds(0)]).toEqual(["0.0 - - -", "w---"]);
  });

  it("A write to a page of a large folio adds the copy before it removes the old mapping, and drops the mapping's reference after that", () => {
    const { kernel, take } = recording(freshKernel());
    const session = start("cow", {}, "", kernel)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 });
    take();
    session.act(...write(1));
    const steps = /^(wp_page_copy|folio_add_new_anon_rmap|folio_remove_rmap_ptes|folio_put_refs)\b.*/;
    expect(callTexts(take()).flatMap((line) => steps.exec(line.trim())?.[0] ?? [])).toEqual([
      "wp_page_copy(mm 0, entry 1)",
      "folio_add_new_anon_rmap(folio 1, mm 0, RMAP_EXCLUSIVE)",
      "folio_remove_rmap_ptes(folio 0, page 1, mm 0)",
      "folio_put_refs(folio 0, 1)",
      "folio_put_refs(folio 0, 1)",
    ]);
  });

  it("A write to a page of a large folio that is exclusive makes the entry writable without further checks, with any references", () => {
    const kernel = freshKernel();
    const machine = kernelStateWith({ folios: [exclusiveFolio(true)], ptes: ["a0 a1 a2 a3"] });
    const [mm] = machine.mms as [(typeof machine.mms)[0]];
    expect(kernel.doWpPage(machine, mm, mm.vmas[0] as (typeof mm.vmas)[0], 1, false)).toBe(true);
    expect(mm.vmas[0]?.ptes.map((pte) => pte.writable)).toEqual([false, true, false, false]);
  });
});

function exclusiveFolio(exclusive: boolean): ReturnType<typeof folioWith> {
  return folioWith({
    anon: true,
    refcount: 9,
    mapcount: 4,
    slots: ["A4", "-"],
    exclusive: [false, exclusive, false, false],
  });
}

describe("A write to a small page", () => {
  const small = (config = "", bounds = {}): WorldSession =>
    start("cow", { smallFolios: 2, ...bounds }, config)
      .act("anonFault", { mm: 0, first: 0, pages: 1 })
      .act("fork", { parent: 0, child: 1 });

  it.each([...configs, { config: "no-mm-id" }])(
    "A write to a small page is copied while another MM maps it ($config)",
    ({ config }) => {
      const written = small(config).act(...write(0));
      expect([written.entries(0), written.kinds(0), written.kinds(1)]).toEqual(["2.0 - - -", "w---", "r---"]);
      expect([written.entries(1), written.folio(1).refcount, written.folio(2).refcount]).toEqual(["1.0 - - -", 1, 1]);
    },
  );

  it.each([...configs, { config: "no-mm-id" }])(
    "A write to a small page is reused with a single reference ($config)",
    ({ config }) => {
      const alone = small(config).act("exit", { mm: 1 });
      const written = alone.act(...write(0));
      expect([written.entries(0), written.kinds(0)]).toEqual([alone.entries(0), "w---"]);
      const held = alone.act("tryGet", { folio: 1 }).act(...write(0));
      expect(held.entries(0)).not.toBe(alone.entries(0));
    },
  );

  it("A write to a small page needs a folio for the copy, and none for reuse", () => {
    const full = small("", { smallFolios: 1, folios: 1 }).act("anonFault", { mm: 0, first: 1, pages: 1 });
    expect(full.isEnabled(...write(0))).toBe(false);
    expect(
      full
        .act("exit", { mm: 1 })
        .act(...write(0))
        .kinds(0),
    ).toBe("ww--");
  });
});

describe("A fault that only unshares", () => {
  it("A fault that only unshares makes the page exclusive and leaves the entry read-only, by reuse as by a copy", () => {
    const kernel = freshKernel();
    const machine = kernelStateWith({
      folios: [
        folioWith({ anon: true, refcount: 4, mapcount: 4, slots: ["A4", "-"] }),
        folioWith({ nrPages: 1, allocated: false, refcount: 0 }),
      ],
      ptes: ["a0 a1 a2 a3"],
    });
    const [mm] = machine.mms as [(typeof machine.mms)[0]];
    const vma = mm.vmas[0] as (typeof mm.vmas)[0];
    expect(kernel.doWpPage(machine, mm, vma, 0, true)).toBe(true);
    expect(machine.folios[0]?.pages[0]?.anonExclusive).toBe(true);
    Object.assign(machine.folios[0] as object, { refcount: 5 });
    expect(kernel.doWpPage(machine, mm, vma, 1, true)).toBe(false);
    expect(vma.ptes.map(({ folio, page, writable }) => [folio, page, writable])).toEqual([
      [1, 0, false],
      [2, 0, false],
      [1, 2, false],
      [1, 3, false],
    ]);
    expect(machine.folios[1]).toMatchObject({ refcount: 1, anon: true });
    expect(machine.folios[1]?.pages[0]?.anonExclusive).toBe(true);
  });
});

describe("Whether a large folio may be reused", () => {
  const mine = { anon: true, refcount: 4, mapcount: 4, slots: ["A4", "-"] } as const;
  const machine = kernelStateWith({ folios: [] });

  it.each([
    { what: "all references are mappings of this MM", folio: folioWith(mine), reuse: true },
    { what: "this MM is in slot 1", folio: folioWith({ ...mine, slots: ["-", "A4"] }), reuse: true },
    { what: "a single page is mapped", folio: folioWith({ ...mine, refcount: 1, mapcount: 1 }), reuse: false },
    { what: "it is marked as shared", folio: folioWith({ ...mine, mmIdsShared: true }), reuse: false },
    { what: "there is one reference more", folio: folioWith({ ...mine, refcount: 5 }), reuse: false },
  ])("Whether a large folio may be reused: $reuse, $what", ({ folio, reuse }) => {
    const kernel = freshKernel();
    expect(kernel.wpCanReuseAnonFolio(machine, folio, mmA)).toBe(reuse);
    expect(kernel.warnings.first).toBe(0);
  });

  it.each([
    { warning: Warning.reuseAbovePages, folio: folioWith({ ...mine, refcount: 5, mapcount: 5 }), mm: mmA },
    { warning: Warning.reuseWhilePmdMapped, folio: folioWith({ ...mine, entireMapcount: 0 }), mm: mmA },
    { warning: Warning.reuseByUntracked, folio: folioWith({ ...mine, slots: ["B4", "-"] }), mm: mmA },
  ])(
    "Whether a large folio may be reused: $warning, warned of under the lock, and reused",
    ({ warning, folio, mm }) => {
      const kernel = freshKernel();
      expect(kernel.wpCanReuseLargeAnonFolio(machine, folio, mm)).toBe(true);
      expect(kernel.warnings.first).toBe(warning);
    },
  );

  it.each([mmB, mmC])("Reuse of a large folio warns about an MM that neither slot tracks (mm $idNumber)", (mm) => {
    const kernel = freshKernel();
    kernel.wpCanReuseLargeAnonFolio(machine, folioWith({ ...mine, slots: ["B4", "-"] }), mm);
    expect(kernel.warnings.first).toBe(mm === mmB ? 0 : Warning.reuseByUntracked);
  });

  it("Reuse of a large folio removes it from the swap cache if no swap entry refers to it, unless it is locked", () => {
    const cached = { ...mine, refcount: 8, swapcache: true };
    const free = kernelStateWith({ folios: [folioWith(cached)], swapCounts: [0, 0, 0, 0] });
    const needed = kernelStateWith({ folios: [folioWith(cached)], swapCounts: [0, 0, 0, 1] });
    const locked = kernelStateWith({ folios: [folioWith({ ...cached, locked: true })], swapCounts: [0, 0, 0, 0] });
    const answers = [free, needed, locked].map((each) => {
      const [folio] = each.folios as [(typeof each.folios)[0]];
      const reuse = freshKernel().wpCanReuseAnonFolio(each, folio, mmA);
      return [reuse, folio.swapcache, folio.refcount];
    });
    expect(answers).toEqual([
      [true, false, 4],
      [false, true, 8],
      [false, true, 8],
    ]);
  });

  it.each([
    { what: "it is freed from the swap cache", counts: [0], folio: {}, reuse: true, left: 1 },
    { what: "a swap entry needs it", counts: [1], folio: {}, reuse: false, left: 2 },
    { what: "there are other references", counts: [0], folio: { refcount: 3 }, reuse: false, left: 3 },
    { what: "it is locked", counts: [0], folio: { locked: true }, reuse: false, left: 2 },
  ])(
    "Whether a large folio may be reused: $reuse, for a small one in the swap cache: $what",
    ({ counts, folio: given, reuse, left }) => {
      const small = folioWith({ nrPages: 1, anon: true, pageMapcounts: [1], refcount: 2, swapcache: true, ...given });
      const cached = kernelStateWith({ folios: [small], swapCounts: counts });
      const [folio] = cached.folios as [(typeof cached.folios)[0]];
      expect(freshKernel().wpCanReuseAnonFolio(cached, folio, mmA)).toBe(reuse);
      expect(folio.refcount).toBe(left);
    },
  );
});

describe("Pages that move inside an MM", () => {
  it("Moving pages inside an MM changes no counter, and the pages are reused and copied at their new places", () => {
    const session = start("mremap", { smallFolios: 2 })
      .act("anonFault", { mm: 0, first: 0, pages: 2 })
      .act("mremap", { mm: 0, from: 0, to: 3 });
    expect([session.entries(0), session.kinds(0)]).toEqual(["- 0.1 - 0.0", "-w-w"]);
    expect(session.folio()).toMatchObject({ refcount: 2, largeMapcount: 1 });
    const child = session.act("fork", { parent: 0, child: 1 });
    expect(child.entries(1)).toBe("- 0.1 - 0.0");
    expect(child.act(...write(3)).entries(0)).toBe("- 0.1 - 1.0");
    expect(
      child
        .act("exit", { mm: 1 })
        .act(...write(3))
        .kinds(0),
    ).toBe("-r-w");
    expect(session.isEnabled("mremap", { mm: 0, from: 1, to: 3 })).toBe(false);
    expect(session.isEnabled("mremap", { mm: 0, from: 0, to: 2 })).toBe(false);
  });
});

describe("The content of a page", () => {
  const content = (session: WorldSession, mm: number, entry: number): number | undefined => {
    const pte = session.world.mms[mm]?.vmas[0]?.ptes[entry];
    return session.world.folios[(pte?.folio ?? 0) - 1]?.pages[pte?.page ?? 0]?.content;
  };

  it("The content of a page is copied with the page, and what is written after fork is seen by the writer alone", () => {
    const written = start("cow", {})
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("store", { mm: 0, entry: 1, value: 1 })
      .act("fork", { parent: 0, child: 1 });
    const copied = written.act(...write(1));
    expect([content(copied, 0, 1), content(copied, 1, 1)]).toEqual([1, 1]);
    const overwritten = copied.act("store", { mm: 0, entry: 1, value: 0 });
    expect([content(overwritten, 0, 1), content(overwritten, 1, 1)]).toEqual([0, 1]);
    expect([expected(overwritten, 0, 1), expected(overwritten, 1, 1)]).toEqual([0, 1]);
  });

  it("The content of a page distinguishes one write from all others: after the next tracked write, the first is untracked", () => {
    const first = start("cow", {})
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("store", { mm: 0, entry: 1, value: 1 });
    const second = first.act("store", { mm: 0, entry: 2, value: 1 });
    expect([content(second, 0, 1), content(second, 0, 2)]).toEqual([0, 1]);
    expect([expected(second, 0, 1), expected(second, 0, 2)]).toEqual([0, 1]);
    expect(first.isEnabled("store", { mm: 0, entry: 0, value: 0 })).toBe(false);
  });

  it("The content of a page moves with the page and is lost with the entry", () => {
    const moved = start("mremap", {})
      .act("anonFault", { mm: 0, first: 0, pages: 2 })
      .act("store", { mm: 0, entry: 0, value: 1 })
      .act("mremap", { mm: 0, from: 0, to: 2 });
    expect([expected(moved, 0, 0), expected(moved, 0, 2), content(moved, 0, 2)]).toEqual([0, 1, 1]);
    expect(expected(moved.act("unmap", { mm: 0, vma: 0, first: 2, count: 1 }), 0, 2)).toBe(0);
  });

  it("The content of a page is not written through a read-only entry", () => {
    expect(forked().isEnabled("store", { mm: 0, entry: 0, value: 1 })).toBe(false);
  });
});

function expected(session: WorldSession, mm: number, entry: number): number | undefined {
  return session.world.mms[mm]?.vmas[0]?.ptes[entry]?.expected;
}
