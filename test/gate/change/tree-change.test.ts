import { describe, expect, test } from "vitest";
import { extractUnits } from "../../../gate/preparation/extract-units.ts";
import type { TreeChange } from "../../../gate/tree/changed-code.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { added, type Change, instead, OWN_KERNEL, treeWith } from "../tree-copy.ts";

const RMAP_C = "mm/rmap.c";
const PROC = "fs/proc/internal.h";
const TYPES = "include/linux/mm_types.h";
const AVERAGE = "return average ? average : 1;";

const BOTH = ["page-mapcount,64bit,mm-id", "no-page-mapcount,32bit,mm-id"];

async function changeOf(edits: readonly Change[], from: readonly Change[] = [], words = BOTH): Promise<TreeChange> {
  const units = await extractUnits({
    tree: treeWith([...from, ...edits]),
    base: from.length === 0 ? OWN_KERNEL : treeWith(from),
    configurations: words.map((each) => configurationOf(each)),
  });
  const [first, second] = units;
  expect(second?.change ?? first?.change).toBe(first?.change);
  return first?.change as TreeChange;
}

/** Formats the lines that are not checked: `fs/proc/internal.h:3-5 nothing in scope uses it`. */
const uncheckedLines = ({ uncovered }: TreeChange): string[] =>
  uncovered.map(({ file, line, endLine, why }) => `${file}:${line}-${endLine} ${why}`);

const SPARE = "static int nobody_calls_this(int n)\n{\n\tint a = n;\n\n\n\n\n\n\treturn a;\n}";

