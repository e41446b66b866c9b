import { beforeAll, describe, expect, test } from "vitest";
import { reportOf } from "../../../gate/layout/check-layout.ts";
import { layoutFaults, restOverlays, unknownFields } from "../../../gate/layout/folio-layout.ts";
import { LAYOUT_VARIANTS, type Layout, measureLayout, TARGETS } from "../../../gate/layout/measure.ts";
import { type CParser, cParser } from "../../../gate/tree/c-parser.ts";
import { ParsedFiles } from "../../../gate/tree/kernel-sources.ts";
import { kernelTree } from "../../../gate/tree/kernel-tree.ts";
import { layoutFaultText } from "../../../report/text/layout-fault.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import { added, type Change, instead, treeWith } from "../tree-copy.ts";

const TYPES = "include/linux/mm_types.h";
const [X86_64, I386, ARM64, PPC64LE, S390X] = TARGETS;

let parser: CParser;

beforeAll(async () => {
  parser = await cParser();
});

async function layout(changes: readonly Change[], target = X86_64, variant = LAYOUT_VARIANTS[0]): Promise<Layout> {
  if (target === undefined || variant === undefined) {
    throw new Error("no such target or variant");
  }
  return measureLayout(kernelTree(treeWith(changes)), target, variant, parser, new ParsedFiles(parser));
}

const faults = async (changes: readonly Change[], target = X86_64): Promise<readonly string[]> =>
  layoutFaults(await layout(changes, target)).map(layoutFaultText);

describe("a compiler for another target", () => {
  test.each([
    [X86_64, 56, 8],
    [I386, 32, 4],
    [ARM64, 56, 8],
    [PPC64LE, 56, 8],
    [S390X, 56, 8],
  ])("measures the layout of the structs for %o", async (target, pageBytes, wordBytes) => {
    const measured = await layout([], target);
    expect(measured.pageBytes).toBe(pageBytes);
    expect(measured.page.get("compound_head")).toEqual({ offset: wordBytes, bytes: wordBytes });
    expect(measured.folio.get("_mm_ids")?.bytes).toBe(wordBytes);
    expect(measured.numbers.get("FOLIO_MM_IDS_SHARED_BITNUM")).toBe(wordBytes * 8 - 1);
  });
});

describe("C22 of the layout", () => {
  const IDS = "\t\t\tunion {\n\t\t\t\tmm_id_t _mm_id[2];\n\t\t\t\tunsigned long _mm_ids;\n\t\t\t};\n";

  test.each([X86_64, I386, S390X])("holds in the test kernel on %o", async (target) => {
    expect(restOverlays(await layout([], target))).toEqual([]);
  });

  test("is violated by a field that overlaps private of a tail page and is not 0 in an unmapped folio", async () => {
    const faults = restOverlays(await layout([instead(TYPES, IDS, `\t\t\tatomic_t _nr_pages;\n${IDS}`)]));
    const result = faults.map(layoutFaultText);
    expect(result).toContain(
      "large folio: _nr_pages (bytes 96 to 99) lies where page 1 has private, and is not 0 at rest",
    );
  });

  test("is violated by a field that overlaps _mapcount of a tail page and is not -1 in an unmapped folio", async () => {
    const moved = [instead(TYPES, "\t\t\tatomic_t _pincount;\n#endif\n\t\t\tmm_id_m", "#endif\n\t\t\tmm_id_m")];
    const faults = restOverlays(await layout([...moved, instead(TYPES, IDS, `${IDS}\t\t\tatomic_t _pincount;\n`)]));
    const result = faults.map(layoutFaultText);
    expect(result).toContain(
      "large folio: _pincount (bytes 104 to 107) lies where page 1 has _mapcount, and is not -1 at rest: a mapcount, or a page type",
    );
  });
});

