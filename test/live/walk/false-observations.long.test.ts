/** A kernel that behaves otherwise than the model in one respect: each must be noticed, and named. */
import { describe, expect, test } from "vitest";
import type {
  EntryObservation,
  MmObservation,
  Observation,
  VmaObservation,
} from "../../../live/session/observation.ts";
import type { Operation } from "../../../live/session/operation.ts";
import { walkRandomly } from "../../../live/walk/random-walks.ts";
import { walkTour } from "../../../live/walk/tour-walk.ts";
import type { Lie } from "../simulated-session.ts";
import { type SimulationOptions, simulate, TINY, withoutStores } from "../simulated-walk.ts";

/** Changes each entry that is present. */
const entries =
  (change: (entry: EntryObservation, where: { mm: number; entry: number }) => Partial<EntryObservation>): Lie =>
  (answer) => ({
    ...answer,
    mms: answer.mms.map((mm, m) =>
      mm === null
        ? null
        : {
            vmas: mm.vmas.map((vma) => ({
              ...vma,
              entries: vma.entries.map((entry, i) =>
                entry.present ? { ...entry, ...change(entry, { mm: m, entry: i }) } : entry,
              ),
            })),
          },
    ),
  });

/** Changes every VMA. */
const vmas =
  (change: (vma: VmaObservation) => VmaObservation): Lie =>
  (answer) => ({
    ...answer,
    mms: answer.mms.map((mm): MmObservation | null => (mm === null ? null : { vmas: mm.vmas.map(change) })),
  });

const smaps = (change: Partial<VmaObservation["smaps"]>): Lie =>
  vmas((vma) => ({ ...vma, smaps: { ...vma.smaps, ...change } }));

const NO_ENTRY: EntryObservation = {
  present: false,
  swapped: false,
  pfn: 0,
  exclusive: false,
  mapcount: 0,
  flags: 0,
  content: null,
  alike: 1,
};

/** The first differing field of the tour's difference, and the steps that lead to it. */
async function noticed(lie: Lie, options: SimulationOptions = {}): Promise<{ fields: string[]; steps: number }> {
  const { machine, walker } = simulate({ includes: withoutStores, ...options, lie });
  const { differences } = await walkTour(walker, machine, { stopped: () => undefined });
  expect(differences).toHaveLength(1);
  const differing = differences[0]?.fields.filter(({ holds }) => !holds) ?? [];
  return { fields: [...new Set(differing.map(({ field }) => field))], steps: differences[0]?.calls.length ?? -1 };
}

