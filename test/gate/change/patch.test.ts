import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type PatchedTree, patched, readPatch } from "../../../gate/change/patch.ts";
import { kernelTree } from "../../../gate/tree/kernel-tree.ts";
import { TreeError } from "../../../gate/tree/tree-error.ts";
import { newFolder, OWN_KERNEL, treeWith } from "../tree-copy.ts";

const PROC = "fs/proc/internal.h";

/** A diff of one line, as `git diff` writes it. */
const CHANGE = `diff --git a/fs/proc/internal.h b/fs/proc/internal.h
index 3d31c5b..7a4a2f1 100644
--- a/fs/proc/internal.h
+++ b/fs/proc/internal.h
@@ -2,3 +2,3 @@
 
-static inline int folio_precise_page_mapcount(struct folio *folio, struct page *page)
+static inline int folio_exact_page_mapcount(struct folio *folio, struct page *page)
 {
`;

/** The same line again, changed once more. */
const SECOND_CHANGE = CHANGE.replace("folio_exact", "folio_true").replace("folio_precise", "folio_exact");

const ADDED_FILE = `diff --git a/mm/swap.h b/mm/swap.h
new file mode 100644
index 0000000..5716ca5
--- /dev/null
+++ b/mm/swap.h
@@ -0,0 +1 @@
+#define NEW 1
`;

/** A mail as `git format-patch` writes it, with its signature; lines of its message look like a diff. */
function mail(diff: string, number = "1/1"): string {
  return `From 1d46bb5cbb3d3ec0b4bb0a1c8a1be1b3b8f0d0a7 Mon Sep 17 00:00:00 2001
From: Somebody <somebody@example.org>
Date: Wed, 25 Nov 2026 10:00:00 +0100
Subject: [PATCH ${number}] mm: a change

Before it was:
--- snip ---
-- 
+ something
@@ -1 +1 @@ of another file

Signed-off-by: Somebody <somebody@example.org>
---
 ${PROC} | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

${diff}-- 
2.39.5

`;
}

const COVER_LETTER = mail("", "0/2").replace(/^---$[\s\S]*?changed.*$/m, "Somebody (2):\n  mm: a change\n");

function apply(text: string, tree: string = OWN_KERNEL): PatchedTree {
  return patched(kernelTree(tree), { name: "my.patch", text });
}

const EXACT = expect.stringContaining("folio_exact_page_mapcount");