describe("C21", () => {
  test.each([X86_64, I386, S390X])("holds in the test kernel on %o", async (target) => {
    expect(await faults([], target)).toEqual([]);
  });

  test("is violated by two fields of a large folio in one place", async () => {
    const result = await faults([
      instead(TYPES, "\t\t\tatomic_t _nr_pages_mapped;\n", ""),
      instead(
        TYPES,
        "\t\t\tatomic_t _large_mapcount;\n",
        "\t\t\tunion { atomic_t _large_mapcount, _nr_pages_mapped; };\n",
      ),
    ]);
    expect(result).toContain(
      "large folio: _large_mapcount (bytes 72 to 75) overlaps _nr_pages_mapped (bytes 72 to 75)",
    );
  });

  test("is violated by a field that overlaps the mapcount of the second page", async () => {
    const result = await faults([
      instead(TYPES, "\t\t\tunsigned long _head_1;\n", "\t\t\tunsigned long _head_1, filler[3];\n"),
    ]);
    expect(result).toContainEqual(
      expect.stringMatching(/^large folio: page\[1\]\._mapcount .* overlaps _entire_mapcount/),
    );
  });

  test("is violated by a field that overlaps the mapping of the fourth page, except for hugetlb folios", async () => {
    const result = await faults([
      instead(
        TYPES,
        "\t\t\tatomic_t _entire_mapcount;\n\t\t\tatomic_t _pincount;\n#endif\n\t\t\tmm_id",
        "\t\t\tatomic_t _entire_mapcount;\n#endif\n\t\t\tmm_id",
      ),
      instead(
        TYPES,
        "\t\tstruct page page_2;\n\t};\n};",
        "\t\tstruct page page_2;\n\t};\n\tunion {\n\t\tstruct {\n\t\t\tunsigned long _flags_3, _head_3, filler;\n\t\t\tatomic_t _pincount;\n\t\t};\n\t\tstruct page page_3;\n\t};\n};",
      ),
    ]);
    expect(result).toContainEqual(expect.stringMatching(/^large folio: page\[3\]\.mapping .* overlaps _pincount/));
    expect(result).not.toContainEqual(expect.stringMatching(/^hugetlb folio/));
  });

  test("is violated by a field of a folio of order 1 beyond its second page", async () => {
    const result = await faults([
      instead(TYPES, "\t\t\tmm_id_mapcount_t _mm_id_mapcount[2];\n", ""),
      instead(
        TYPES,
        "\t\t\tstruct list_head _deferred_list;\n",
        "\t\t\tstruct list_head _deferred_list;\n\t\t\tmm_id_mapcount_t _mm_id_mapcount[2];\n",
      ),
    ]);
    expect(result).toContainEqual(
      expect.stringMatching(/^folio of order 1: _mm_id_mapcount .* lies beyond its two struct pages$/),
    );
  });

  test("holds if the entire mapcount of 32-bit is beyond the second page: folios of order 1 do not use it", async () => {
    expect(await faults([], I386)).toEqual([]);
    expect((await layout([], I386)).folio.get("_entire_mapcount")?.offset).toBeGreaterThan(64);
  });

  test("includes the pincount of a folio of order 1 if there is room for it", async () => {
    const inSecondPage = instead(
      TYPES,
      "#ifdef CONFIG_64BIT\n\t\t\tatomic_t _entire_mapcount;\n\t\t\tatomic_t _pincount;\n#endif\n\t\t\tmm_id_mapcount_t _mm_id_mapcount[2];\n",
      "#ifdef CONFIG_64BIT\n\t\t\tatomic_t _entire_mapcount;\n#endif\n\t\t\tunion { atomic_t _pincount; mm_id_mapcount_t _mm_id_mapcount[2]; };\n",
    );
    const notInThird = instead(
      TYPES,
      "\t\t\tatomic_t _entire_mapcount;\n\t\t\tatomic_t _pincount;\n#endif\n\t\t};\n\t\tstruct page page_2",
      "\t\t\tatomic_t _entire_mapcount;\n#endif\n\t\t};\n\t\tstruct page page_2",
    );
    expect(await faults([inSecondPage, notInThird], I386)).toContainEqual(
      expect.stringMatching(/^folio of order 1: _pincount .* overlaps _mm_id_mapcount/),
    );
  });

  test("allows a field over mapcounts of tail pages only in a tree without page mapcounts", async () => {
    const overMapcount: readonly Change[] = [
      instead(TYPES, "\t\t\tatomic_t _large_mapcount;\n", ""),
      instead(
        TYPES,
        "\t\t\t\tunsigned long _mm_ids;\n\t\t\t};\n\t\t};\n\t\tstruct page page_1;",
        "\t\t\t\tunsigned long _mm_ids;\n\t\t\t};\n\t\t};\n\t\tstruct { char before[48]; atomic_t _large_mapcount; };\n\t\tstruct page page_1;",
      ),
    ];
    const withoutOption = ["mm/internal.h", "mm/rmap.c", "mm/page_alloc.c", "include/linux/rmap.h"].map(
      (file): Change => [file, (text) => text.replaceAll("CONFIG_PAGE_MAPCOUNT", "CONFIG_SOMETHING_ELSE")],
    );
    expect(await faults(overMapcount)).toContainEqual(
      expect.stringMatching(/^large folio: page\[1\]\._mapcount .* overlaps _large_mapcount/),
    );
    expect(await faults([...overMapcount, ...withoutOption])).toEqual([]);
  });

  test.each([
    [
      "the lock bit",
      "#define FOLIO_MM_IDS_LOCK_BITNUM MM_ID_BITS",
      "#define FOLIO_MM_IDS_LOCK_BITNUM (MM_ID_BITS - 1)",
      /^the lock bit, bit 30 of _mm_ids, is part of the id in slot 0$/,
    ],
    [
      "the shared bit",
      "(2 * MM_ID_BITS + 1)",
      "(2 * MM_ID_BITS)",
      /^the shared bit, bit 62 of _mm_ids, is part of the id in slot 1$/,
    ],
    [
      "the shared bit, as the lock",
      "(2 * MM_ID_BITS + 1)",
      "MM_ID_BITS",
      /^the lock and the shared bit are the same bit$/,
    ],
    [
      "the shared bit, outside of the word",
      "(2 * MM_ID_BITS + 1)",
      "64",
      /^the shared bit is bit 64 of a word of 64 bits$/,
    ],
  ])("is violated by %s in the wrong place", async (_, from, to, message) => {
    expect(await faults([instead(TYPES, from, to)])).toContainEqual(expect.stringMatching(message));
  });

  test("uses the lower half of the word as the id in slot 1 on big-endian targets", async () => {
    const lockInId = instead(
      TYPES,
      "#define FOLIO_MM_IDS_LOCK_BITNUM MM_ID_BITS",
      "#define FOLIO_MM_IDS_LOCK_BITNUM (MM_ID_BITS - 1)",
    );
    expect(await faults([lockInId], S390X)).toEqual(["the lock bit, bit 30 of _mm_ids, is part of the id in slot 1"]);
    expect(await faults([lockInId], PPC64LE)).toEqual(["the lock bit, bit 30 of _mm_ids, is part of the id in slot 0"]);
  });

  test("is violated by a field with another offset in struct page", async () => {
    const result = await faults([
      instead(
        TYPES,
        "\t\t\tunsigned long flags;\n\t\t\tunsigned long unused_first, unused_second;\n",
        "\t\t\tunsigned long unused_first, unused_second, flags;\n",
      ),
    ]);
    expect(result).toContain("flags is at byte 16 of struct folio, and at byte 0 of struct page");
  });

  test("is reported as not checked for an unknown field", async () => {
    const result = await layout([
      instead(TYPES, "\t\t\tatomic_t _large_mapcount;\n", "\t\t\tatomic_t _large_mapcount, _brand_new;\n"),
    ]);
    expect(unknownFields(result)).toContain("_brand_new");
    expect(reportOf(result).notChecked.map(notCheckedText)).toContain(
      "C21: it is not known which folios use _brand_new of struct folio",
    );
  });
});

