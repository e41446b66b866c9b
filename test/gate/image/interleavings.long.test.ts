/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18 or later) and a native clang. Three ways to execute the
 * interleavings of two operations agree: nested calls, stack switching, and a naive execution of each schedule from its
 * start.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { combinationsOf, formatCall } from "../../../explore/model/model.ts";
import type { Patch } from "../../../gate/change/patch.ts";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { operationsOf } from "../../../gate/image/machine/image-operations.ts";
import { interleavings } from "../../../gate/image/machine/interleavings.ts";
import type { ImageCall } from "../../../gate/image/machine/operation-family.ts";
import type { Turn } from "../../../gate/image/module/cpus.ts";
import { ImageInstance } from "../../../gate/image/module/image-instance.ts";
import type { ImageReport } from "../../../gate/image/module/image-report.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { mistakePatch, type TextChange } from "./mistake-patch.ts";
import { RACE_MISTAKES } from "./race-mistakes.ts";
import { TREE, treeImage } from "./tree-image.ts";

const CONFIG = "page-mapcount,32bit,mm-id";

/** Yields at locks, sleeps and allocations; with `ENTRIES`, at page table entries, too. */
const LOCKS = 41;
const ENTRIES = 45;
/** Marked accesses. */
const MARKED = 16;

/** An outcome as text. A fault has no state. */
const keyOf = (kind: string, memory: number, reports: readonly ImageReport[]): string =>
  JSON.stringify([kind, kind === "fault" ? 0 : memory, reports]);

