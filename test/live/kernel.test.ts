/** The agent on the running kernel: each operation, and its observations. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hostConfig, openHostSession, probePageMapcount } from "../../live/session/host-session.ts";
import { type Failure, type Observation, PageFlag, type VmaObservation } from "../../live/session/observation.ts";
import type { Operation } from "../../live/session/operation.ts";
import { LiveError, type LiveSession, type SessionBounds } from "../../live/session/session.ts";
import { openSession } from "../../live/session/supervisor.ts";
import { access, titleWithReason } from "./running-kernel.ts";

const BOUNDS: SessionBounds = { mms: 3, pages: 8, anon: 1, file: 2, holders: 2 };
const KIB = 1024;

const newMm: Operation = { kind: "newMm", mm: 0 };
const fault: Operation = { kind: "fault", mm: 0, first: 0, pages: 4, value: 7 };
const fork: Operation = { kind: "fork", parent: 0, child: 1 };

describe.skipIf(access.kind === "unable")(titleWithReason("the running kernel"), () => {
  let session: LiveSession;
  const able = (): Extract<typeof access, { kind: "able" }> => {
    if (access.kind === "unable") {
      throw new Error(access.reason);
    }
    return access;
  };
  const mounts = (): string => readFileSync("/proc/self/mountinfo", "utf8");

  /** Set if another session holds the host's settings: all tests are skipped. */
  let busy: string | undefined;
  const open = (): Promise<LiveSession> => openHostSession(able(), BOUNDS, { lockTimeout: 60_000 });

  beforeAll(async () => {
    try {
      session = await open();
    } catch (error) {
      if (!(error instanceof LiveError && error.code === "settings-busy")) {
        throw error;
      }
      busy = error.message;
    }
  });
  beforeEach(({ skip }) => skip(busy !== undefined, busy));
  afterEach(() => (busy === undefined ? session.reset() : undefined));
  afterAll(() => (busy === undefined ? session.close() : undefined));

  /** Performs operations, and returns the last observation. */
  async function after(...operations: readonly Operation[]): Promise<Observation> {
    const last = (await session.perform(operations)).at(-1);
    if (last?.kind !== "observation") {
      throw new Error(last?.message);
    }
    return last;
  }

  async function failureOf(...operations: readonly Operation[]): Promise<string | undefined> {
    const last: Observation | Failure | undefined = (await session.perform(operations)).at(-1);
    return last?.kind === "failure" ? last.message : undefined;
  }

  const vma = (observed: Observation, mm: number, position: number = 0): VmaObservation => {
    const observation = observed.mms[mm]?.vmas[position];
    if (observation === undefined) {
      throw new Error(`mm ${mm} has no vma ${position}`);
    }
    return observation;
  };
  /** Formats the first pages: `p` and the offset of the page frame from a base, mapcount, `x` if exclusive, content. */
  const picture = ({ entries }: VmaObservation, base: number, count: number = 4): string =>
    entries
      .slice(0, count)
      .map(({ present, pfn, mapcount, exclusive, content }) =>
        present ? `p${pfn - base}:${mapcount}${exclusive ? "x" : ""}=${content}` : "-",
      )
      .join(" ");
  const pfnOf = (observed: Observation, mm: number, entry: number): number =>
    vma(observed, mm).entries[entry]?.pfn ?? 0;

  test("a new MM maps nothing", async () => {
    const observed = await after(newMm);
    expect(observed.mms.map((mm) => mm !== null)).toEqual([true, false, false]);
    expect(observed.mms[0]?.vmas).toHaveLength(3);
    for (const { entries, smaps } of observed.mms[0]?.vmas ?? []) {
      expect(entries.every(({ present, swapped, content }) => !present && !swapped && content === null)).toBe(true);
      expect(smaps).toEqual({ rss: 0, pss: 0, private: 0, vmas: 1 });
    }
  });

  test.each([1, 4, 8])("a fault allocates a folio of %i pages", async (pages) => {
    const observed = await after(newMm, { kind: "fault", mm: 0, first: 8 - pages, pages, value: 7 });
    const { entries, smaps } = vma(observed, 0);
    const base = pfnOf(observed, 0, 8 - pages);
    expect(entries.map(({ present }) => present)).toEqual([
      ...Array(8 - pages).fill(false),
      ...Array(pages).fill(true),
    ]);
    expect(base % pages).toBe(0);
    entries.slice(8 - pages).forEach(({ pfn, exclusive, mapcount, flags, content }, i) => {
      expect({ pfn, exclusive, mapcount, content }).toEqual({
        pfn: base + i,
        exclusive: true,
        mapcount: 1,
        content: 7,
      });
      const compound = i === 0 ? PageFlag.compoundHead : PageFlag.compoundTail;
      expect(flags & (PageFlag.compoundHead | PageFlag.compoundTail)).toBe(pages === 1 ? 0 : compound);
      expect(flags & PageFlag.anon).not.toBe(0);
    });
    expect(smaps).toEqual({ rss: pages * 4 * KIB, pss: pages * 4 * KIB, private: pages * 4 * KIB, vmas: 1 });
  });

  test("folios of different sizes are adjacent, in one VMA of the kernel", async () => {
    const single = (first: number): Operation => ({ kind: "fault", mm: 0, first, pages: 1, value: first });
    const observed = await after(
      newMm,
      single(3),
      single(1),
      { kind: "fault", mm: 0, first: 4, pages: 4, value: 9 },
      single(2),
      single(0),
    );
    const { entries, smaps } = vma(observed, 0);
    expect(entries.map(({ content }) => content)).toEqual([0, 1, 2, 3, 9, 9, 9, 9]);
    expect(entries.map(({ flags }) => (flags & (PageFlag.compoundHead | PageFlag.compoundTail)) !== 0)).toEqual([
      ...Array(4).fill(false),
      ...Array(4).fill(true),
    ]);
    expect(smaps.vmas).toBe(1);
  });

  test("fork shares a folio, and an unmapping by the child makes its pages exclusive again", async () => {
    const observed = await after(newMm, fault, fork, { kind: "unmap", mm: 1, vma: 0, first: 0, count: 2 });
    const base = pfnOf(observed, 0, 0);
    expect(picture(vma(observed, 0), base)).toBe("p0:1x=7 p1:1x=7 p2:2=7 p3:2=7");
    expect(picture(vma(observed, 1), base)).toBe("- - p2:2=7 p3:2=7");
    expect(vma(observed, 0).smaps).toEqual({ rss: 16 * KIB, pss: 12 * KIB, private: 8 * KIB, vmas: 1 });
    expect(vma(observed, 1).smaps).toEqual({ rss: 8 * KIB, pss: 4 * KIB, private: 0, vmas: 1 });
  });

  test("a write copies a page of a shared folio, and reuses that of an exclusive one", async () => {
    const write = (entry: number): Operation => ({ kind: "write", mm: 0, entry, value: 10 + entry });
    const observed = await after(newMm, fault, fork, write(1), { kind: "exit", mm: 1 }, write(2), {
      kind: "touch",
      mm: 0,
      entry: 3,
    });
    const base = pfnOf(observed, 0, 0);
    const [first, copied, reused, touched] = vma(observed, 0).entries;
    expect(first).toMatchObject({ pfn: base, mapcount: 1, content: 7 });
    expect(copied).toMatchObject({ mapcount: 1, exclusive: true, content: 11 });
    expect(copied?.pfn).not.toBe(base + 1);
    expect(reused).toMatchObject({ pfn: base + 2, content: 12 });
    expect(touched).toMatchObject({ pfn: base + 3, content: 7 });
    expect(observed.mms[1]).toBeNull();
  });

  test("the parent does not read the child's write", async () => {
    const observed = await after(newMm, fault, fork, { kind: "write", mm: 1, entry: 0, value: 9 });
    expect(vma(observed, 0).entries[0]?.content).toBe(7);
    expect(vma(observed, 1).entries[0]?.content).toBe(9);
  });

  test("a grandchild outlives its parent and grandparent", async () => {
    const observed = await after(
      newMm,
      fault,
      fork,
      { kind: "fork", parent: 1, child: 2 },
      { kind: "exit", mm: 0 },
      { kind: "exit", mm: 1 },
    );
    expect(observed.mms.map((mm) => mm !== null)).toEqual([false, false, true]);
    expect(picture(vma(observed, 2), pfnOf(observed, 2, 0))).toBe("p0:1x=7 p1:1x=7 p2:1x=7 p3:1x=7");
  });

  test("mremap moves a page and changes nothing else", async () => {
    const observed = await after(
      newMm,
      fault,
      { kind: "mremap", mm: 0, from: 0, to: 6 },
      { kind: "mremap", mm: 0, from: 3, to: 0 },
    );
    expect(picture(vma(observed, 0), pfnOf(observed, 0, 6), 8)).toBe("p3:1x=7 p1:1x=7 p2:1x=7 - - - p0:1x=7 -");
    expect(vma(observed, 0).smaps).toMatchObject({ rss: 16 * KIB, private: 16 * KIB });
  });

  test("a fault allocates a large folio after mremap", async () => {
    const observed = await after(
      newMm,
      fault,
      { kind: "mremap", mm: 0, from: 0, to: 6 },
      { kind: "unmap", mm: 0, vma: 0, first: 0, count: 8 },
      { kind: "fault", mm: 0, first: 4, pages: 4, value: 8 },
      { kind: "fault", mm: 0, first: 0, pages: 4, value: 9 },
    );
    expect(picture(vma(observed, 0), pfnOf(observed, 0, 0))).toBe("p0:1x=9 p1:1x=9 p2:1x=9 p3:1x=9");
    expect(vma(observed, 0).entries[5]?.flags).toSatisfy((flags: number) => (flags & PageFlag.compoundTail) !== 0);
  });

  test("a reference of a holder makes a write copy the page, and the holder keeps the old content", async () => {
    const get: Operation = { kind: "get", mm: 0, entry: 2, holder: 1 };
    const observed = await after(
      newMm,
      fault,
      fork,
      get,
      { kind: "exit", mm: 1 },
      { kind: "write", mm: 0, entry: 2, value: 9 },
    );
    const base = pfnOf(observed, 0, 0);
    expect(vma(observed, 0).entries[2]?.content).toBe(9);
    expect(pfnOf(observed, 0, 2)).not.toBe(base + 2);
    expect(observed.holders).toEqual([null, 7]);
    const later = await after({ kind: "put", holder: 1 }, { kind: "write", mm: 0, entry: 3, value: 8 });
    expect(pfnOf(later, 0, 3)).toBe(base + 3);
    expect(later.holders).toEqual([null, null]);
  });

  test("a holder reads later writes to its page", async () => {
    const observed = await after(
      newMm,
      fault,
      { kind: "get", mm: 0, entry: 0, holder: 0 },
      { kind: "write", mm: 0, entry: 0, value: 5 },
    );
    expect(observed.holders).toEqual([5, null]);
  });

  test("munmap unmaps pages like MADV_DONTNEED", async () => {
    const observed = await after(newMm, fault, fork, { kind: "munmap", mm: 1, first: 1, count: 2 });
    const base = pfnOf(observed, 0, 0);
    expect(picture(vma(observed, 0), base)).toBe("p0:2=7 p1:1x=7 p2:1x=7 p3:2=7");
    expect(picture(vma(observed, 1), base)).toBe("p0:2=7 - - p3:2=7");
    const later = await after({ kind: "fault", mm: 1, first: 1, pages: 1, value: 5 });
    expect(
      vma(later, 1)
        .entries.map(({ content }) => content)
        .slice(0, 4),
    ).toEqual([7, 5, null, 7]);
  });

  test("mprotect to read-only and back changes no observed value", async () => {
    const protect: Operation = { kind: "protect", mm: 0, first: 1, count: 3 };
    const observed = await after(newMm, fault, protect, { kind: "write", mm: 0, entry: 2, value: 9 });
    expect(picture(vma(observed, 0), pfnOf(observed, 0, 0))).toBe("p0:1x=7 p1:1x=7 p2:1x=9 p3:1x=7");
  });

  test("fork copies the exclusive pages of a folio with a pin immediately", async () => {
    const pin: Operation = { kind: "pin", mm: 0, entry: 2, holder: 0 };
    const observed = await after(newMm, fault, pin, fork);
    const base = pfnOf(observed, 0, 0);
    expect(picture(vma(observed, 0), base)).toBe("p0:1x=7 p1:1x=7 p2:1x=7 p3:1x=7");
    for (const entry of [0, 1, 2, 3]) {
      expect(vma(observed, 1).entries[entry]).toMatchObject({ mapcount: 1, exclusive: true, content: 7 });
      expect(pfnOf(observed, 1, entry)).not.toBe(base + entry);
    }
    const later = await after(
      { kind: "deviceWrite", holder: 0, value: 5 },
      { kind: "write", mm: 1, entry: 2, value: 6 },
    );
    expect(later.holders).toEqual([5, null]);
    expect(picture(vma(later, 0), base)).toBe("p0:1x=7 p1:1x=7 p2:1x=5 p3:1x=7");
    expect(picture(vma(later, 1), pfnOf(later, 1, 0), 1)).toBe("p0:1x=7");
    expect((await after({ kind: "put", holder: 0 })).holders).toEqual([null, null]);
  });

  // Found by a tour: the batch that activates a folio holds a reference to it, and the fault does not drain the batch.
  test("a small page that GUP marked accessed twice is reused if there is no other reference", async () => {
    const pin = (mm: number): Operation => ({ kind: "pin", mm, entry: 0, holder: 0 });
    const unpin: Operation = { kind: "put", holder: 0 };
    const unmap = (first: number, count: number): Operation => ({ kind: "unmap", mm: 0, vma: 0, first, count });
    const before = await after(
      ...[newMm, fault, fork, { kind: "exit", mm: 1 } as const, unmap(1, 3)],
      ...[pin(0), unpin, fork, { kind: "touch", mm: 0, entry: 0 } as const, pin(1)],
      ...[unmap(0, 1), fault, unpin, { kind: "exit", mm: 0 } as const],
    );
    const observed = await after({ kind: "fork", parent: 1, child: 0 }, unmap(0, 1), {
      kind: "touch",
      mm: 1,
      entry: 0,
    });
    expect(pfnOf(observed, 1, 0)).toBe(pfnOf(before, 1, 0));
  });

  test("a pin outlives the mapping of its page", async () => {
    const pin: Operation = { kind: "pin", mm: 0, entry: 0, holder: 1 };
    const observed = await after(
      newMm,
      fault,
      pin,
      { kind: "exit", mm: 0 },
      { kind: "deviceWrite", holder: 1, value: 3 },
    );
    expect(observed.holders).toEqual([null, 3]);
    expect(await failureOf({ kind: "deviceWrite", holder: 0, value: 3 })).toBe("holder 0 has no pin");
  });

  test.each([1, 2, 4, 8])(
    "reading the file allocates a folio of %i pages, which is mapped in the requested range",
    async (pages) => {
      const index = 8 - pages;
      const mapAll: Operation = { kind: "fileFault", mm: 0, vma: 1, first: index, count: pages };
      const observed = await after(newMm, { kind: "readFile", index, pages }, mapAll);
      const entries = vma(observed, 0, 1).entries.slice(index);
      entries.forEach(({ pfn, mapcount, flags, content }, i) => {
        expect({ pfn, mapcount, content }).toEqual({
          pfn: (entries[0]?.pfn ?? 0) + i,
          mapcount: 1,
          content: index + i + 1,
        });
        const compound = i === 0 ? PageFlag.compoundHead : PageFlag.compoundTail;
        expect(flags & (PageFlag.compoundHead | PageFlag.compoundTail)).toBe(pages === 1 ? 0 : compound);
      });
      expect(vma(observed, 0, 1).entries.filter(({ present }) => present)).toHaveLength(pages);
      expect(vma(observed, 0, 2).smaps.rss).toBe(0);
      // Pages before the folio are not in the page cache.
      const others = vma(observed, 0, 1).entries.slice(0, index);
      expect(others.every(({ present }) => !present)).toBe(true);
    },
  );

  test("a fault on the file maps exactly its range, in any order of faults", async () => {
    const map = (position: number, first: number, count: number): Operation => ({
      kind: "fileFault",
      mm: 0,
      vma: position,
      first,
      count,
    });
    const observed = await after(
      newMm,
      { kind: "readFile", index: 0, pages: 8 },
      map(1, 2, 3),
      map(2, 4, 4),
      map(1, 7, 1),
    );
    const base = (vma(observed, 0, 1).entries[2]?.pfn ?? 0) - 2;
    expect(picture(vma(observed, 0, 1), base, 8)).toBe("- - p2:1x=3 p3:1x=4 p4:2=5 - - p7:2=8");
    expect(picture(vma(observed, 0, 2), base, 8)).toBe("- - - - p4:2=5 p5:1x=6 p6:1x=7 p7:2=8");
  });

  test("fork copies entries of the file, and reclaim frees a folio for others", async () => {
    const map: Operation = { kind: "fileFault", mm: 0, vma: 1, first: 0, count: 8 };
    const gone = (mm: number): Operation => ({ kind: "unmap", mm, vma: 1, first: 0, count: 8 });
    const observed = await after(newMm, { kind: "readFile", index: 0, pages: 8 }, map, fork);
    expect(vma(observed, 1, 1).entries.map(({ mapcount }) => mapcount)).toEqual(Array(8).fill(2));
    const later = await after(
      gone(0),
      gone(1),
      { kind: "reclaim", index: 0, pages: 8 },
      { kind: "readFile", index: 4, pages: 2 },
      { kind: "readFile", index: 3, pages: 1 },
      { kind: "fileFault", mm: 1, vma: 1, first: 3, count: 3 },
    );
    expect(vma(later, 1, 1).entries.map(({ content }) => content)).toEqual([null, null, null, 4, 5, 6, null, null]);
    const [, , , small, head, tail] = vma(later, 1, 1).entries.map(({ flags }) => flags);
    expect([small, head, tail].map((flags) => (flags ?? 0) & (PageFlag.compoundHead | PageFlag.compoundTail))).toEqual([
      0,
      PageFlag.compoundHead,
      PageFlag.compoundTail,
    ]);
  });

  test("an operation that cannot be performed fails with a reason", async () => {
    expect(await failureOf({ kind: "exit", mm: 2 })).toBe("there is no mm 2");
    expect(await failureOf(newMm, newMm)).toBe("mm 0 cannot be made");
    expect(await failureOf({ kind: "fault", mm: 0, first: 6, pages: 4, value: 0 })).toBe(
      "there are no entries 6 … 9 in vma 0",
    );
    expect(await failureOf({ kind: "unmap", mm: 0, vma: 3, first: 0, count: 1 })).toBe(
      "there are no entries 0 … 0 in vma 3",
    );
    expect(await failureOf({ kind: "put", holder: 0 })).toBe("holder 0 holds nothing");
    expect(await failureOf({ kind: "get", mm: 0, entry: 0, holder: 2 })).toBe("there is no holder 2");
    expect(await failureOf({ kind: "fileFault", mm: 0, vma: 0, first: 0, count: 1 })).toBe(
      "vma 0 does not map the file",
    );
    expect(await failureOf({ kind: "readFile", index: 8, pages: 1 })).toBe("there are no pages 8 … 8 in the file");
  });

  test("a reset ends MMs, and drops references and the file's contents", async () => {
    await after(
      newMm,
      fault,
      fork,
      { kind: "get", mm: 0, entry: 0, holder: 0 },
      { kind: "readFile", index: 0, pages: 8 },
    );
    await session.reset();
    const observed = await after(newMm);
    expect(observed.holders).toEqual([null, null]);
    expect(observed.mms.map((mm) => mm !== null)).toEqual([true, false, false]);
    expect(vma(await after({ kind: "readFile", index: 0, pages: 8 }), 0, 1).smaps.rss).toBe(0);
  });

  test("the agent creates no visible mount", async () => {
    const mountsBefore = mounts();
    await after(newMm, { kind: "readFile", index: 0, pages: 1 });
    expect(mounts()).toBe(mountsBefore);
  });

  test("the configuration of the kernel agrees with its mapcounts", async () => {
    await session.close();
    const probed = await probePageMapcount(able().agent);
    session = await open();
    expect([undefined, probed]).toContain(able().host.pageMapcount);
    expect(await hostConfig(able())).toMatchObject({ pageMapcount: able().host.pageMapcount ?? probed, mmId: true });
  });
});

/** Anonymous pages can be paged out only with swap. */
const hasSwap = access.kind === "able" && readFileSync("/proc/swaps", "utf8").trim().split("\n").length > 1;

describe.skipIf(!hasSwap)(hasSwap ? "swap" : titleWithReason("swap (this machine has none)"), () => {
  test("a page that is paged out is a swap entry until it is read, and keeps its content", async () => {
    const program = access.kind === "able" ? access.agent : "";
    // Small folios need no settings of the host.
    const session = await openSession({ agent: [program], bounds: { ...BOUNDS, file: 0 } });
    const observed = await session.perform([
      newMm,
      { kind: "fault", mm: 0, first: 1, pages: 1, value: 9 },
      { kind: "pageout", mm: 0, first: 1, count: 1 },
      { kind: "read", mm: 0, vma: 0, entry: 1 },
    ]);
    await session.close();
    expect(
      observed.map((each) => (each.kind === "observation" ? each.mms[0]?.vmas[0]?.entries[1] : each)),
    ).toMatchObject([
      { present: false, swapped: false, content: null },
      { present: true, swapped: false, content: 9 },
      { present: false, swapped: true, pfn: 0, content: null },
      { present: true, swapped: false, content: 9 },
    ]);
  });
});