describe("treeChange() reports as not checked", () => {
  test("no lines if all are in units", async () => {
    const change = await changeOf([instead(PROC, AVERAGE, "return average;"), instead(TYPES, "0x800000", "0x400000")]);
    expect(change).toMatchObject({ uncovered: [], isInUnit: true, notApplied: [] });
  });

  test("no lines if only comments differ, and has no result without a base", async () => {
    const [unit] = await extractUnits({ tree: OWN_KERNEL, configurations: [configurationOf(BOTH[0] as string)] });
    expect(unit?.change).toBeUndefined();
    const comment = instead(PROC, AVERAGE, `/* never none */\n\n\t${AVERAGE}`);
    expect(await changeOf([comment, added(RMAP_C, "#include <linux/mm.h>")])).toEqual({
      functions: [],
      lines: [],
      uncovered: [],
      isInUnit: false,
      notApplied: [],
      folders: ["include/linux", "mm", "fs/proc"],
    });
  });

  test("a function that nothing in scope uses, as one range", async () => {
    const change = await changeOf(
      [instead(RMAP_C, "int a = n;", "int a = n + 1;"), instead(RMAP_C, "return a;", "return a + 1;")],
      [[RMAP_C, (text) => `${SPARE}\n${text}`]],
    );
    expect(uncheckedLines(change)).toEqual([`${RMAP_C}:3-9 nothing in scope uses nobody_calls_this()`]);
    expect(change.isInUnit).toBe(false);
  });

  test("lines that are inactive in every configuration, and not those that are active in one", async () => {
    const lines = (option: string): Change =>
      instead(PROC, AVERAGE, `\n#ifdef ${option}\n\taverage++;\n#endif\n\t${AVERAGE}`);
    const unknown = await changeOf([lines("CONFIG_SOMETHING_NEW")]);
    expect(uncheckedLines(unknown)).toEqual([`${PROC}:27-27 no configuration here has it`]);
    expect(unknown.isInUnit).toBe(false);
    expect(await changeOf([lines("CONFIG_64BIT")])).toMatchObject({ uncovered: [], isInUnit: true, notApplied: [] });
    expect(uncheckedLines(await changeOf([lines("CONFIG_64BIT")], [], [BOTH[1] as string]))).toEqual([
      `${PROC}:27-27 no configuration here has it`,
    ]);
  });

  test("lines that use an option that is off in every configuration", async () => {
    const change = await changeOf([
      instead(PROC, AVERAGE, `if (IS_ENABLED(CONFIG_KSM))\n\t\taverage++;\n\t${AVERAGE}`),
    ]);
    expect(uncheckedLines(change)).toEqual([
      `${PROC}:25-25 it asks for CONFIG_KSM, which is off in every configuration`,
    ]);
    const known = instead(PROC, AVERAGE, `if (IS_ENABLED(CONFIG_64BIT))\n\t\taverage++;\n\t${AVERAGE}`);
    expect(uncheckedLines(await changeOf([known]))).toEqual([]);
  });

  test("a function that a stub replaces", async () => {
    const own = "static void munlock_vma_folio(int folio, int vma) { }";
    const change = await changeOf([instead(RMAP_C, "{ }", "{ folio = vma; }")], [added(RMAP_C, own)]);
    expect(uncheckedLines(change)).toEqual([
      expect.stringMatching(/^mm\/rmap\.c:\d+-\d+ a stub replaces munlock_vma_folio\(\)$/),
    ]);
  });

  test("an unused field of a reduced struct, and not a used one", async () => {
    const field = (name: string): Change =>
      instead(TYPES, "struct mm_struct {\n", `struct mm_struct {\n\tlong ${name};\n`);
    expect(uncheckedLines(await changeOf([field("nobody_wants_it")]))).toEqual([
      expect.stringMatching(/ nothing in scope uses struct mm_struct$/),
    ]);
    const uses = instead(PROC, AVERAGE, "return average + (int)((struct mm_struct *)0)->wanted;");
    expect(uncheckedLines(await changeOf([field("wanted"), uses]))).toEqual([]);
  });

  test("the place of a removed function that nothing in scope used", async () => {
    const from: Change[] = [[RMAP_C, (text) => `${SPARE}\n${text}`]];
    const change = await changeOf([instead(RMAP_C, SPARE, "")], from);
    expect(uncheckedLines(change)).toEqual([
      expect.stringMatching(/^mm\/rmap\.c:1-\d nothing in scope used what was there$/),
    ]);
    expect(change.isInUnit).toBe(false);
    const used = await changeOf([instead(PROC, "\tif (!folio_test_large(folio))\n\t\treturn mapcount;\n", "")]);
    expect(used).toMatchObject({ uncovered: [], isInUnit: true, notApplied: [] });
  });
});

