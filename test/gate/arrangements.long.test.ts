/** C code that depends on the order of MM ids, many steps from the start: symmetry would hide the fault. */

import { expect, test } from "vitest";
import { compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import { gateReport } from "../../gate/run/report.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import { runJob } from "../../verify/run.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

/** Whether the mapping MM has the lowest id, the middle one, or the highest. */
const ARRANGEMENTS: readonly (readonly [name: string, condition: string])[] = [
  ["the last MM's id is the highest", "owner_of(folio, 0) < owner_of(folio, 1) && owner_of(folio, 1) < id"],
  ["the last MM's id is between", "owner_of(folio, 1) < id && id < owner_of(folio, 0)"],
  ["the last MM's id is the lowest", "id < owner_of(folio, 0) && owner_of(folio, 0) < owner_of(folio, 1)"],
];

const oneMappingTooMany = (condition: string): Edit => ({
  file: "include/linux/rmap.h",
  from: "\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n",
  to:
    "\tif (atomic_read(&folio->_large_mapcount) == 7 && folio->_mm_id_mapcount[0] == 1 && folio->_mm_id_mapcount[1] == 3 &&\n" +
    `\t    owner_of(folio, 0) && owner_of(folio, 1) && ${condition})\n\t\tdiff++;\n` +
    "\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n",
});

test.each(ARRANGEMENTS)("conformance reports C code that counts one mapping too many if %s", async (_, condition) => {
  const unit = await compileUnit(
    await ownUnit(configurationOf("page-mapcount,64bit,mm-id"), [oneMappingTooMany(condition)]),
    testCacheFolder,
  );
  const request = { profile: "quick", budget: {}, only: "owner-tracking", judge: "conformance" as const };
  const { findings } = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)));
  expect(findings.map((each) => each.function)).toEqual(["folio_add_return_large_mapcount"]);
});

test("the report states for each run whether it uses symmetry", async () => {
  const unit = await compileUnit(await ownUnit(configurationOf("page-mapcount,64bit,mm-id")), testCacheFolder);
  const result = await runGate([unit], { profile: "quick", budget: {}, only: "rmap" }, async (jobs) =>
    jobs.map((job) => runJob(job)),
  );
  const { notChecked } = gateReport({
    tree: "",
    reproduce: "",
    options: { tree: "", profile: "quick" },
    ...result,
    baseline: [],
    seconds: 0,
  });
  expect(notChecked.map(notCheckedText)).toContainEqual(
    "C code that distinguishes MMs by their ids, where only some arrangements of ids show it: runs of rmap are up to the order of MMs; those of rmap (2 pages, 3 MMs) are not",
  );
});
