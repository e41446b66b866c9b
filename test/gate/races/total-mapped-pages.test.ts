/** Races of a tree that counts the pages of all mappings, as in the RFC of 2026-04-12. */
import { expect, test } from "vitest";
import { type CountName, countingUnits } from "../total-mapped-pages.ts";
import { exploreRace, threadsOnly, violatedIn } from "./race-unit.ts";

const COUNT: CountName = "_total_mapped_pages";

async function unitOf(config: string): ReturnType<typeof threadsOnly> {
  const [unit] = await countingUnits(COUNT, [config]);
  if (unit === undefined) {
    throw new Error("there is no unit");
  }
  return threadsOnly(unit);
}

test("_total_mapped_pages is part of the state, and exact while no CPU executes a function", async () => {
  const report = exploreRace(await unitOf("no-page-mapcount,32bit,mm-id"), { references: 0, readers: 0 });
  expect(report.verdict).toBe("holds");
  expect(report.properties.find(({ id }) => id === "C6.total-mapped-pages")?.checked).toBeGreaterThan(10);
});

test("statistics of PMDs are wrong if the count is read after the large-mapcount lock is released", async () => {
  // pmd_mappings() of the patch reads the count again; the RFC reads it under the lock.
  const unit = await unitOf("no-page-mapcount,64bit,mm-id");
  const found = violatedIn(exploreRace(unit, { pmd: 1, references: 0, readers: 0 }));
  expect(found.map(({ id }) => id)).toEqual(["C12.pmd"]);
});
