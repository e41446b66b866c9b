/** The record of functions that ran, and C code that distinguishes MMs. */
import { expect, test } from "vitest";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { extractUnits } from "../../gate/preparation/extract-units.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { runJob } from "../../verify/run.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, editedCopy } from "./own-tree.ts";
import { OWN_KERNEL } from "./tree-copy.ts";

const RMAP_H = "include/linux/rmap.h";
const CONFIG = "page-mapcount,64bit,mm-id";

async function changedUnit(edits: readonly Edit[]): Promise<CompiledUnit> {
  const [unit] = await extractUnits({
    tree: editedCopy(edits),
    base: OWN_KERNEL,
    configurations: [configurationOf(CONFIG)],
  });
  if (unit === undefined) {
    throw new Error("the tree has no unit");
  }
  return compileUnit(unit, testCacheFolder);
}

const job = (unit: CompiledUnit): Parameters<typeof runJob>[0] => ({
  machine: "owner-tracking",
  kernel: "tree",
  config: CONFIG,
  bounds: { pages: 8, mms: 3 },
  symmetry: true,
  budget: {},
  compiled: { unit, mode: "conformance", leftOut: [] },
});

test("a function that runs many steps from the start is recorded as reached, and one that never runs is not", async () => {
  const unit = await changedUnit([
    {
      file: RMAP_H,
      from: "static inline int folio_add_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)\n{\n\tconst mm_id_t id",
      to: "static inline void at_the_end(void) { }\nstatic inline void beyond_the_end(void) { }\n\nstatic inline int folio_add_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)\n{\n\tconst mm_id_t id",
    },
    {
      file: RMAP_H,
      from: "\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n",
      to: "\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n\tif (mapcount == 23)\n\t\tat_the_end();\n\tif (mapcount == 24)\n\t\tbeyond_the_end();\n",
    },
  ]);
  const { verdict, reached } = runJob(job(unit));
  expect(verdict).toBe("holds");
  expect(reached).toContain("at_the_end");
  expect(reached).not.toContain("beyond_the_end");
  expect(reached).toContain("folio_sub_return_large_mapcount");
  expect(reached).not.toContain("folio_add_new_anon_rmap");
});

test("C code that distinguishes MMs by their ids is a finding, also with symmetry", async () => {
  const unit = await changedUnit([
    {
      file: RMAP_H,
      from: "\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n",
      to: "\tif (owner_of(folio, 0) && owner_of(folio, 1) > owner_of(folio, 0) && id > owner_of(folio, 1))\n\t\tdiff++;\n\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n",
    },
  ]);
  const { verdict, properties } = runJob(job(unit));
  expect(verdict).toBe("violated");
  expect(properties.filter((each) => each.verdict === "violated").map(({ id }) => id)).toEqual([
    "CF.folio_add_return_large_mapcount",
  ]);
});