describe("a patch is applied", () => {
  test("to the texts in memory, not to the folder", () => {
    const folder = treeWith([]);
    expect(apply(CHANGE, folder).read(PROC)).toEqual(EXACT);
    expect(kernelTree(folder).read(PROC)).toContain("folio_precise_page_mapcount");
  });

  test.each([
    ["git format-patch writes it, with a signature", mail(CHANGE)],
    ["git format-patch writes several", mail(CHANGE, "1/2") + mail(ADDED_FILE, "2/2")],
    ["a mailbox with a cover letter has it", COVER_LETTER + mail(CHANGE, "1/2") + mail(ADDED_FILE, "2/2")],
    ["diff -u writes it", CHANGE.replace(/^diff.*\nindex.*\n/, "")],
    ["quilt writes it", CHANGE.replace(/^diff.*\nindex.*\n/, "").replaceAll(/ [ab]\//g, " linux-6.18/")],
    ["git writes it without prefixes", CHANGE.replaceAll(/ [ab]\//g, " ")],
    ["git writes it with mnemonic ones", CHANGE.replaceAll(" a/", " i/").replaceAll(" b/", " w/")],
    ["a path begins with a dot", CHANGE.replace(/^diff.*\nindex.*\n/, "").replaceAll(/ [ab]\//g, " ./")],
    ["a mailer removes the blanks of empty lines", CHANGE.replace("\n \n", "\n\n")],
  ])("as %s", (_, text) => {
    const tree = apply(text);
    expect(tree.read(PROC)).toEqual(EXACT);
    expect(tree.touched[0]).toBe(PROC);
    expect(tree.notApplied).toEqual([]);
  });

  test("to several files, and several times to one file", () => {
    const tree = apply(mail(CHANGE, "1/3") + mail(ADDED_FILE, "2/3") + mail(SECOND_CHANGE, "3/3"));
    expect(tree.read(PROC)).toContain("folio_true_page_mapcount");
    expect(tree.read("mm/swap.h")).toBe("#define NEW 1\n");
    expect(tree.touched).toEqual([PROC, "mm/swap.h"]);
  });

  test("if it removes a line that looks like a signature", () => {
    const folder = treeWith([["mm/swap.h", () => "one\n- \ntwo\n"]]);
    expect(
      apply("--- a/mm/swap.h\n+++ b/mm/swap.h\n@@ -1,3 +1,2 @@\n one\n-- \n two\n", folder).read("mm/swap.h"),
    ).toBe("one\ntwo\n");
  });

  test("with renames and copies to the old text under the new name", () => {
    const header = (word: string): string =>
      `diff --git a/${PROC} b/fs/proc/other.h\nsimilarity index 97%\n${word} from ${PROC}\n${word} to fs/proc/other.h\n`;
    const hunks = CHANGE.slice(CHANGE.indexOf("index")).replace("b/fs/proc/internal.h", "b/fs/proc/other.h");
    const old = kernelTree(OWN_KERNEL).read(PROC);

    const renamed = apply(header("rename") + hunks);
    expect(renamed.read("fs/proc/other.h")).toEqual(EXACT);
    expect(renamed.read(PROC)).toBeUndefined();
    expect(renamed.touched).toEqual([PROC, "fs/proc/other.h"]);

    const copied = apply(header("copy") + hunks);
    expect(copied.read("fs/proc/other.h")).toEqual(EXACT);
    expect(copied.read(PROC)).toBe(old);

    const onlyRenamed = apply(header("rename"));
    expect(onlyRenamed.read("fs/proc/other.h")).toBe(old);
    expect(onlyRenamed.read(PROC)).toBeUndefined();

    // A later patch of a series finds the file by its new name.
    const later = SECOND_CHANGE.replaceAll("internal.h", "other.h");
    expect(apply(mail(header("rename") + hunks) + mail(later)).read("fs/proc/other.h")).toContain("folio_true");
  });

  test("if it removes a file", () => {
    const text = readFileSync(join(OWN_KERNEL, "mm/memory.c"), "utf8");
    const lines = text.trimEnd().split("\n");
    const hunk = `@@ -1,${lines.length} +0,0 @@\n${lines.map((line) => `-${line}\n`).join("")}`;
    const git = "diff --git a/mm/memory.c b/mm/memory.c\ndeleted file mode 100644\nindex 1..0\n";
    const tree = apply(`${git}--- a/mm/memory.c\n+++ /dev/null\n${hunk}`);
    expect(tree.read("mm/memory.c")).toBeUndefined();
    expect(tree.touched).toEqual(["mm/memory.c"]);
  });

  test("without its changes of file modes", () => {
    const mode = `diff --git a/mm/rmap.c b/mm/rmap.c\nold mode 100644\nnew mode 100755\n`;
    expect(apply(mode + CHANGE).touched).toEqual([PROC]);
  });
});

describe("a part of a patch is reported as not applied", () => {
  test("if it changes a file that the folder does not have and the gate does not read", () => {
    const other = "--- a/drivers/a.c\n+++ b/drivers/a.c\n@@ -1,1 +1,1 @@\n-a\n+b\n";
    const tree = apply(other + CHANGE);
    expect(tree.read(PROC)).toEqual(EXACT);
    expect(tree.notApplied).toEqual(["drivers/a.c is changed by the patch, and not in the tree"]);
  });

  test("if it is binary", () => {
    const binary = "diff --git a/logo.gif b/logo.gif\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQzU|\n\n";
    const tree = apply(mail(binary + CHANGE));
    expect(tree.read(PROC)).toEqual(EXACT);
    expect(tree.notApplied).toEqual(["logo.gif is binary in the patch"]);
  });
});

describe("patched() rejects with an error in one line a patch", () => {
  const binary =
    "diff --git a/mm/rmap.c b/mm/rmap.c\nindex 1..2 100644\nBinary files a/mm/rmap.c and b/mm/rmap.c differ\n";
  const outside = CHANGE.replaceAll(PROC, "../fs/proc/internal.h");
  const encoded = mail(CHANGE.replace("folio_precise_page", "folio_precise=5Fpage"));
  const header = "Content-Transfer-Encoding: quoted-printable\n";
  test.each([
    [
      "that does not apply",
      CHANGE.replace("folio_precise", "folio_imprecise"),
      "does not apply to fs/proc/internal.h:2, hunk 1 of 1",
    ],
    [
      "of a file that the tree lacks",
      CHANGE.replaceAll("fs/proc/internal.h", "mm/swap.h"),
      "does not apply to mm/swap.h:2, hunk 1 of 1",
    ],
    ["that is not a diff", "hello\n", "has no changes in it; want a unified diff"],
    ["that only changes modes", "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "has no changes in it"],
    ["that is truncated", CHANGE.split("\n").slice(0, -2).join("\n"), "is not a unified diff"],
    [
      "that is truncated in a mail",
      mail(CHANGE.split("\n").slice(0, -2).concat("").join("\n")),
      "is not a unified diff",
    ],
    [
      "with a hunk that is longer than its header states",
      CHANGE.replace("+2,3 @@", "+2,2 @@").replace(" {\n", " {\n+}\n"),
      "is not a unified",
    ],
    ["of a binary file that is read", binary + CHANGE, "makes mm/rmap.c a binary file, which this gate reads"],
    ["of a file outside of the tree", outside, 'changes "a/../fs/proc/internal.h", which is not a path in the tree'],
    ["that adds an existing file", ADDED_FILE + ADDED_FILE, "adds mm/swap.h, which the tree has already"],
    ["in quoted-printable", header + encoded, "; it has a mail in quoted-printable, which has to be decoded first"],
  ])("%s", (_, text, message) => {
    const rejected = (): unknown => apply(text);
    expect(rejected).toThrow(TreeError);
    expect(rejected).toThrow(message);
    expect(rejected).toThrow(/^[^\n]*$/);
  });

  test("is read without the carriage returns of mails", async () => {
    const file = join(newFolder(), "my.patch");
    writeFileSync(file, mail(CHANGE).replaceAll("\n", "\r\n"));
    expect(await readPatch(file)).toEqual({ name: file, text: mail(CHANGE) });
  });
});

describe("a patch file", () => {
  const written = (content: string | Buffer): string => {
    const file = join(newFolder(), "my.patch");
    writeFileSync(file, content);
    return file;
  };

  test("may begin with a byte order mark", async () => {
    const { text } = await readPatch(written(`\uFEFF${CHANGE}`));
    expect(patched(kernelTree(OWN_KERNEL), { name: "my.patch", text }).touched).toEqual([PROC]);
  });

  test("in UTF-16 is rejected, with a command that writes UTF-8", async () => {
    await expect(readPatch(written(Buffer.from(`\uFEFF${CHANGE}`, "utf16le")))).rejects.toThrow(
      /my\.patch" is in UTF-16; want UTF-8, as git diff --output=FILE writes it$/,
    );
  });

  test("may change documentation that the tree does not have, which is not part of a kernel", () => {
    const text = `${CHANGE}--- a/Documentation/mm/x.rst\n+++ b/Documentation/mm/x.rst\n@@ -1,1 +1,1 @@\n-a\n+b\n`;
    const source = text + text.slice(CHANGE.length).replaceAll("Documentation/mm/x.rst", "mm/x.c");
    expect(patched(kernelTree(OWN_KERNEL), { name: "my.patch", text: source }).notApplied).toEqual([
      "mm/x.c is changed by the patch, and not in the tree",
    ]);
  });
});