describe("the changed functions of treeChange()", () => {
  /** Formats changed functions: `changed account() of mm/rmap.c`, with the reason why it is not checked. */
  const namedIn = ({ functions }: TreeChange): string[] =>
    functions.map(
      ({ status, name, file, why }) => `${status} ${name}() of ${file}${why === undefined ? "" : `: ${why}`}`,
    );
  const UNUSED = `${RMAP_C}: nothing in scope uses nobody_calls_this()`;

  test("include those in scope and those out of scope, with name and place", async () => {
    const change = await changeOf(
      [instead(RMAP_C, "int a = n;", "int a = n + 1;"), instead(PROC, AVERAGE, "return average;")],
      [[RMAP_C, (text) => `${SPARE}\n${text}`]],
    );
    expect(namedIn(change).sort()).toEqual([
      `changed folio_average_page_mapcount() of ${PROC}`,
      `changed nobody_calls_this() of ${UNUSED}`,
    ]);
    expect(change.functions.find(({ file }) => file === RMAP_C)?.line).toBe(1);
    expect(change.lines).toEqual([]);
  });

  test("include those of files that the gate does not read, and system calls, whose heads the C parser cannot parse", async () => {
    const MLOCK_C = "mm/mlock.c";
    const file = (n: number): string =>
      `#ifdef CONFIG_MLOCK\nSYSCALL_DEFINE2(mlock, unsigned long, start,\n\t\tsize_t, len)\n{\n\treturn ${n};\n}\n#else\nint other(void)\n{\n\treturn 0;\n}\n#endif\n`;
    const change = await changeOf([[MLOCK_C, () => file(2)]], [[MLOCK_C, () => file(1)]]);
    expect(namedIn(change)).toEqual([`changed mlock() of ${MLOCK_C}: the gate does not read this file`]);
    expect(change.functions[0]?.line).toBe(2);
  });

  test("do not include those with changed comments, white space or place", async () => {
    const wrapped = SPARE.replace("int a = n;", "int a =\n\t\tn; /* so */");
    const change = await changeOf(
      [instead(RMAP_C, SPARE, ""), [PROC, (text) => `${wrapped}\n${text}`]],
      [[RMAP_C, (text) => `${SPARE}\n${text}`]],
    );
    expect(namedIn(change)).toEqual([]);
    const inPlace = await changeOf([instead(RMAP_C, SPARE, wrapped)], [[RMAP_C, (text) => `${SPARE}\n${text}`]]);
    expect(inPlace).toMatchObject({ functions: [], lines: [], uncovered: [] });
  });

  test("include new and removed ones", async () => {
    const change = await changeOf([[RMAP_C, (text) => `${SPARE}\n${text}`]]);
    expect(namedIn(change)).toEqual([`new nobody_calls_this() of ${UNUSED}`]);
    const back = await changeOf([instead(RMAP_C, SPARE, "")], [[RMAP_C, (text) => `${SPARE}\n${text}`]]);
    expect(namedIn(back)).toEqual([`removed nobody_calls_this() of ${RMAP_C}: nothing in scope used it`]);
    expect(back.lines).toEqual([]);
  });

  test("are not checked if their changed lines are inactive in every configuration", async () => {
    const change = await changeOf([instead(PROC, AVERAGE, `\n#ifdef CONFIG_NEW\n\taverage++;\n#endif\n\t${AVERAGE}`)]);
    expect(namedIn(change)).toEqual([`changed folio_average_page_mapcount() of ${PROC}: no configuration here has it`]);
  });

  test("are separate from changed lines outside of functions", async () => {
    const change = await changeOf([
      instead(TYPES, "0x800000", "0x400000"),
      [RMAP_C, (text) => `#define NOBODY_USES_THIS 1\n${text}`],
      ["Documentation/mm/rmap.rst", () => "text\n"],
    ]);
    expect(namedIn(change)).toEqual([]);
    expect(change.lines).toEqual([
      { file: TYPES, line: expect.any(Number) },
      { file: RMAP_C, line: 1, why: "nothing in scope uses NOBODY_USES_THIS" },
    ]);
  });
});

describe("treeChange() of a patch", () => {
  const ofPatch = async (text: string, changes: readonly Change[]): Promise<TreeChange> => {
    const [unit] = await extractUnits({
      tree: treeWith(changes),
      patch: { name: "my.patch", text },
      configurations: [configurationOf(BOTH[0] as string)],
    });
    return unit?.change as TreeChange;
  };
  const MLOCK = "--- a/mm/mlock.c\n+++ b/mm/mlock.c\n@@ -1,1 +1,1 @@\n-int a;\n+int b;\n";

  test("reports files that the gate does not read, and files that the folder does not have", async () => {
    expect(await ofPatch(MLOCK, [["mm/mlock.c", () => "int a;\n"]])).toEqual({
      functions: [],
      lines: [{ file: "mm/mlock.c", line: 1, why: "the gate does not read this file" }],
      uncovered: [{ file: "mm/mlock.c", line: 1, endLine: 1, why: "the gate does not read this file" }],
      isInUnit: false,
      notApplied: [],
    });
    expect(await ofPatch(MLOCK, [])).toEqual({
      functions: [],
      lines: [],
      uncovered: [],
      isInUnit: false,
      notApplied: ["mm/mlock.c is changed by the patch, and not in the tree"],
    });
  });
});
