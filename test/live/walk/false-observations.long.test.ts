/**
 * Fault injection: a kernel that differs from the model in one respect. A walk must detect and name each difference.
 */
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
import type { FaultInjection } from "../simulated-session.ts";
import { type SimulationOptions, simulate, TINY, withoutStores } from "../simulated-walk.ts";

/** Changes each present entry. */
const entries =
  (
    change: (entry: EntryObservation, where: { mm: number; entry: number }) => Partial<EntryObservation>,
  ): FaultInjection =>
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

/** Changes each VMA. */
const vmas =
  (change: (vma: VmaObservation) => VmaObservation): FaultInjection =>
  (answer) => ({
    ...answer,
    mms: answer.mms.map((mm): MmObservation | null => (mm === null ? null : { vmas: mm.vmas.map(change) })),
  });

const smaps = (change: Partial<VmaObservation["smaps"]>): FaultInjection =>
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

/** Returns the differing fields of the tour's difference, and the number of steps up to it. */
async function detected(
  inject: FaultInjection,
  options: SimulationOptions = {},
): Promise<{ fields: string[]; steps: number }> {
  const { machine, walker } = simulate({ includes: withoutStores, ...options, inject });
  const { differences } = await walkTour(walker, machine, { stopped: () => undefined });
  expect(differences).toHaveLength(1);
  const differing = differences[0]?.fields.filter(({ holds }) => !holds) ?? [];
  return { fields: [...new Set(differing.map(({ field }) => field))], steps: differences[0]?.calls.length ?? -1 };
}