describe.skipIf(TREE === "" || clangOnPath() === undefined)("interleavings in the image of a tree", () => {
  let instance: ImageInstance;
  let initial: number;

  /** Continues on an image of the tree with a patch. */
  async function start(patch?: Patch): Promise<void> {
    const { switching, ...image } = await treeImage(CONFIG, patch, true);
    if (switching === undefined) {
      throw new Error("the image was not compiled for stack switching");
    }
    instance = new ImageInstance({ ...image, module: switching }, { first: 8, pages: 8, hint: false });
    instance.canonicalizeInSteps(true);
    initial = instance.state;
  }

  beforeAll(() => start());

  /** Returns operations by text; those that race, or all. */
  function operations(bounds: Bounds, all: boolean): ReadonlyMap<string, ImageCall> {
    const families = operationsOf({ pages: 8, ...bounds }, true);
    return new Map(
      families.flatMap(({ name, domains, call, races }) =>
        combinationsOf(domains)
          .filter((parameters) => all || races(parameters))
          .map((parameters): [string, ImageCall] => [formatCall({ action: name, parameters }), call(parameters)]),
      ),
    );
  }

  /** Returns the state after an operation. */
  function after(memory: number, name: string, bounds: Bounds = { mms: 2 }): number {
    const { operation, parameters } = operations(bounds, true).get(name) as ImageCall;
    instance.load(memory);
    const outcome = instance.execute(operation, parameters);
    expect(outcome.kind, name).toBe("done");
    return outcome.kind === "done" ? outcome.state : memory;
  }

  /** Returns the states that one operation leads to, and the initial one. */
  function states(bounds: Bounds): readonly number[] {
    const found = [...operations(bounds, true).values()].flatMap(({ operation, parameters }) => {
      instance.load(initial);
      const outcome = instance.execute(operation, parameters);
      return outcome.kind === "done" ? [outcome.state] : [];
    });
    return [...new Set([initial, ...found])];
  }

  /** Returns the outcomes of the search. */
  function searched(memory: number, calls: readonly ImageCall[], kinds: number, preemptions: number): Set<string> {
    const { outcomes } = interleavings(instance, memory, calls, { kinds, preemptions });
    return new Set(outcomes.map((each) => keyOf(each.kind, each.memory, each.reports)));
  }

  /** Returns the outcomes of the second operation at each yield of the first one, by nested calls. */
  function nested(memory: number, first: ImageCall, second: ImageCall, kinds: number): readonly string[] {
    instance.load(memory);
    const yields = instance.yieldsOf(first.operation, first.parameters, kinds);
    return Array.from({ length: yields }, (_, i) => {
      instance.load(memory);
      return instance.execute(first.operation, first.parameters, undefined, { second, kinds, number: i + 1 });
    }).flatMap((outcome) =>
      outcome.kind === "done"
        ? [keyOf("done", outcome.state, outcome.reports)]
        : outcome.kind === "fault"
          ? [keyOf("fault", 0, outcome.reports)]
          : [],
    );
  }

  /** Returns the outcomes of every schedule, each executed from its start. Nothing is compared or stored. */
  function naive(memory: number, calls: readonly ImageCall[], kinds: number, most: number): Set<string> {
    const outcomes = new Set<string>();
    const extend = (turns: readonly Turn[], preemptions: number): void => {
      instance.load(memory);
      instance.startCpus(calls);
      const phases = calls.map((): string => "ready");
      for (const { cpu, stopAt = { kinds: 0, number: 1 } } of turns) {
        const outcome = instance.runCpu(cpu, stopAt);
        phases[cpu] = outcome.kind;
        if (outcome.kind === "fault") {
          outcomes.add(keyOf("fault", 0, outcome.reports));
        }
      }
      if (phases.every((phase) => phase === "ended")) {
        const end = instance.finishCpus();
        outcomes.add(keyOf(end.kind, end.kind === "done" ? end.state : 0, end.reports));
      }
      instance.abandonCpus();
      const last = turns.at(-1);
      const lastPhase = last === undefined ? "ready" : phases[last.cpu];
      if (lastPhase === "fault" || lastPhase === "disabled") {
        return;
      }
      phases.forEach((phase, cpu) => {
        if (phase === "ended" || cpu === last?.cpu) {
          return;
        }
        extend([...turns, { cpu }], preemptions);
        if (preemptions < most && phases.some((other, i) => i !== cpu && other !== "ended")) {
          for (let number = 1; ; number++) {
            const next = [...turns, { cpu, stopAt: { kinds, number } }];
            if (!stops(memory, calls, next)) {
              break;
            }
            extend(next, preemptions + 1);
          }
        }
      });
    };
    extend([], 0);
    return outcomes;
  }

  /** Whether the last turn of a schedule ends at its yield. */
  function stops(memory: number, calls: readonly ImageCall[], turns: readonly Turn[]): boolean {
    instance.load(memory);
    instance.startCpus(calls);
    const ended = turns.map(({ cpu, stopAt = { kinds: 0, number: 1 } }) => instance.runCpu(cpu, stopAt).kind);
    instance.abandonCpus();
    return ended.at(-1) === "yielded";
  }

  test("nested calls and stack switching have the same outcomes, apart from those in which an operation waits", () => {
    const bounds = { mms: 2, split: 1, migrate: 1 };
    const racing = [...operations(bounds, false)];
    let compared = 0;
    for (const memory of states(bounds)) {
      racing.forEach(([name, first], i) => {
        for (const [otherName, second] of racing.slice(i)) {
          const known = searched(memory, [first, second], LOCKS, 1);
          for (const outcome of [...nested(memory, first, second, LOCKS), ...nested(memory, second, first, LOCKS)]) {
            expect(known, `${name} | ${otherName}`).toContain(outcome);
            compared++;
          }
        }
      });
    }
    expect(compared).toBeGreaterThan(5000);
  });

  test.each([
    ["read(mm: 0, page: 0)", "dontneed(mm: 0, range: {page: 0, pages: 8})", 2, LOCKS],
    ["write(mm: 0, fault: {page: 0, order: 0})", "read(mm: 0, page: 0)", 2, LOCKS],
    ["write(mm: 0, fault: {page: 0, order: 3})", "dontneed(mm: 0, range: {page: 0, pages: 4})", 2, LOCKS],
    ["write(mm: 0, fault: {page: 0, order: 0})", "write(mm: 0, fault: {page: 0, order: 0})", 1, ENTRIES],
    ["write(mm: 0, fault: {page: 0, order: 0})", "fork(mm: 0)", 2, LOCKS],
  ] as const)("a naive execution of each schedule of %s | %s has the same outcomes", (one, other, most, kinds) => {
    const racing = operations({ mms: 2 }, false);
    const calls = [racing.get(one), racing.get(other)] as ImageCall[];
    let outcomes = 0;
    for (const memory of states({ mms: 1 }).slice(0, 4)) {
      const expected = naive(memory, calls, kinds, most);
      expect(searched(memory, calls, kinds, most)).toEqual(expected);
      outcomes += expected.size;
    }
    expect(outcomes).toBeGreaterThan(3);
  });

  // docs/found.md describes it. Trees without the retry require the folio lock.
  test("with three CPUs, a retry of folio_lock_anon_vma_read() returns an anon_vma that is not locked", () => {
    const text = readFileSync(join(TREE, "mm/rmap.c"), "utf8");
    const retries = /folio_lock_anon_vma_read\([^}]*?\bretry:/.test(text);
    const racing = operations({ mms: 2, age: 1 }, true);
    // The child alone maps the page, whose anon_vma is that of its parent.
    const child = ["write(mm: 0, fault: {page: 0, order: 0})", "fork(mm: 0)"].reduce(
      (memory, name) => after(memory, name),
      initial,
    );
    const outcomes = [0, 1].flatMap((mm) => {
      const memory = after(child, `dontneed(mm: ${1 - mm}, range: {page: 0, pages: 1})`);
      return [0, 1].flatMap((own) => {
        const calls = [
          `age(mm: ${own}, page: 0)`,
          `write(mm: ${own}, fault: {page: 0, order: 0})`,
          `dontneed(mm: ${own}, range: {page: 0, pages: 8})`,
        ].map((name) => racing.get(name) as ImageCall);
        return interleavings(instance, memory, calls, { kinds: LOCKS | MARKED, preemptions: 2 }).outcomes;
      });
    });
    expect(outcomes.length).toBeGreaterThan(8);
    const reports = new Set(outcomes.flatMap((each) => each.reports.map((report) => JSON.stringify(report))));
    expect([...reports]).toEqual(
      retries ? [JSON.stringify({ kind: "harness", report: "semaphore-not-held-for-reading" })] : [],
    );
  });

  // R3, CVE-2026-99463: docs/found.md describes it.
  test.each(["munmap(mm: 0, range: {page: 0, pages: 8})", "exit(mm: 0)"])(
    "a PMD that reclaim clears and puts back is missed by %s, which frees its page table",
    (other) => {
      const bounds = { mms: 1, gup: 1, free: 1, unmap: 1 };
      const text = readFileSync(join(TREE, "mm/huge_memory.c"), "utf8");
      const [, body = ""] = /\b__discard_anon_folio_pmd_locked\(([\s\S]*?)\n\}/.exec(text) ?? [];
      const putsBack = body.includes("set_pmd_at(");
      const held = [
        "write(mm: 0, fault: {page: 0, order: 3})",
        "getUserPages(mm: 0, range: {page: 0, pages: 1}, way: get)",
        "madvFree(mm: 0, range: {page: 0, pages: 8})",
      ].reduce((memory, name) => after(memory, name, bounds), initial);
      const racing = operations(bounds, true);
      const calls = ["reclaim(mm: 0, page: 0)", other].map((name) => racing.get(name) as ImageCall);
      const { outcomes } = interleavings(instance, held, calls, { kinds: ENTRIES, preemptions: 1 });
      const reports = outcomes.flatMap((each) => each.reports);
      expect(outcomes.length).toBeGreaterThan(1);
      expect(reports).toMatchObject(
        putsBack ? [{ kind: "assertion", severity: "BUG", function: "pmd_clear_bad" }] : [],
      );
    },
  );

  // CVE-2024-42234: folios are taken off the queue with their references frozen since.
  test.each([
    ["frozen", []],
    ["counted", [{ kind: "harness", report: "page-leaked" }]],
  ] as const)("migration takes a folio off the queue of the shrinker with its references %s", async (how, expected) => {
    const counted = mistakePatch(
      {
        file: "mm/migrate.c",
        in: "__folio_migrate_mapping",
        change: [/!folio_ref_freeze\(folio, expected_count\)/, "folio_ref_count(folio) != expected_count"],
      },
      {
        file: "mm/migrate.c",
        in: "__folio_migrate_mapping",
        change: [/folio_ref_unfreeze\(folio, expected_count\);/, ";"],
      },
      {
        file: "mm/huge_memory.c",
        in: "__folio_unqueue_deferred_split",
        change: [/WARN_ON_ONCE\(folio_ref_count\(folio\)\);/, ";"],
      },
    );
    await start(how === "frozen" ? undefined : counted);
    const bounds = { mms: 1, migrate: 1 };
    const memory = ["write(mm: 0, fault: {page: 0, order: 3})", "migrateBegin(mm: 0, page: 0)"].reduce(
      (before, name) => after(before, name, bounds),
      initial,
    );
    const calls = ["shrink()", "migrateFinish()"].map((name) => operations(bounds, true).get(name) as ImageCall);
    const outcomesWith = (preemptions: number): readonly ImageReport[] =>
      interleavings(instance, memory, calls, { kinds: LOCKS, preemptions }).outcomes.flatMap(({ reports }) => reports);
    expect(outcomesWith(1)).toEqual([]);
    expect(outcomesWith(2)).toEqual(expected);
  });

  test("two CPUs insert a folio into the queue if both found that it is in none, which takes two preemptions", async () => {
    const mistake = RACE_MISTAKES.locks.find(({ what }) =>
      /queue.*between the test of the folio and its ins/.test(what),
    );
    await start(mistakePatch(mistake as TextChange));
    const bounds = { mms: 1, move: 1, spans: 1 };
    const memory = [
      "write(mm: 0, fault: {page: 4, order: 2})",
      "mremap(mm: 0, range: {page: 0, pages: 8}, shift: 2, back: false)",
    ].reduce((before, name) => after(before, name, bounds), initial);
    const calls = [38, 40].map(
      (page) => operations(bounds, true).get(`dontneed(mm: 0, range: {page: ${page}, pages: 1})`) as ImageCall,
    );
    const reportsWith = (preemptions: number): readonly ImageReport[] =>
      interleavings(instance, memory, calls, { kinds: LOCKS, preemptions }).outcomes.flatMap(({ reports }) => reports);
    expect(reportsWith(1)).toEqual([]);
    expect(reportsWith(2)).toContainEqual(
      expect.objectContaining({ kind: "assertion", function: "__list_add_valid_or_report" }),
    );
  });

  describe("MADV_FREE that waits with the page table lock held for what a split has, which waits for that lock", () => {
    const LIVELOCK = { kind: "harness", report: "livelock" };
    const freed = (pattern: RegExp, text: string): TextChange => ({
      file: "mm/huge_memory.c",
      in: "madvise_free_huge_pmd",
      change: [pattern, text],
    });

    /** Returns the reports with a number of preemptions. */
    const reportsWith = (preemptions: number): readonly ImageReport[] => {
      const bounds = { mms: 1, split: 1, free: 1 };
      const racing = operations(bounds, true);
      const memory = after(initial, "write(mm: 0, fault: {page: 0, order: 3})", bounds);
      const calls = ["madvFree(mm: 0, range: {page: 0, pages: 8})", "split(mm: 0, page: 0, order: 0)"].map(
        (name) => racing.get(name) as ImageCall,
      );
      const found = interleavings(instance, memory, calls, { kinds: LOCKS, preemptions });
      return found.outcomes.flatMap(({ reports }) => reports);
    };

    test("it is no livelock if it gives up, as in the tree", async () => {
      await start();
      expect(reportsWith(Number.POSITIVE_INFINITY)).toEqual([]);
    });

    test("it is one if it keeps the lock: the split spins on it", async () => {
      const waits = freed(/if \(!folio_trylock\(folio\)\)\s*goto out;/, "while (!folio_trylock(folio)) cpu_relax();");
      await start(mistakePatch(waits));
      expect(reportsWith(1)).toEqual([LIVELOCK]);
    });

    test("it is one with any number of preemptions if both try again: each tries when the other has the lock", async () => {
      const sem = "&vma->anon_vma->root->rwsem";
      await start(
        mistakePatch(
          {
            file: "mm/page_vma_mapped.c",
            in: "page_vma_mapped_walk",
            change: [
              /pvmw->ptl = pmd_lock\(mm, pvmw->pmd\);/,
              "pvmw->ptl = pmd_lockptr(mm, pvmw->pmd); while (!spin_trylock(pvmw->ptl)) cpu_relax();",
            ],
          },
          freed(
            /orig_pmd = \*pmd;/,
            `if (!down_write_trylock(${sem})) { spin_unlock(ptl); cond_resched(); goto again; } up_write(${sem}); orig_pmd = *pmd;`,
          ),
          freed(/ptl = pmd_trans_huge_lock\(pmd, vma\);/, "again: ptl = pmd_trans_huge_lock(pmd, vma);"),
        ),
      );
      expect(reportsWith(2)).toEqual([]);
      expect(reportsWith(Number.POSITIVE_INFINITY)).toEqual([LIVELOCK]);
    });
  });
});
