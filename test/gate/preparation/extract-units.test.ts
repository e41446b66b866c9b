import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileC } from "../../../gate/compile/clang.ts";
import { extractUnits, TreeError } from "../../../gate/preparation/extract-units.ts";
import { configurationOf, GATE_CONFIGURATIONS } from "../../../gate/unit/configurations.ts";
import type { ExtractedFunction, TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { added, type Change, instead, OWN_KERNEL, treeWith } from "../tree-copy.ts";

const RMAP_H = "include/linux/rmap.h";
const RMAP_C = "mm/rmap.c";
const MM_H = "include/linux/mm.h";
const FLAGS_H = "include/linux/page-flags.h";

const PLAIN = "page-mapcount,64bit,mm-id";

async function unitOf(changes: readonly Change[], config: string = PLAIN): Promise<TranslationUnit> {
  const [unit] = await extractUnits({ tree: treeWith(changes), configurations: [configurationOf(config)] });
  return unit as TranslationUnit;
}

/** Returns the status of each function that is not unchanged. */
const changes = ({ functions }: TranslationUnit): Record<string, ExtractedFunction["status"]> =>
  Object.fromEntries(
    functions.filter(({ status }) => status !== "unchanged").map(({ name, status }) => [name, status]),
  );

/** Text in folio_average_page_mapcount() of the test kernel. */
const FIRST_LINES = "const int mapcount = folio_mapcount(folio);\n\tint entire";

describe("extractUnits() on the test kernel", () => {
  test("extracts one unit per configuration, with every function that the configuration has", async () => {
    const units = await extractUnits({
      tree: OWN_KERNEL,
      configurations: GATE_CONFIGURATIONS.map((words) => configurationOf(words)),
    });
    expect(
      units.map(({ functions }) => functions.filter(({ status }) => status === "missing").map(({ name }) => name)),
    ).toEqual(
      GATE_CONFIGURATIONS.map((words) =>
        words.includes("no-mm-id")
          ? [
              "folio_dup_file_rmap_pmd",
              "folio_try_dup_anon_rmap_pmd",
              "folio_try_share_anon_rmap_pmd",
              "__wp_can_reuse_large_anon_folio",
              "deferred_split_folio",
            ]
          : [],
      ),
    );
    expect(units[0]?.functions.find(({ name }) => name === "folio_mapcount")).toEqual({
      name: "folio_mapcount",
      file: MM_H,
      line: 30,
      status: "unchanged",
      changes: [],
    });
  });

  test("does not change the lines of functions", async () => {
    const { source } = await unitOf([]);
    expect(source).toContain(
      '\n#line 11 "fs/proc/internal.h"\nstatic inline int folio_average_page_mapcount(struct folio *folio)\n{',
    );
    expect(source).toContain(
      "\taverage = entire + (mapcount - entire + pages / 2) / pages;\n\treturn average ? average : 1;\n}",
    );
  });

  test("removes code that is inactive in the configuration", async () => {
    const [with32, with64] = await Promise.all([unitOf([], "page-mapcount,32bit,mm-id"), unitOf([])]);
    expect(with32.source).toContain("typedef short mm_id_mapcount_t;");
    expect(with64.source).toContain("typedef int mm_id_mapcount_t;");
    expect(with64.source).not.toContain("typedef short mm_id_mapcount_t;");
  });

  test("lists every warning site", async () => {
    const { warnings } = await unitOf([]);
    expect(warnings).toContainEqual({
      id: expect.any(Number),
      file: "mm/memory.c",
      line: 26,
      text: "VM_WARN_ON_ONCE(folio_entire_mapcount(folio))",
    });
    // A site over two lines is reported by its first line; __LINE__ is the last.
    const text = await unitOf([
      instead(
        "mm/memory.c",
        "VM_WARN_ON_ONCE(folio_entire_mapcount(folio));",
        "VM_WARN_ON_ONCE(\n\t\t\tfolio_entire_mapcount(folio));",
      ),
    ]);
    expect(text.warnings.find(({ text: each }) => each.includes("folio_entire_mapcount(folio))"))?.line).toBe(26);
    expect(text.source).toMatch(/gate_site_\d+_27 = /);
    expect(warnings.map(({ id }) => id)).toEqual(warnings.map((_, i) => i + 1));
    expect(warnings.filter(({ text }) => text.startsWith("bad_page("))).toHaveLength(2);
    expect(warnings.filter(({ text }) => /bit_spin_(?:un)?lock/.test(text))).toHaveLength(2);
  });
});

describe("the dependency closure", () => {
  test("contains used macros, typedefs, enums, structs, variables and functions, and no unused ones", async () => {
    const { source } = await unitOf([
      added(
        FLAGS_H,
        [
          "enum gate_test_kind { KIND_A = 3, KIND_B };",
          "typedef struct { enum gate_test_kind kind; } kind_box_t;",
          "struct kinds { kind_box_t exchange[KIND_B]; struct kinds *next; };",
          "#define FIRST_KIND(kinds) ((kinds)->exchange[0].kind + EXTRA_KIND)",
          "#define EXTRA_KIND KIND_A",
          "static const struct kinds all_kinds;",
          "static int kind_of_all(void) { return FIRST_KIND(&all_kinds); }",
          "static int nobody_needs_this(void) { return 0; }",
        ].join("\n"),
      ),
      instead(
        "fs/proc/internal.h",
        FIRST_LINES,
        `const int mapcount = folio_mapcount(folio) + 0 * kind_of_all();\n\tint entire`,
      ),
    ]);
    for (const expected of [
      "kind_of_all(void)",
      "#define EXTRA_KIND KIND_A",
      "struct kinds {",
      "static const struct kinds all_kinds;",
    ]) {
      expect(source).toContain(expected);
    }
    expect(source).not.toContain("nobody_needs_this");
    // The order must be one that a compiler accepts.
    await expect(
      compileC({ text: `${source}\n${DECLARED}`, configuration: configurationOf(PLAIN), instrumented: false }),
    ).resolves.toBeDefined();
  });

  test("contains functions that a macro generates, by their generated names", async () => {
    const { source, functions } = await unitOf([
      instead(
        FLAGS_H,
        "static inline bool folio_test_large(const struct folio *folio)\n{\n\treturn page_flag(&folio->page, PG_head);\n}\n",
        [
          "#define TEST_ONE(name, where) \\",
          "static inline bool folio_test_##name(const struct folio *folio) \\",
          "{ return page_flag(where(folio), PG_##name); }",
          "#define TEST_BOTH(name, other, where) TEST_ONE(name, where) \\",
          "\tTEST_ONE(other, where)",
          "#define PG_large PG_head",
          "#define HEAD_OF(folio) (&(folio)->page)",
          "TEST_BOTH(large, locked, HEAD_OF)",
          "",
        ].join("\n"),
      ),
    ]);
    expect(functions.every(({ status }) => status === "unchanged")).toBe(true);
    expect(source).toMatch(
      /static inline bool folio_test_large\(const struct folio \*folio\) +\{ gate_ran_\w+ \|?= !?\w+; +return page_flag\(HEAD_OF\(folio\), PG_large\); \}/,
    );
    expect(source).not.toContain("folio_test_locked(");
  });

  test("contains only the used fields of mm_struct, also those in unnamed structs and unions", async () => {
    const { source } = await unitOf([
      instead(
        "include/linux/mm_types.h",
        "struct mm_struct {\n",
        "struct mm_struct {\n\tstruct { union { long wanted_field; char unwanted[9]; }; struct elsewhere far_away; };\n",
      ),
      instead(
        "fs/proc/internal.h",
        FIRST_LINES,
        "const int mapcount = folio_mapcount(folio) + 0 * (int)((struct mm_struct *)0)->wanted_field;\n\tint entire",
      ),
    ]);
    expect(source).toMatch(/struct \{\s+union \{\s+long wanted_field;\s+\};\s+\};/);
    expect(source).not.toMatch(/unwanted|far_away/);
  });
});

describe("a name that is defined more than once", () => {
  const PROC = "fs/proc/internal.h";
  const AVERAGE = instead(PROC, FIRST_LINES, `const int mapcount = folio_mapcount(folio) + bias(1);\n\tint entire`);
  const MEMORY = instead(
    "mm/memory.c",
    "VM_WARN_ON_ONCE(folio_entire_mapcount(folio));",
    "VM_WARN_ON_ONCE(folio_entire_mapcount(folio) + bias(1) - bias(1));",
  );
  const onTop = (file: string, text: string): Change => [file, (whole) => `${text}\n${whole}`];
  const functionOf = (value: number): string => `static inline int bias(int n) { return ${value} * n; }`;

  const sourceOf = async (edits: readonly Change[]): Promise<string> => (await unitOf(edits)).source;

  test("is resolved in the user's file first, then in headers, then in other files", async () => {
    expect(await sourceOf([onTop("mm/rmap.c", functionOf(7)), onTop(PROC, functionOf(1)), AVERAGE])).toContain("1 * n");
    expect(await sourceOf([onTop(MM_H, functionOf(1)), onTop("mm/memory.c", functionOf(7)), MEMORY])).toContain(
      "7 * n",
    );
    expect(await sourceOf([onTop("mm/rmap.c", functionOf(7)), added(MM_H, functionOf(1)), MEMORY])).toContain("1 * n");
    expect(await sourceOf([onTop("mm/rmap.c", functionOf(7)), AVERAGE])).toContain("7 * n");
  });

  test("is resolved to the macro that is active at its use", async () => {
    const twice = "#define bias(n) (0 * (n))\n#undef bias\n#define bias(n) (5 * (n))";
    const later = added(PROC, "#undef bias\n#define bias(n) (9 * (n))");
    const source = await sourceOf([onTop(PROC, twice), AVERAGE, later]);
    expect(source).toContain("#define bias(n) (5 * (n))");
    expect(source).not.toMatch(/\(0 \* \(n\)\)|\(9 \* \(n\)\)/);
    const hidden = await sourceOf([
      onTop("mm/memory.c", "#define bias(n) (5 * (n))"),
      onTop(MM_H, functionOf(1)),
      MEMORY,
    ]);
    expect(hidden).toContain("(5 * (n))");
  });

  test.each([
    [
      "two functions use different definitions",
      [onTop("mm/memory.c", functionOf(7)), onTop(PROC, functionOf(1)), AVERAGE, MEMORY],
    ],
    [
      "the definition is ambiguous",
      [onTop("mm/rmap.c", functionOf(7)), onTop("mm/page_alloc.c", functionOf(1)), AVERAGE],
    ],
    [
      "a macro that it uses is redefined",
      [onTop(PROC, "#define ONE 1\n#define bias(n) (ONE * (n))\n#undef ONE\n#define ONE 3"), AVERAGE],
    ],
  ] as const)("is rejected with the places if %s", async (_, edits) => {
    await expect(unitOf(edits)).rejects.toThrow(TreeError);
    await expect(unitOf(edits)).rejects.toThrow(
      /^[^\n]* defines \w+ at [\w/.]+:\d+ and [\w/.]+:\d+, and functions in scope use more than one of these[^\n]*; nothing was checked$/,
    );
  });

  test("is accepted if its definitions have the same text", async () => {
    await expect(
      unitOf([onTop("mm/memory.c", functionOf(7)), onTop(PROC, functionOf(7)), AVERAGE, MEMORY]),
    ).resolves.toBeDefined();
  });

  test("is generated by the macro of the user's file", async () => {
    const maker = (value: number): string =>
      `#define MAKE(name) static inline int name(int n) { return ${value} * n; }`;
    const source = await sourceOf([
      onTop("mm/rmap.c", maker(7)),
      onTop(FLAGS_H, maker(3)),
      onTop(PROC, `${maker(1)}\nMAKE(bias)`),
      AVERAGE,
    ]);
    expect(source).toMatch(/\{ gate_ran_\w+ = 1; +return 1 \* n; \}/);
  });

  test("is not resolved to a macro of the base's headers", async () => {
    const uses = onTop(PROC, "MAKE(bias)");
    const maker = (value: number): Change =>
      onTop(FLAGS_H, `#define MAKE(name) static inline int name(int n) { return ${value} * n; }`);
    const [unit] = await extractUnits({
      tree: treeWith([uses, AVERAGE, maker(2)]),
      base: treeWith([uses, AVERAGE, maker(1)]),
      configurations: [configurationOf(PLAIN)],
    });
    expect(changes(unit as TranslationUnit)).toEqual({ bias: "changed" });
  });
});

/** Definitions of the harness that a unit only declares. */
const DECLARED =
  "int gate_warning; long gate_stats[64]; unsigned gate_hpage_pmd_order; struct deferred_split gate_deferred_split; bool folio_free_swap(struct folio *folio) { return 0; }";

describe("a name outside of the files of the manifest", () => {
  const PROC = "fs/proc/internal.h";
  const USE = instead(
    PROC,
    FIRST_LINES,
    "const int mapcount = folio_mapcount(folio) + 0 * guess(GUESS);\n\tint entire",
  );
  const HEADER = "#define GUESS 3\nstatic inline int guess(int n) { return n; }\n";
  const patchOf = (file: string, text: string): { name: string; text: string } => {
    const lines = text.trimEnd().split("\n");
    const added = lines.map((line) => `+${line}\n`).join("");
    return { name: "my.patch", text: `--- /dev/null\n+++ b/${file}\n@@ -0,0 +1,${lines.length} @@\n${added}` };
  };

  test.each(["include/linux/guess.h", "mm/guess.c", "mm/guess.h"])(
    "is found in a file that the patch adds: %s",
    async (file) => {
      const [unit] = await extractUnits({
        tree: treeWith([USE]),
        patch: patchOf(file, HEADER),
        configurations: [configurationOf(PLAIN)],
      });
      expect(unit?.source).toContain(`#line 2 "${file}"\nstatic inline int guess(int n)`);
      expect(unit?.source).toContain("#define GUESS 3");
      expect(unit?.change).toMatchObject({ uncovered: [], isInUnit: true });
    },
  );

  test("is found in a header only if a file includes it", async () => {
    const header: Change = ["include/linux/guess.h", () => HEADER];
    const include: Change = [PROC, (text) => `#include <linux/guess.h>\n${text}`];
    expect((await unitOf([USE, header, include])).source).toContain("static inline int guess(int n)");
    await expect(unitOf([USE, header])).rejects.toThrow(
      /guess, which folio_average_page_mapcount at [^\n]* is not in the files that are read and has no stub; nothing was checked\. The gate reads /,
    );
  });

  test("is found in the file to which a patch moves a function in scope", async () => {
    const text = `diff --git a/mm/rmap.c b/mm/core.c\nsimilarity index 100%\nrename from mm/rmap.c\nrename to mm/core.c\n`;
    const [unit] = await extractUnits({
      tree: OWN_KERNEL,
      patch: { name: "my.patch", text },
      configurations: [configurationOf(PLAIN)],
    });
    const moved = unit?.functions.find(({ name }) => name === "folio_add_file_rmap_ptes");
    expect(moved).toMatchObject({ file: "mm/core.c", status: "unchanged" });
    expect(unit?.change).toEqual({ functions: [], lines: [], uncovered: [], isInUnit: false, notApplied: [] });
  });
});

describe("a tree that cannot be gated", () => {
  const message = async (edits: readonly Change[], config: string = PLAIN): Promise<string> => {
    try {
      await unitOf(edits, config);
    } catch (error) {
      expect(error).toBeInstanceOf(TreeError);
      return (error as Error).message;
    }
    return "no error";
  };

  test("is rejected with the name of an undefined function and of its user", async () => {
    const text = await message([
      instead("fs/proc/internal.h", FIRST_LINES, "const int mapcount = folio_guess(folio);\n\tint entire"),
    ]);
    expect(text).toContain(
      "folio_guess, which folio_average_page_mapcount at fs/proc/internal.h:11 uses, is not in the files that are read and has no stub",
    );
    expect(text).not.toContain("\n");
  });

  test("is rejected with a hint if a function is only declared", async () => {
    const text = await message([
      added(MM_H, "int folio_guess(struct folio *folio);"),
      instead("fs/proc/internal.h", FIRST_LINES, "const int mapcount = folio_guess(folio);\n\tint entire"),
    ]);
    expect(text).toContain("is only declared in the files that are read and has no stub");
  });

  test("is rejected with the name of an undefined type", async () => {
    const text = await message([
      instead("fs/proc/internal.h", FIRST_LINES, "const count_t mapcount = folio_mapcount(folio);\n\tint entire"),
    ]);
    expect(text).toContain("count_t, which folio_average_page_mapcount at");
  });

  test("is accepted if undefined names are in inactive code only", async () => {
    const edit = instead(
      "fs/proc/internal.h",
      FIRST_LINES,
      "\n#ifndef CONFIG_64BIT\n\tfolio_guess(folio);\n#endif\n\tconst int mapcount = folio_mapcount(folio);\n\tint entire",
    );
    expect(await message([edit])).toBe("no error");
    expect(await message([edit], "page-mapcount,32bit,mm-id")).toContain("folio_guess");
  });

  test("is rejected with the place of a function that the C parser cannot read", async () => {
    const strange = instead(RMAP_C, "static void account(", "#define my_attr(n)\nstatic my_attr(1) void account(");
    expect(await message([strange])).toMatch(
      /account, which \w+ at mm\/rmap\.c:\d+ uses, is at mm\/rmap\.c:4 in a form that the C parser does not read/,
    );
  });

  describe("static state", () => {
    const PROC = "fs/proc/internal.h";
    const inside = (text: string): Change =>
      instead(PROC, FIRST_LINES, `const int mapcount = folio_mapcount(folio);\n\t${text}\n\tint entire`);
    const outside = (text: string): Change => [PROC, (whole) => `${text}\n${whole}`];

    test.each([
      [
        "a static variable",
        [inside("static int calls;\n\tcalls++;")],
        'fs/proc/internal.h:14 defines or writes the variable "calls"',
      ],
      [
        "a static pointer to a constant",
        [inside("static const char *calls;")],
        'defines or writes the variable "calls"',
      ],
      [
        "an incremented global variable",
        [outside("static int calls;"), inside("calls++;")],
        'fs/proc/internal.h:15 defines or writes the variable "calls"',
      ],
      [
        "an assigned global variable",
        [outside("static int calls;"), inside("calls = mapcount;")],
        'defines or writes the variable "calls"',
      ],
      [
        "an assigned part of a global variable",
        [outside("static struct { int n[2]; } calls;"), inside("calls.n[1] += 1;")],
        'defines or writes the variable "calls"',
      ],
      [
        "a global variable whose address is taken",
        [outside("static atomic_t calls;"), inside("atomic_inc(&calls);")],
        'defines or writes the variable "calls"',
      ],
      [
        "a global array passed to a function",
        [outside("static int calls[2];\nstatic inline void count(int *n) { ++*n; }"), inside("count(calls);")],
        'fs/proc/internal.h:16 defines or writes the variable "calls"',
      ],
      [
        "a global variable passed to a macro",
        [outside("static int calls;"), inside("WRITE_ONCE(calls, 1);")],
        'defines or writes the variable "calls"',
      ],
      [
        "a static variable in a macro",
        [outside("#define COUNT() ({ static int calls; calls++; })"), inside("COUNT();")],
        'COUNT at fs/proc/internal.h:1 defines or writes the variable "calls"',
      ],
      [
        "a global variable written by a macro",
        [outside("static int calls;\n#define COUNT() (calls++)"), inside("COUNT();")],
        'COUNT at fs/proc/internal.h:2 defines or writes the variable "calls"',
      ],
    ] as const)("is rejected: %s", async (_, edits, where) => {
      const text = await message(edits);
      expect(text).toContain("has C code with static state: ");
      expect(text).toContain(where);
      expect(text).toMatch(/^[^\n]*state outside of the struct pages is not supported; nothing was checked$/);
    });

    test.each([
      ["a constant", [inside("static const int calls = 1;")]],
      ["a constant pointer", [inside("static const char *const calls;")]],
      ["a variable that is only read", [outside("static int calls = 1;"), inside("int a = calls + READ_ONCE(calls);")]],
      ["a local variable of the same name", [outside("static int calls = 1;"), inside("int calls;\n\tcalls = 1;")]],
    ] as const)("does not include %s", async (_, edits) => {
      expect(await message(edits)).toBe("no error");
    });

    test("does not include an extern variable, which is reported as undefined", async () => {
      expect(await message([outside("extern int calls;"), inside("int a = calls;")])).toContain(
        "calls, which folio_average_page_mapcount at fs/proc/internal.h:12 uses, is only declared in the files that are read",
      );
    });
  });

  test("is rejected as unknown if a function in scope has another name", async () => {
    const text = await message([
      instead("fs/proc/internal.h", "int folio_average_page_mapcount(", "int folio_mean_page_mapcount("),
    ]);
    expect(text).toContain(
      "is a tree that this gate does not know: it has no folio_average_page_mapcount() (in 6.18 in fs/proc/internal.h)",
    );
    expect(text).toContain("nothing was checked");
  });

  test("is rejected as older than 6.15 if it has no MM owner tracking", async () => {
    const text = await message([[RMAP_H, (text) => text.replaceAll("_return_large_mapcount", "_return_mapcount")]]);
    expect(text).toContain("has no MM owner tracking of large folios");
    expect(text).toContain("Linux 6.15; nothing was checked");
  });

  test("is rejected if an #if has no #endif", async () => {
    expect(await message([added(RMAP_C, "#ifdef CONFIG_MMU")])).toBe("mm/rmap.c: 1 of its #if have no #endif");
  });
});

describe("comparison with a base", () => {
  const against = async (edits: readonly Change[]): Promise<Record<string, string>> => {
    const [unit] = await extractUnits({
      tree: treeWith(edits),
      base: OWN_KERNEL,
      configurations: [configurationOf(PLAIN)],
    });
    return changes(unit as TranslationUnit);
  };

  /** Returns the changed lines of a function, as `file:first-last`. */
  const linesOf = async (name: string, edits: readonly Change[]): Promise<string[]> => {
    const [unit] = await extractUnits({
      tree: treeWith(edits),
      base: OWN_KERNEL,
      configurations: [configurationOf(PLAIN)],
    });
    const entry = unit?.functions.find((each) => each.name === name);
    return (entry?.changes ?? []).map(({ file, line, endLine }) => `${file}:${line}-${endLine}`);
  };

  describe("the changed lines of a function", () => {
    const PROC = "fs/proc/internal.h";
    const AVERAGE = "folio_average_page_mapcount";
    const SMALL = "\tif (!folio_test_large(folio))\n\t\treturn mapcount;\n";

    test("are lines of the tree, not of the base", async () => {
      const edits = [
        instead(PROC, "\tint entire, average, pages;\n", "\tint entire, average, pages;\n\n\tbarrier_of_ours();\n"),
        instead(PROC, "/* Mapcounts for /proc", "#define barrier_of_ours() do { } while (0)\n/* Mapcounts for /proc"),
        instead(PROC, "return average ? average : 1;", "return average;"),
      ];
      expect(await linesOf(AVERAGE, edits)).toEqual([`${PROC}:17-17`, `${PROC}:28-28`, `${PROC}:1-1`]);
    });

    test("are the line in place of removed lines", async () => {
      expect(await linesOf(AVERAGE, [instead(PROC, SMALL, "")])).toEqual([`${PROC}:18-18`]);
      const last = instead(PROC, "\treturn average ? average : 1;\n", "");
      expect(await linesOf(AVERAGE, [last])).toEqual([`${PROC}:25-25`]);
    });

    test("do not include changes of comments and indentation only", async () => {
      const edits = [
        instead(
          PROC,
          "\tpages = folio_large_nr_pages(folio);",
          "\t/* all\n\t   of it */\n\t  pages = folio_large_nr_pages(folio);",
        ),
        instead(PROC, "return average ? average : 1;", "return average;"),
      ];
      expect(await linesOf(AVERAGE, edits)).toEqual([`${PROC}:27-27`]);
    });

    test("are only the changed ones if the function was moved", async () => {
      const { length } = readFileSync(join(OWN_KERNEL, MM_H), "utf8").split("\n");
      const body = /static inline int folio_average_page_mapcount[\s\S]*?\n}\n/;
      const moved = body.exec(readFileSync(join(OWN_KERNEL, PROC), "utf8"))?.[0] ?? "";
      const edits = [instead(PROC, body, ""), added(MM_H, moved.replace("average ? average : 1", "average"))];
      expect(await linesOf(AVERAGE, edits)).toEqual([`${MM_H}:${length + 15}-${length + 15}`]);
    });

    test("are all of its lines if it is new", async () => {
      const edits = [
        instead(RMAP_C, "static void account(", "static int no_pages(void)\n{\n\treturn 0;\n}\n\nstatic void account("),
        instead(RMAP_C, "\tif (pmd_pages)\n", "\tif (pmd_pages != no_pages())\n"),
      ];
      expect(await linesOf("no_pages", edits)).toEqual([`${RMAP_C}:3-6`]);
      expect(await linesOf("account", edits)).toEqual([`${RMAP_C}:14-14`]);
    });

    test("include those of a changed macro or type that it uses", async () => {
      const types = "include/linux/mm_types.h";
      const macro = instead(types, "#define ENTIRELY_MAPPED 0x800000", "#define ENTIRELY_MAPPED \\\n\t0x400000");
      expect(await linesOf("add_ptes", [macro])).toEqual([`${types}:22-23`]);
      expect(await linesOf(AVERAGE, [macro])).toEqual([]);
      const field = instead(types, "atomic_t _large_mapcount;", "atomic_t _new_count;\n\tatomic_t _large_mapcount;");
      const where = await linesOf("folio_add_return_large_mapcount", [field]);
      expect(where).toEqual([expect.stringMatching(/mm_types\.h:\d+-\d+$/)]);
      expect(await linesOf(AVERAGE, [field])).toEqual([]);
      const flag = instead("include/linux/page-flags.h", "PG_locked = 8", "PG_locked = 9");
      expect(await linesOf("folio_test_large", [flag])).toEqual(["include/linux/page-flags.h:5-5"]);
    });

    test("are none without a base", async () => {
      const [unit] = await extractUnits({ tree: OWN_KERNEL, configurations: [configurationOf(PLAIN)] });
      expect(unit?.functions.flatMap(({ changes: ranges }) => ranges)).toEqual([]);
    });
  });

  test("ignores comments and white space", async () => {
    expect(
      await against([
        instead(
          "fs/proc/internal.h",
          FIRST_LINES,
          "const  int mapcount = /* all */ folio_mapcount(folio);\n\n\tint entire",
        ),
      ]),
    ).toEqual({});
  });

  test("reports a function as changed if its text has changed", async () => {
    expect(await against([instead("fs/proc/internal.h", "return average ? average : 1;", "return average;")])).toEqual({
      folio_average_page_mapcount: "changed",
    });
  });

  test("reports changed and new functions that are not in scope", async () => {
    expect(
      await against([
        instead(RMAP_C, "static void account(", "static int no_pages(void) { return 0; }\nstatic void account("),
        instead(RMAP_C, "\tif (pmd_pages)\n", "\tif (pmd_pages != no_pages())\n"),
      ]),
    ).toEqual({ account: "changed", no_pages: "new" });
  });

  test("reports functions as changed if a macro that they use has changed", async () => {
    const statuses = await against([instead(RMAP_H, "#define RMAP_EXCLUSIVE 1", "#define RMAP_EXCLUSIVE 2")]);
    expect(statuses).toEqual({ add_anon: "changed", folio_add_new_anon_rmap: "changed" });
  });

  test("uses the tree without the patch as the base of a patch", async () => {
    const text =
      "--- a/fs/proc/internal.h\n+++ b/fs/proc/internal.h\n@@ -23,3 +23,3 @@\n \taverage = entire + (mapcount - entire + pages / 2) / pages;\n-\treturn average ? average : 1;\n+\treturn average;\n }\n";
    const patch = { name: "my.patch", text };
    const [unit] = await extractUnits({ tree: OWN_KERNEL, patch, configurations: [configurationOf(PLAIN)] });
    expect(changes(unit as TranslationUnit)).toEqual({ folio_average_page_mapcount: "changed" });
    expect(unit?.source).toContain("\treturn average;\n}");
  });
});
