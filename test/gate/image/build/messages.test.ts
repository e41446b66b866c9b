/** Parsers of messages of compilers and linkers. */
import { describe, expect, test } from "vitest";
import { boundsHeader } from "../../../../gate/image/build/bounds-header.ts";
import { frontEndCommand, withFiles } from "../../../../gate/image/build/front-end-command.ts";
import { IncludeClosure } from "../../../../gate/image/build/include-closure.ts";
import { linkError } from "../../../../gate/image/build/linker-messages.ts";
import { prerequisites } from "../../../../gate/image/build/make-rule.ts";

describe("the prerequisites of a rule for make", () => {
  test("prerequisites() parses several lines, blanks and dollar signs, and returns normalised paths without duplicates", () => {
    const rule = "object: mm/a.c ./kernel/b.c \\\n  fs/proc/../mount.h include/a\\ b.h \\\r\n include/$$c.h mm/a.c\n";
    expect(prerequisites(rule)).toEqual(["mm/a.c", "kernel/b.c", "fs/mount.h", "include/a b.h", "include/$c.h"]);
  });

  test("prerequisites() returns an empty list for a rule without any", () => {
    expect(prerequisites("object: \n")).toEqual([]);
  });
});

describe("constants in assembly text", () => {
  test("boundsHeader() converts constants to macros, also with target-specific characters before their values", () => {
    const assembly =
      '\t.ascii\t"->NR_PAGEFLAGS 23 __NR_PAGEFLAGS"\n\t.ascii "->MAX_NR_ZONES $-3 __MAX"\n\t.ascii "->#"\n';
    expect(boundsHeader(assembly)).toBe("#define NR_PAGEFLAGS 23\n#define MAX_NR_ZONES -3\n");
  });

  test("boundsHeader() throws if there are no constants", () => {
    expect(() => boundsHeader("\tnop\n")).toThrow("kernel/bounds.c:1: error: ");
  });
});

describe("clang's own command", () => {
  const printed = [
    "clang version 16.0.6",
    " (in-process)",
    ' "/usr/bin/clang" "-cc1" "-D" "NAME=\\"a b\\"" "-main-file-name" "input.c" "-o" "/t/output" "-x" "c" "/t/input.c"',
    "",
  ].join("\n");

  test("frontEndCommand() extracts the command from the driver's output, and withFiles() replaces its files", () => {
    const [program, ...args] = frontEndCommand(printed);
    expect(program).toBe("/usr/bin/clang");
    const placeholders = { input: "/t/input.c", output: "/t/output", dependencies: "/t/dependencies" };
    expect(withFiles(args, "mm/rmap.c", placeholders, { output: "/t/1", dependencies: "/t/1.d" })).toEqual([
      "-cc1",
      "-D",
      'NAME="a b"',
      "-main-file-name",
      "rmap.c",
      "-o",
      "/t/1",
      "-x",
      "c",
      "mm/rmap.c",
    ]);
  });

  test("frontEndCommand() throws the driver's error if an option is rejected", () => {
    expect(() => frontEndCommand("clang: error: unknown argument: '-fnothing'\n")).toThrow("unknown argument");
  });
});

test("linkError() lists each undefined variable once, with its first user", () => {
  const printed = [
    "wasm-ld-16: error: mm/rmap.c.o: undefined symbol: init_mm",
    "wasm-ld-16: error: mm/memory.c.o: undefined symbol: init_mm",
    "wasm-ld: error: mm/memory.c.o: undefined symbol: jiffies",
  ].join("\n");
  expect(linkError(printed).message).toBe("no file defines the variables init_mm (mm/rmap.c), jiffies (mm/memory.c)");
  expect(linkError("wasm-ld: error: duplicate symbol: memset\n").message).toContain("duplicate symbol: memset");
});

test("IncludeClosure finds files by their spelling, in the folders that the compiler searches", () => {
  const files: Readonly<Record<string, string>> = {
    "fs/proc/page.c": '#include "../mount.h"\n # include <linux/both.h>\n#include "missing.h"\n',
    "fs/mount.h": '#include "pnode.h"\n',
    "fs/pnode.h": "",
    "foliocheck/linux/both.h": "",
    "include/linux/both.h": "",
  };
  const closure = new IncludeClosure((file) => files[file]);
  closure.add(["fs/proc/page.c", "not-there.c"]);
  expect([...closure.texts.keys()].sort()).toEqual([
    "foliocheck/linux/both.h",
    "fs/proc/../mount.h",
    "fs/proc/../pnode.h",
    "fs/proc/page.c",
  ]);
});
