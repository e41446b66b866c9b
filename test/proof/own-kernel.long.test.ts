/** The C of the kernel of our own, proved by formulas; and with faults, refuted. */
import { describe, expect, test } from "vitest";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { type Edit, editedCopy } from "../gate/own-tree.ts";
import { failuresOf, provedTree, solver } from "./proved-trees.ts";

const RMAP = "include/linux/rmap.h";
const WIDE = configurationOf("page-mapcount,64bit,mm-id");
const NARROW = configurationOf("page-mapcount,32bit,mm-id");

const FAULTS: readonly (readonly [name: string, edit: Edit, refuted: string])[] = [
  [
    "a slot is taken without a look at the others",
    { file: RMAP, from: "if (mapcount != diff - 1)", to: "if (mapcount > diff + 1)" },
    "add: whole",
  ],
  [
    "a slot that is left counts as one that is kept",
    { file: RMAP, from: "keeps = left >= 0;", to: "keeps = left >= -1;" },
    "sub: free",
  ],
  [
    "the lock is kept",
    {
      file: RMAP,
      from: "\tunlock_owners(folio);\n\treturn mapcount + 1;\n}\n\n#else",
      to: "\treturn mapcount + 1;\n}\n\n#else",
    },
    "sub: free",
  ],
  [
    "shared is cleared for slot 0 only",
    { file: RMAP, from: " || folio->_mm_id_mapcount[1] == mapcount", to: "" },
    "sub: whole",
  ],
];

describe.skipIf(solver === undefined)("The kernel of our own", () => {
  test.each([WIDE, NARROW])("is proved for every size: %o", async (configuration) => {
    const result = await provedTree(editedCopy([]), configuration);
    expect(failuresOf(result)).toEqual({ refuted: [], unknown: [] });
    expect(result).toMatchObject({ verdict: "proved", invariant: "strong" });
    expect(result.formulas).toMatchObject({ possible: 27, notPossible: [], notShown: [] });
  });

  test.each(FAULTS)("is refuted when %s", async (_, edit, refuted) => {
    const result = await provedTree(editedCopy([edit]), WIDE);
    expect(failuresOf(result).refuted).toContain(refuted);
    expect(result.reachability?.kind).toBe("reached");
  });

  test("is refuted by numbers that no enumeration has when an overflow is not noticed", async () => {
    const edit = { file: RMAP, from: "!IS_ENABLED(CONFIG_64BIT) && folio->_mm_id_mapcount[mine] < 0", to: "0" };
    const result = await provedTree(editedCopy([edit]), NARROW);
    expect(result.enumeration.obligations.every(({ verdict }) => verdict === "proved")).toBe(true);
    expect(failuresOf(result).refuted).toContain("add: free");
    expect(result.reachability).toMatchObject({ kind: "reached", execution: { bounds: { pages: 32768 } } });
  });

  test("is proved in the weak form when an overflow does not mark the folio as shared", async () => {
    const edit = {
      file: RMAP,
      from: "give_slot(folio, mine, MM_ID_DUMMY, 0);\n\t\t\tmark_shared(folio, true);",
      to: "give_slot(folio, mine, MM_ID_DUMMY, 0);",
    };
    const result = await provedTree(editedCopy([edit]), NARROW);
    expect(result).toMatchObject({ verdict: "proved", invariant: "weak" });
  });

  test("is not known when its code depends on what is no part of owner tracking", async () => {
    const edit = {
      file: RMAP,
      from: "\tmine = slot_with(folio, id);\n\tfree =",
      to: "\tif (folio->index == 7)\n\t\tmapcount = 0;\n\tmine = slot_with(folio, id);\n\tfree =",
    };
    const result = await provedTree(editedCopy([edit]), WIDE);
    expect(result.verdict).not.toBe("proved");
  });
});
