/**
 * A small image for exploration: a counter in the form of kernel code, with operations that violate rules. It contains
 * no kernel code.
 */
import { treeWith } from "../tree-copy.ts";

/** The counter's C file, mm/memory.c. */
export const COUNTER: string = [
  "#include <linux/mm.h>",
  "volatile int counter;",
  "int increase(void) { if (counter == 3) return 0; counter++; return 1; }",
  "int check(void) { WARN_ON(counter == 3); return 1; }",
  "int stop(void) { if (counter == 2) BUG(); return 1; }",
  "int loop(void) { while (counter == 2); return 1; }",
  "int null(void) { if (counter == 1) *(volatile int *)16 = 1; return 1; }",
  "int gap(void) { if (counter == 2) *(volatile int *)0x4000000 = 1; return 1; }",
  "int outside(void) { if (counter == 3) *(volatile int *)0xf0000000 = 1; return 1; }",
  "__attribute__((noinline)) int nest(int depth) { return depth ? nest(depth + counter) + counter : 0; }",
  "int recurse(void) { if (counter == 2) counter = nest(1); return 1; }",
  "int not_defined(void);",
  "int missing(void) { return counter == 2 ? not_defined() : 1; }",
  "",
].join("\n");

const TREE: Readonly<Record<string, string>> = {
  "include/linux/kconfig.h": "#include <generated/autoconf.h>\n",
  "include/linux/compiler_types.h": "",
  "include/asm-generic/generic.h": "",
  "include/uapi/asm-generic/generic.h": "",
  "include/linux/mm.h": [
    '__attribute__((import_module("image"), import_name("warn"))) void warn(const char *, int, const char *);',
    '__attribute__((import_module("image"), import_name("bug"))) void bug(const char *, int, const char *);',
    "#define WARN_ON(condition) do { if (condition) warn(__FILE__, __LINE__, __func__); } while (0)",
    "#define BUG() bug(__FILE__, __LINE__, __func__)",
    "extern volatile int counter;",
    "",
  ].join("\n"),
  "kernel/bounds.c": 'int main(void) { asm volatile(".ascii \\"->NOTHING 0 nothing\\""); return 0; }\n',
  "mm/memory.c": COUNTER,
};

/** The harness: the state is all of the data, and its canonical form is a copy. Its variables are below the data. */
const OWN: Readonly<Record<string, string>> = {
  "image.h": "",
  "harness/harness.c": [
    "#define EXPORT(name) __attribute__((export_name(name)))",
    "#define CHUNK 64",
    "#define OURS ((struct ours *)0x100000)",
    "struct ours {",
    "\tchar *start;",
    "\tunsigned int bytes, contents;",
    "\tchar *loaded, *form, *store;",
    "\tunsigned short changed[4096];",
    "\tint numbers[4096], first[4096];",
    "};",
    '__attribute__((import_module("image"), import_name("wait"))) void wait(const char *);',
    "extern volatile int counter;",
    ...["increase", "check", "stop", "loop", "null", "gap", "outside", "recurse", "missing"].flatMap((name) => [
      `int ${name}(void);`,
      `EXPORT("${name}") int run_${name}(void) { return ${name}(); }`,
    ]),
    'EXPORT("sleep") int sleep(void) { if (counter != 3) wait("a counter of 3"); counter = 0; return 1; }',
    'EXPORT("boot") void boot(int first, int pages, int hint) {}',
    "static void copy(char *to, const char *from) { for (unsigned int i = 0; i < OURS->bytes; i++) to[i] = from[i]; }",
    'EXPORT("canonical_setup") void canonical_setup(unsigned int start, unsigned int end, unsigned int copies, unsigned int marks)',
    "{",
    "\tOURS->start = (char *)start;",
    "\tOURS->bytes = end - start;",
    "\tOURS->loaded = (char *)copies;",
    "\tOURS->form = (char *)copies + OURS->bytes;",
    "\tcopy(OURS->loaded, OURS->start);",
    "}",
    'EXPORT("changed_chunks") unsigned int changed_chunks(void) { return (unsigned long)OURS->changed; }',
    'EXPORT("changed_numbers") unsigned int changed_numbers(void) { return (unsigned long)OURS->numbers; }',
    'EXPORT("chunk_setup") void set_up_chunks(unsigned int start, unsigned int end) { OURS->store = (char *)start; OURS->contents = 1; }',
    'EXPORT("chunk_bytes") unsigned int chunk_bytes(void) { return OURS->contents * CHUNK; }',
    "static int chunk_number(const char *content)",
    "{",
    "\tunsigned int number = 1;",
    "\twhile (number < OURS->contents && __builtin_memcmp(OURS->store + number * CHUNK, content, CHUNK))",
    "\t\tnumber++;",
    "\tif (number == OURS->contents)",
    "\t\t__builtin_memcpy(OURS->store + CHUNK * OURS->contents++, content, CHUNK);",
    "\treturn number;",
    "}",
    'EXPORT("begin") void begin_with_form(void)',
    "{",
    "\tcopy(OURS->loaded, OURS->form);",
    "\tfor (unsigned int at = 0; at < OURS->bytes; at += CHUNK)",
    "\t\tOURS->first[at / CHUNK] = chunk_number(OURS->form + at);",
    "}",
    'EXPORT("canonicalize") unsigned int canonicalize(int naming)',
    "{",
    "\tunsigned int count = 0;",
    "\tcopy(OURS->form, OURS->start);",
    "\tfor (unsigned int at = 0; at < OURS->bytes; at += CHUNK) {",
    "\t\tint number = chunk_number(OURS->form + at);",
    "\t\tif (!__builtin_memcmp(OURS->form + at, OURS->loaded + at, CHUNK))",
    "\t\t\tcontinue;",
    "\t\tOURS->changed[count] = at / CHUNK;",
    "\t\tOURS->numbers[count++] = number == OURS->first[at / CHUNK] ? 0 : number;",
    "\t}",
    "\treturn count;",
    "}",
    'EXPORT("rename") unsigned int rename_loaded(int naming) { return canonicalize(naming); }',
    'EXPORT("undo") void undo(void) { copy(OURS->start, OURS->loaded); }',
    'EXPORT("load") void load_changed(unsigned int count)',
    "{",
    "\tfor (unsigned int i = 0; i < count; i++) {",
    "\t\tint number = OURS->numbers[i] ? OURS->numbers[i] : OURS->first[OURS->changed[i]];",
    "\t\t__builtin_memcpy(OURS->loaded + OURS->changed[i] * CHUNK, OURS->store + number * CHUNK, CHUNK);",
    "\t}",
    "\tundo();",
    "}",
    'EXPORT("mark_all") void mark_all(void) {}',
    'EXPORT("is_changed") int is_changed(void) { return 0; }',
    "int memcmp(const void *a, const void *b, unsigned long bytes)",
    "{",
    "\tconst char *left = a, *right = b;",
    "\tfor (; bytes; bytes--, left++, right++)",
    "\t\tif (*left != *right)",
    "\t\t\treturn 1;",
    "\treturn 0;",
    "}",
    "",
  ].join("\n"),
};

function folderOf(files: Readonly<Record<string, string>>): string {
  return treeWith(
    Object.entries(files).map(([file, text]) => [file, () => text] as const),
    undefined,
    [],
  );
}

/** Returns a new copy of the tree. */
export const counterTree = (): string => folderOf(TREE);

/** Returns a new copy of the harness. */
export const counterHarness = (): string => folderOf(OWN);
