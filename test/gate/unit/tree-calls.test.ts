import { describe, expect, test } from "vitest";
import { extractUnits, TreeError } from "../../../gate/preparation/extract-units.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { countingUnits, type PatchEdit } from "../total-mapped-pages.ts";
import { OWN_KERNEL } from "../tree-copy.ts";

const CONFIG = "no-page-mapcount,64bit,mm-id";

/** Returns the calls by the harness, by macro. */
function calls({ source }: TranslationUnit): Record<string, string> {
  return Object.fromEntries(
    [...source.matchAll(/^#define (GATE_\w+)\([\w, ]*\) (.*)$/gm)].map(([, macro = "", call = ""]) => [macro, call]),
  );
}

async function patchedCalls(edits: readonly PatchEdit[]): Promise<Record<string, string>> {
  const [unit] = await countingUnits("_total_mapped_pages", [CONFIG], edits);
  return calls(unit as TranslationUnit);
}

const ADD =
  "+static inline int folio_add_return_large_mapcount(struct folio *folio, int pages, int diff, struct vm_area_struct *vma)\n {\n \tconst mm_id_t id";

/** Edits that give folio_add_return_large_mapcount() other parameters. */
const withParameters = (parameters: string): readonly PatchEdit[] => [
  [ADD, ADD.replace("struct folio *folio, int pages, int diff, struct vm_area_struct *vma", parameters)],
];

describe("calls of functions that change the large mapcount", () => {
  test("passes the number of mappings if that is the only number", async () => {
    const [unit] = await extractUnits({ tree: OWN_KERNEL, configurations: [configurationOf(CONFIG)] });
    expect(calls(unit as TranslationUnit)).toMatchObject({
      GATE_SET_LARGE_MAPCOUNT: "folio_set_large_mapcount(folio, mappings, vma)",
      GATE_ADD_LARGE_MAPCOUNT: "folio_add_return_large_mapcount(folio, mappings, vma)",
      GATE_SUB_LARGE_MAPCOUNT: "folio_sub_return_large_mapcount(folio, mappings, vma)",
    });
  });

  test("passes pages and mappings in the order of the parameters", async () => {
    expect(await patchedCalls([])).toMatchObject({
      GATE_SET_LARGE_MAPCOUNT: "folio_set_large_mapcount(folio, pages, mappings, vma)",
      GATE_ADD_LARGE_MAPCOUNT: "folio_add_return_large_mapcount(folio, pages, mappings, vma)",
    });
    const reordered = await patchedCalls(
      withParameters("struct folio *folio, unsigned int diff, unsigned long pages, const struct vm_area_struct *vma"),
    );
    expect(reordered["GATE_ADD_LARGE_MAPCOUNT"]).toBe("folio_add_return_large_mapcount(folio, mappings, pages, vma)");
  });

  test("passes a temporary variable for a pointer to an integer", async () => {
    const withPointer = await patchedCalls(
      withParameters("struct folio *folio, int diff, int pages, struct vm_area_struct *vma, unsigned long *sum"),
    );
    expect(withPointer["GATE_ADD_LARGE_MAPCOUNT"]).toBe(
      "folio_add_return_large_mapcount(folio, mappings, pages, vma, &(unsigned long){ 0 })",
    );
  });

  test.each([
    [
      "two numbers without the word page",
      "struct folio *folio, int one, int diff, struct vm_area_struct *vma",
      "parameters one, diff: cannot decide which of them counts mappings and which pages",
    ],
    [
      "two numbers of pages",
      "struct folio *folio, int pages, int mapped_pages, struct vm_area_struct *vma",
      "parameters pages, mapped_pages: cannot decide which of them counts mappings and which pages",
    ],
    [
      "three numbers",
      "struct folio *folio, int pages, int diff, int more, struct vm_area_struct *vma",
      "parameters pages, diff, more: cannot decide which of them counts mappings and which pages",
    ],
    [
      "an unknown type",
      "struct folio *folio, int pages, int diff, struct mm_struct *mm",
      'unknown parameter "struct mm_struct *mm"',
    ],
  ])("rejects a tree in which such a function has %s", async (_, parameters, reason) => {
    const rejected = patchedCalls(withParameters(parameters));
    await expect(rejected).rejects.toThrow(TreeError);
    await expect(rejected).rejects.toThrow(
      /^folio_add_return_large_mapcount\(\) at include\/linux\/rmap\.h:\d+ has the /,
    );
    await expect(rejected).rejects.toThrow(reason);
  });
});