/** Fields for hugetlb that overlap `mapping` of the fourth page, as in the series. */
const HUGETLB_FIELDS: readonly Change[] = [
  instead(
    TYPES,
    "\t\tstruct page page_2;\n\t};\n};",
    "\t\tstruct page page_2;\n\t};\n\tunion {\n\t\tstruct {\n\t\t\tunsigned long _flags_3, _head_3;\n\t\t\tvoid *_hugetlb_subpool, *_hugetlb_cgroup;\n\t\t};\n\t\tstruct page page_3;\n\t};\n};",
  ),
];

const resetting = (pages: number): Change => added("mm/hugetlb_vmemmap.c", `#define NR_RESET_STRUCT_PAGE ${pages}`);

describe("B3", () => {
  const check = async (changes: readonly Change[]) => {
    const { faults: all, notChecked } = reportOf(await layout(changes));
    return {
      texts: all.filter(({ claim }) => claim === "B3").map(({ fault }) => layoutFaultText(fault)),
      notChecked: notChecked.map(notCheckedText),
    };
  };

  test("is reported if three struct pages are reset and a field is in the fourth", async () => {
    expect((await check([...HUGETLB_FIELDS, resetting(3)])).texts).toEqual([
      "vmemmap of a hugetlb folio: allocate, optimiseVmemmap, restoreVmemmap, free leaves a stale field behind: NR_RESET_STRUCT_PAGE is 3, and a field of the folio lies where struct page 3 has its mapping",
    ]);
  });

  test("is not reported if four struct pages are reset", async () => {
    expect((await check([...HUGETLB_FIELDS, resetting(4)])).texts).toEqual([]);
  });

  test("is not reported if no field is in the fourth struct page", async () => {
    expect((await check([resetting(3)])).texts).toEqual([]);
  });

  test("is listed as not checked for a tree without NR_RESET_STRUCT_PAGE", async () => {
    expect((await check(HUGETLB_FIELDS)).notChecked).toContain(
      "B3: the tree has no NR_RESET_STRUCT_PAGE (mm/hugetlb_vmemmap.c)",
    );
  });
});