describe("a lie about", () => {
  test.each<[string, Lie, string, number]>([
    ["an entry that is present", entries(() => NO_ENTRY), "present", 1],
    [
      "an entry that is not",
      vmas((vma) => ({ ...vma, entries: vma.entries.map((each) => ({ ...each, present: true })) })),
      "present",
      0,
    ],
    [
      "swap",
      vmas((vma) => ({ ...vma, entries: vma.entries.map((each) => ({ ...each, swapped: true })) })),
      "swapped",
      0,
    ],
    [
      "one mapcount",
      entries(({ mapcount }, { mm, entry }) => ({ mapcount: mapcount + (mm === 0 && entry === 2 ? 1 : 0) })),
      "mapcount",
      1,
    ],
    [
      "a mapcount when two MMs map the page",
      entries(({ mapcount }) => ({ mapcount: Math.min(mapcount, 1) })),
      "mapcount",
      2,
    ],
    ["the exclusive bit", entries(({ exclusive }) => ({ exclusive: !exclusive })), "exclusive", 1],
    ["the exclusive bit of shared pages", entries(() => ({ exclusive: true })), "exclusive", 2],
    ["the head page", entries(({ flags }) => ({ flags: flags & ~0x8000 })), "flags", 1],
    ["tail pages", entries(({ flags }) => ({ flags: flags & ~0x10000 })), "flags", 1],
    ["anon", entries(({ flags }) => ({ flags: flags & ~0x1000 })), "flags", 1],
    ["KSM", entries(({ flags }) => ({ flags: flags | 0x200000 })), "flags", 1],
    [
      "page frames that do not follow each other",
      entries(({ pfn }, { entry }) => ({ pfn: pfn + (entry === 3 ? 1 : 0) })),
      "page frame",
      1,
    ],
    ["page frames that are not aligned", entries(({ pfn }) => ({ pfn: pfn + 2 })), "page frames are aligned", 1],
    ["the same page frames in every MM", entries(({ pfn }, { mm }) => ({ pfn: pfn + 64 * mm })), "page frame", 2],
    ["contents", entries((_, { entry }) => (entry === 1 ? { content: 77 } : {})), "content", 1],
    ["contents that cannot be read", entries(() => ({ content: null })), "content", 1],
    ["Rss", smaps({ rss: 4 }), "rss", 0],
    ["USS", smaps({ private: 4 }), "uss", 0],
    ["PSS that is too much", smaps({ pss: 1024 }), "pss", 0],
    ["PSS that is too little", vmas((vma) => ({ ...vma, smaps: { ...vma.smaps, pss: 0 } })), "pss", 1],
    ["an MM that lives", (answer) => ({ ...answer, mms: answer.mms.map(() => null) }), "lives", 0],
    [
      "an MM that does not",
      (answer) => ({ ...answer, mms: [answer.mms[0] ?? null, answer.mms[0] ?? null] }),
      "lives",
      0,
    ],
  ])("%s is noticed", async (_, lie, field, steps) => {
    const found = await noticed(lie);
    expect(found.fields).toContain(field);
    expect(found.steps).toBe(steps);
  });

  test("the page frames of a folio that lives is noticed when another folio gets them", async () => {
    // A copy gets the page frame of a page that somebody has mapped already.
    const lie: Lie = (answer, operation, step) => {
      const mapped = answer.mms
        .flatMap((mm) => mm?.vmas[0]?.entries ?? [])
        .find(({ flags }) => (flags & 0x18000) !== 0);
      return entries(({ pfn, flags }) => ((flags & 0x18000) === 0 && mapped ? { pfn: mapped.pfn } : { pfn }))(
        answer,
        operation,
        step,
      );
    };
    const found = await noticed(lie, { bounds: { ...TINY, smallFolios: 1 } });
    expect(found.fields).toContain("page frames are its own");
    expect(found.steps).toBe(3);
  });

  test("the page frames of a folio that was just given up is noticed: what replaced it was there before", async () => {
    // The last page of a folio is copied; the copy says that it is the page itself.
    let before: Observation | undefined;
    const lie: Lie = (answer, operation, step) => {
      const previous = before;
      before = answer;
      return operation.kind === "touch" && previous !== undefined
        ? entries((_, { mm, entry }) => ({ pfn: previous.mms[mm]?.vmas[0]?.entries[entry]?.pfn ?? 0 }))(
            answer,
            operation,
            step,
          )
        : answer;
    };
    const found = await noticed(lie, { bounds: { ...TINY, smallFolios: 1 } });
    expect(found.fields).toContain("page frames are its own");
  });

  test("what a holder reads is noticed", async () => {
    const lie: Lie = (answer) => ({ ...answer, holders: answer.holders.map((content) => content && content + 1) });
    const bounds = { ...TINY, mms: 1, smallFolios: 1, holders: 1 };
    expect((await noticed(lie, { machine: "pins", bounds })).fields).toEqual(["reads"]);
  });

  test("the contents of a file is noticed", async () => {
    const bounds = { pages: 4, minPages: 4, mms: 1, folios: 1, anon: 0, file: 1 };
    const found = await noticed(
      entries(({ content }) => ({ content: (content ?? 0) + 1 })),
      { machine: "rmap", bounds },
    );
    expect(found).toEqual({ fields: ["content"], steps: 2 });
  });
});

