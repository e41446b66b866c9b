import { describe, expect, test } from "vitest";
import { extractUnits, TreeError } from "../../../gate/preparation/extract-units.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { countingUnits, type PatchEdit } from "../total-mapped-pages.ts";
import { OWN_KERNEL } from "../tree-copy.ts";

const CONFIG = "no-page-mapcount,64bit,mm-id";

/** What the driver calls, by macro. */
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

/** The function that adds, with other parameters. */
const withParameters = (parameters: string): readonly PatchEdit[] => [
  [ADD, ADD.replace("struct folio *folio, int pages, int diff, struct vm_area_struct *vma", parameters)],
];

describe("functions that change the large mapcount are called", () => {
  test("with the number of mappings, where that is all they are told", async () => {
    const [unit] = await extractUnits({ tree: OWN_KERNEL, configurations: [configurationOf(CONFIG)] });
    expect(calls(unit as TranslationUnit)).toMatchObject({
      GATE_SET_LARGE_MAPCOUNT: "folio_set_large_mapcount(folio, mappings, vma)",
      GATE_ADD_LARGE_MAPCOUNT: "folio_add_return_large_mapcount(folio, mappings, vma)",
      GATE_SUB_LARGE_MAPCOUNT: "folio_sub_return_large_mapcount(folio, mappings, vma)",
    });
  });

  test("with pages and mappings, each in its place", async () => {
    expect(await patchedCalls([])).toMatchObject({
      GATE_SET_LARGE_MAPCOUNT: "folio_set_large_mapcount(folio, pages, mappings, vma)",
      GATE_ADD_LARGE_MAPCOUNT: "folio_add_return_large_mapcount(folio, pages, mappings, vma)",
    });
    const found = await patchedCalls(
      withParameters("struct folio *folio, unsigned int diff, unsigned long pages, const struct vm_area_struct *vma"),
    );
    expect(found["GATE_ADD_LARGE_MAPCOUNT"]).toBe("folio_add_return_large_mapcount(folio, mappings, pages, vma)");
  });

  test("with a place for what they tell by a pointer", async () => {
    const found = await patchedCalls(
      withParameters("struct folio *folio, int diff, int pages, struct vm_area_struct *vma, unsigned long *sum"),
    );
    expect(found["GATE_ADD_LARGE_MAPCOUNT"]).toBe(
      "folio_add_return_large_mapcount(folio, mappings, pages, vma, &(unsigned long){ 0 })",
    );
  });

  test.each([
    ["two numbers of which none counts pages", "struct folio *folio, int one, int diff, struct vm_area_struct *vma"],
    ["two that both may", "struct folio *folio, int pages, int mapped_pages, struct vm_area_struct *vma"],
    ["three numbers", "struct folio *folio, int pages, int diff, int more, struct vm_area_struct *vma"],
    ["something unknown", "struct folio *folio, int pages, int diff, struct mm_struct *mm"],
  ])("not at all, when they are told %s: the tree is refused", async (_, parameters) => {
    const found = patchedCalls(withParameters(parameters));
    await expect(found).rejects.toThrow(TreeError);
    await expect(found).rejects.toThrow(
      /^folio_add_return_large_mapcount\(\) at include\/linux\/rmap\.h:\d+ .*this gate/,
    );
  });
});