/** A count of pages that overlaps memcg_data of the second page. */
const PAGES_COUNT: readonly Change[] = [
  instead(
    TYPES,
    "\tatomic_t _mapcount;\n\tatomic_t _refcount;\n};",
    "\tatomic_t _mapcount;\n\tatomic_t _refcount;\n\tunsigned long memcg_data;\n};",
  ),
  instead(
    TYPES,
    "\t\t\tatomic_t _mapcount;\n\t\t\tatomic_t _refcount;\n\t\t};",
    "\t\t\tatomic_t _mapcount;\n\t\t\tatomic_t _refcount;\n\t\t\tunsigned long memcg_data;\n\t\t};",
  ),
  instead(
    TYPES,
    "\t\t\t\tunsigned long _mm_ids;\n\t\t\t};\n",
    "\t\t\t\tunsigned long _mm_ids;\n\t\t\t};\n\t\t\tatomic_t mapcount_1, refcount_1;\n\t\t\tunsigned int _nr_pages;\n",
  ),
];

const NR_PAGES_LEFT =
  "pages of an fsdax folio: makeLarge, resetPageByPage leaves a stale field behind: folio_reset_order() leaves _nr_pages, which lies where struct page 1 has its memcg_data";

describe("B4", () => {
  const check = async (changes: readonly Change[]) => {
    const { faults: all, notChecked } = reportOf(await layout(changes));
    return {
      texts: all.filter(({ claim }) => claim === "B4").map(({ fault }) => layoutFaultText(fault)),
      notChecked: notChecked.map(notCheckedText),
    };
  };

  const reset = (body: string): Change =>
    added("include/linux/mm.h", `static inline void folio_reset_order(struct folio *folio) { ${body} }`);

  test("is reported if folio_reset_order() does not clear _nr_pages", async () => {
    expect((await check([...PAGES_COUNT, reset("folio->_flags_1 = 0;")])).texts).toEqual([NR_PAGES_LEFT]);
  });

  test("is reported as fixed if folio_reset_order() clears _nr_pages", async () => {
    expect((await check([...PAGES_COUNT, reset("folio->_flags_1 = 0; folio->_nr_pages = 0;")])).texts).toEqual([]);
  });

  test.each([
    ["if (0) folio->_nr_pages = 0;", []],
    ["if (folio->_flags_1) { folio->_nr_pages = 0; }", []],
    ["folio->_nr_pages = folio->_flags_1;", []],
    ["folio->_nr_pages = 1;", [NR_PAGES_LEFT]],
  ])("is not reported as fixed by: %s", async (body, texts) => {
    const what = await check([...PAGES_COUNT, reset(body)]);
    expect(what.texts).toEqual(texts);
    const unclear =
      "B4: folio_reset_order() does not clear _nr_pages by a plain statement: it is not known when it does";
    expect(what.notChecked.filter((each) => each.startsWith("B4"))).toEqual(texts.length === 0 ? [unclear] : []);
  });

  test("is reported as fixed if folio_reset_order() clears _nr_pages after returning early for a small folio", async () => {
    const body = "if (!folio->_flags_1) return; folio->_nr_pages = 0;";
    expect(await check([...PAGES_COUNT, reset(body)])).toMatchObject({ texts: [] });
  });

  test("is not reported if no field overlaps memcg_data", async () => {
    expect(await check([])).toMatchObject({
      texts: [],
      notChecked: expect.not.arrayContaining([expect.stringMatching(/^B4/)]),
    });
  });

  test("is listed as not checked for a tree without folio_reset_order()", async () => {
    expect((await check(PAGES_COUNT)).notChecked).toContain(
      "B4: the tree has no folio_reset_order() (include/linux/mm.h)",
    );
  });
});