describe("a fault in an observation", () => {
  test.each<[string, FaultInjection, string, number]>([
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
  ])("a walk detects a fault in %s", async (_, inject, field, steps) => {
    const found = await detected(inject);
    expect(found.fields).toContain(field);
    expect(found.steps).toBe(steps);
  });

  test("a walk detects that a folio has the page frames of another one", async () => {
    // A copy has the page frame of a page that is still mapped.
    const inject: FaultInjection = (answer, operation, step) => {
      const mapped = answer.mms
        .flatMap((mm) => mm?.vmas[0]?.entries ?? [])
        .find(({ flags }) => (flags & 0x18000) !== 0);
      return entries(({ pfn, flags }) => ((flags & 0x18000) === 0 && mapped ? { pfn: mapped.pfn } : { pfn }))(
        answer,
        operation,
        step,
      );
    };
    const found = await detected(inject, { bounds: { ...TINY, smallFolios: 1 } });
    expect(found.fields).toContain("page frames are its own");
    expect(found.steps).toBe(3);
  });

  test("a walk detects that a new folio has page frames of the folio that it replaces", async () => {
    // The last page of a folio is copied; the copy has the page frame of the original.
    let before: Observation | undefined;
    const inject: FaultInjection = (answer, operation, step) => {
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
    const found = await detected(inject, { bounds: { ...TINY, smallFolios: 1 } });
    expect(found.fields).toContain("page frames are its own");
  });

  test("a walk detects a fault in the content that a holder reads", async () => {
    const inject: FaultInjection = (answer) => ({
      ...answer,
      holders: answer.holders.map((content) => content && content + 1),
    });
    const bounds = { ...TINY, mms: 1, smallFolios: 1, holders: 1 };
    expect((await detected(inject, { machine: "pins", bounds })).fields).toEqual(["reads"]);
  });

  test("a walk detects a fault in the contents of a file", async () => {
    const bounds = { pages: 4, minPages: 4, mms: 1, folios: 1, anon: 0, file: 1 };
    const found = await detected(
      entries(({ content }) => ({ content: (content ?? 0) + 1 })),
      { machine: "rmap", bounds },
    );
    expect(found).toEqual({ fields: ["content"], steps: 2 });
  });
});

describe("a kernel that refuses an operation", () => {
  test("a failed operation differs from a model that performs it", async () => {
    const inject: FaultInjection = (answer, { kind }) =>
      kind === "fork" ? { kind: "failure", message: "clone3: No memory" } : answer;
    const { machine, walker } = simulate({ includes: withoutStores, inject });
    const { differences } = await walkTour(walker, machine, { stopped: () => undefined });
    expect(differences[0]?.calls.at(-1)?.action).toBe("fork");
    expect(differences[0]?.calls.length).toBe(1);
    expect(differences[0]?.fields).toEqual([
      { place: "operation", field: "fork", model: "performed", kernel: "clone3: No memory", holds: false },
    ]);
  });

  test("a failure of the first operation is a difference", async () => {
    const inject: FaultInjection = () => ({ kind: "failure", message: "clone3: No memory" });
    const { machine, walker } = simulate({ includes: withoutStores, inject });
    const { differences } = await walkTour(walker, machine, { stopped: () => undefined });
    expect(differences[0]).toMatchObject({ calls: [], fields: [{ kernel: "clone3: No memory" }] });
  });
});

describe("a transient fault", () => {
  test.each([1, 40, 1000])(
    "a fault at step %d only is noise: the execution is repeated, and counted as a retry",
    async (when) => {
      const flipped = (answer: Observation): Observation => ({
        ...answer,
        mms: answer.mms.map((mm) => (mm === null ? { vmas: [] } : null)),
      });
      const inject: FaultInjection = (answer, _, step) => (step === when ? flipped(answer) : answer);
      const { machine, walker } = simulate({ includes: withoutStores, inject });
      const result = await walkTour(walker, machine, { stopped: () => (walker.steps > 3000 ? "time" : undefined) });
      expect(result).toMatchObject({ differences: [], retries: 1, stopped: "time" });
      expect(result.coverage?.covered).toBeGreaterThan(500);
    },
  );

  test("a fault in every other execution is noise if the repetition has none", async () => {
    let injectedAt = 0;
    const { machine, walker, session } = simulate({
      includes: withoutStores,
      inject: (answer) => {
        if (session.resets % 4 === 1 && session.resets > injectedAt) {
          injectedAt = session.resets;
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

  test("random walks of a kernel that agrees with the model have the requested number of steps", async () => {
    const { machine, walker } = simulate({ bounds });
    const result = await walkRandomly(walker, machine, { seed: 1, steps: 3000 }, hooks);
    expect(result).toMatchObject({ differences: [], retries: 0 });
    expect(result.steps).toBeGreaterThanOrEqual(3000);
    expect(result.steps).toBeLessThan(3000 + 512);
    expect(result.walks).toBeGreaterThan(5);
  });

  test("random walks depend on the seed only", async () => {
    const operations = async (seed: number): Promise<string> => {
      const performed: Operation[] = [];
      const inject: FaultInjection = (answer, operation) => {
        performed.push(operation);
        return answer;
      };
      const { machine, walker } = simulate({ bounds, inject });
      await walkRandomly(walker, machine, { seed, steps: 1000 }, hooks);
      return JSON.stringify(performed);
    };
    const first = await operations(1);
    expect(await operations(1)).toBe(first);
    expect(await operations(2)).not.toBe(first);
  });

  test("random walks shrink a difference to a shortest execution", async () => {
    const { machine, walker } = simulate({ bounds, kernel: "reuse-ignores-shared" });
    const { differences } = await walkRandomly(walker, machine, { seed: 1, steps: 10_000 }, hooks);
    const actions = differences[0]?.calls.map(({ action }) => action) ?? [];
    // The difference may be shown by an MM that is created first.
    expect(actions.filter((action) => action !== "newMm")).toEqual(["anonFault", "fork", "writeFault"]);
  });

  test("random walks end when they are stopped", async () => {
    const { machine, walker } = simulate({ bounds });
    const result = await walkRandomly(walker, machine, { seed: 1, steps: 1e6 }, { stopped: () => "interrupt" });
    expect(result).toMatchObject({ stopped: "interrupt", steps: 0, walks: 0, differences: [] });
  });
});
