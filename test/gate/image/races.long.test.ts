/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. Races of two operations:
 * what a tree has, and mistakes that only another CPU shows.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import { raceMistakesPage, type TriedRaceMistake } from "../../docs/race-mistakes-page.ts";
import { CONFIG, explored, shownAs, violated } from "./explored-tree.ts";
import { mistakePatch } from "./mistake-patch.ts";
import type { RaceMistake } from "./race-mistake.ts";
import { R10_FIX, RACE_MISTAKES } from "./race-mistakes.ts";
import { TREE, treeRelease } from "./tree-image.ts";

/** Version of the tree in docs/race-mistakes.md. */
const DOCUMENTED = "6.18.35";

/** R10: migration queues the new folio for splitting after processes map it again. */
const R10 = "KERNEL: WARN in deferred_split_folio()";

describe.skipIf(TREE === "" || clangOnPath() === undefined)("two CPUs in the image of a tree", () => {
  test("an image without races, and the same with races as last steps, differ in R10 alone, if at all", async () => {
    const bounds = { mms: 1, migrate: 1, split: 1, steps: 3 };
    expect((await violated(bounds)).map(shownAs)).toEqual([]);
    const raced = await violated({ ...bounds, race: 1 });
    expect([[], [R10]]).toContainEqual(raced.map(shownAs));
    for (const { trace } of raced) {
      expect(trace?.steps.map(({ action }) => action)).toEqual(["write", "migrateBegin", "race"]);
    }
  });

  test("executions that continue after a race violate no property", async () => {
    expect((await violated({ mms: 1, free: 1, steps: 2, race: 2, afterrace: 1 })).map(shownAs)).toEqual([]);
  });
});

describe.skipIf(TREE === "" || clangOnPath() === undefined)("a mistake that only another CPU shows", () => {
  const tried = new Map<string, TriedRaceMistake[]>();

  /** Whether the unmodified tree has R10, which would hide other violations. */
  const hasR10 = (): boolean => /src_deferred_split/.test(readFileSync(join(TREE, R10_FIX.file), "utf8"));

  const titled = Object.entries(RACE_MISTAKES).flatMap(([kind, mistakes]) =>
    mistakes.map((mistake): [string, { readonly kind: string; readonly mistake: RaceMistake }] => [
      `in ${mistake.in}() of ${mistake.file}: ${mistake.what}`,
      { kind, mistake },
    ]),
  );

  test.each(titled)("%s", async (_title, { kind, mistake }) => {
    const { outcome, config } = mistake;
    const { race: _race, preemptions: _preemptions, afterrace: _afterrace, ...alone } = outcome.group;
    const patch = mistakePatch(...(outcome.group["migrate"] === 1 && hasR10() ? [R10_FIX] : []), mistake);
    expect((await violated(alone, patch, config)).map(shownAs)).toEqual([]);

    const { states, violations } = await explored(outcome.group, patch, config);
    const shownBy = violations.map(shownAs);
    const steps = violations[0]?.trace?.steps.map(({ action }) => action) ?? [];
    tried.set(kind, [...(tried.get(kind) ?? []), { mistake, shownBy, steps: steps.length, states }]);
    if (outcome.kind === "survives") {
      expect(shownBy).toEqual([]);
      return;
    }
    expect(shownBy).toContain(outcome.by);
    expect(steps.filter((action) => action === "race" || action === "interleave")).toHaveLength(1);
  });

  test("at least nine of ten are found, of at least 20 tests, ten locks and ten references", () => {
    const mistakes = Object.values(RACE_MISTAKES).flat();
    const found = mistakes.filter(({ outcome }) => outcome.kind === "found");
    expect(found.length / mistakes.length).toBeGreaterThanOrEqual(0.9);
    expect(RACE_MISTAKES.rechecks.length).toBeGreaterThanOrEqual(20);
    expect(RACE_MISTAKES.locks.length).toBeGreaterThanOrEqual(10);
    expect(RACE_MISTAKES.references.length).toBeGreaterThanOrEqual(10);
  });

  // This test writes the page: after a change, run `npx vitest run test/gate/image/races.long.test.ts -u`.
  test.skipIf(TREE === "" || treeRelease() !== DOCUMENTED)(
    "docs/race-mistakes.md lists the mistakes with their outcomes",
    async () => {
      await expect(raceMistakesPage(DOCUMENTED, CONFIG, tried)).toMatchFileSnapshot("../../../docs/race-mistakes.md");
    },
  );
});