describe("a kernel that refuses an operation", () => {
  test("differs from a model that does it", async () => {
    const lie: Lie = (answer, { kind }) =>
      kind === "fork" ? { kind: "failure", message: "clone3: No memory" } : answer;
    const { machine, walker } = simulate({ includes: withoutStores, lie });
    const { differences } = await walkTour(walker, machine, { stopped: () => undefined });
    expect(differences[0]?.calls.at(-1)?.action).toBe("fork");
    expect(differences[0]?.calls.length).toBe(1);
    expect(differences[0]?.fields).toEqual([
      { place: "operation", field: "fork", model: "performed", kernel: "clone3: No memory", holds: false },
    ]);
  });

  test("differs even when it is the first operation of all", async () => {
    const lie: Lie = () => ({ kind: "failure", message: "clone3: No memory" });
    const { machine, walker } = simulate({ includes: withoutStores, lie });
    const { differences } = await walkTour(walker, machine, { stopped: () => undefined });
    expect(differences[0]).toMatchObject({ calls: [], fields: [{ kernel: "clone3: No memory" }] });
  });
});

describe("a lie that is told once", () => {
  test.each([1, 40, 1000])("at step %d is noise: the execution is taken again, and counted", async (when) => {
    const flipped = (answer: Observation): Observation => ({
      ...answer,
      mms: answer.mms.map((mm) => (mm === null ? { vmas: [] } : null)),
    });
    const lie: Lie = (answer, _, step) => (step === when ? flipped(answer) : answer);
    const { machine, walker } = simulate({ includes: withoutStores, lie });
    const result = await walkTour(walker, machine, { stopped: () => (walker.steps > 3000 ? "time" : undefined) });
    expect(result).toMatchObject({ differences: [], retries: 1, stopped: "time" });
    expect(result.coverage?.covered).toBeGreaterThan(500);
  });

  test("in every other execution is noise as long as the repetition is clean", async () => {
    let told = 0;
    const { machine, walker, session } = simulate({
      includes: withoutStores,
      lie: (answer) => {
        if (session.resets % 4 === 1 && session.resets > told) {
          told = session.resets;
          return { ...answer, mms: [] };
        }
        return answer;
      },
    });
    const result = await walkTour(walker, machine, { stopped: () => (walker.steps > 5000 ? "time" : undefined) });
    expect(result.differences).toEqual([]);
    expect(result.retries).toBeGreaterThan(1);
  });
});

describe("random walks", () => {
  const bounds = { pages: 8, minPages: 1, mms: 3, folios: 2, smallFolios: 4, holders: 0 };
  const hooks = { stopped: () => undefined };

  test("of a kernel that does what the model says take the steps that were asked for", async () => {
    const { machine, walker } = simulate({ bounds });
    const result = await walkRandomly(walker, machine, { seed: 1, steps: 3000 }, hooks);
    expect(result).toMatchObject({ differences: [], retries: 0 });
    expect(result.steps).toBeGreaterThanOrEqual(3000);
    expect(result.steps).toBeLessThan(3000 + 512);
    expect(result.walks).toBeGreaterThan(5);
  });

  test("are the same for the same seed, and others for another", async () => {
    const operations = async (seed: number): Promise<string> => {
      const taken: Operation[] = [];
      const lie: Lie = (answer, operation) => {
        taken.push(operation);
        return answer;
      };
      const { machine, walker } = simulate({ bounds, lie });
      await walkRandomly(walker, machine, { seed, steps: 1000 }, hooks);
      return JSON.stringify(taken);
    };
    const first = await operations(1);
    expect(await operations(1)).toBe(first);
    expect(await operations(2)).not.toBe(first);
  });

  test("shrink to a shortest execution", async () => {
    const { machine, walker } = simulate({ bounds, kernel: "reuse-ignores-shared" });
    const { differences } = await walkRandomly(walker, machine, { seed: 1, steps: 10_000 }, hooks);
    const actions = differences[0]?.calls.map(({ action }) => action) ?? [];
    // It may be about an MM that has to be made first.
    expect(actions.filter((action) => action !== "newMm")).toEqual(["anonFault", "fork", "writeFault"]);
  });

  test("end when they are told to", async () => {
    const { machine, walker } = simulate({ bounds });
    const result = await walkRandomly(walker, machine, { seed: 1, steps: 1e6 }, { stopped: () => "interrupt" });
    expect(result).toMatchObject({ stopped: "interrupt", steps: 0, walks: 0, differences: [] });
  });
});
