/** C code without the model: its results for a page with a page type, and operations that depend on them. */
import { expect, test } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { callsOf } from "../../explore/search/trace.ts";
import { compiledFunctions } from "../../gate/adapter/compiled-functions.ts";
import { instantiate } from "../../gate/adapter/instance.ts";
import { GATE_MACHINES, gateMachine } from "../../gate/adapter/machines.ts";
import { compileUnit } from "../../gate/preparation/compile-unit.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import type { Bounds } from "../../machines/machine.ts";
import { boundsWithin, machineNamed } from "../../verify/job/job.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

const CONFIG = "no-page-mapcount,64bit,mm-id";

/** Returns the violated claims whose ids match, with the lengths of their shortest counterexamples. */
async function violated(
  edits: readonly Edit[],
  machine: string,
  given: Bounds,
  ids: RegExp,
): Promise<readonly (readonly [string, number])[]> {
  const unit = await compileUnit(await ownUnit(configurationOf(CONFIG), edits), testCacheFolder);
  const functions = compiledFunctions(instantiate(unit.fast), "claims");
  const definition = gateMachine(machineNamed(machine, GATE_MACHINES), functions, "claims");
  const model = definition.build(boundsWithin(definition, given), functions.kernel);
  const properties = model.properties.filter(({ id, kind }) => kind === "warning" || ids.test(id));
  const { violations } = search(compile({ ...model, properties }), { symmetry: true });
  return violations.map(({ property, path }) => [properties[property]?.id ?? "", callsOf(model, path).length]);
}

const TAKES_TYPE: Edit = {
  file: "fs/proc/internal.h",
  from: "\tconst int mapcount = folio_mapcount(folio);\n\tint entire, average, pages;\n\n\tif (mapcount <= 0)",
  to: "\tconst int mapcount = folio_test_large(folio) ? folio_mapcount(folio) : 1 + atomic_read(&folio->_mapcount);\n\tint entire, average, pages;\n\n\tif (folio_test_large(folio) && mapcount <= 0)",
};

const ONE_TOO_MANY: Edit = {
  file: "include/linux/mm.h",
  from: "\treturn folio_mapcount(folio) + ((in_swap_cache + in_page_cache) << folio_order(folio));",
  to: "\treturn folio_mapcount(folio) + 1;",
};

test("kpagecount of the test kernel is 0 for a page with a type", async () => {
  expect(await violated([], "struct-pages", {}, /page-type/)).toEqual([]);
});

test("C16.page-type is violated in two steps by an average that uses a page type as mapcount", async () => {
  expect(await violated([TAKES_TYPE], "struct-pages", {}, /page-type/)).toEqual([["C16.page-type", 2]]);
});

test("P2 is violated by C code that expects one reference too many of a folio in no cache", async () => {
  const bounds = { pages: 2, minPages: 2, mms: 1, folios: 2, smallFolios: 0 };
  expect(await violated([], "migration", bounds, /^P2/)).toEqual([]);
  expect(await violated([ONE_TOO_MANY], "migration", bounds, /^P2/)).toEqual([["P2", 3]]);
});
