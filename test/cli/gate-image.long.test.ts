/**
 * `foliocheck gate` on whole files. Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a
 * native clang. The patches change a few words; nothing of the tree is in this repository.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../gate/compile/native-clang.ts";
import { allCalls } from "../../model/kernel/call-node.ts";
import type { GateReport } from "../../verify/report/report.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { foliocheck, ownFolder } from "./command.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
const FILE = "mm/memory.c";
const folder = ownFolder();

/** Replaces the first match of a pattern in a function of mm/memory.c. */
function patch(name: string, pattern: RegExp, replacement: string): string {
  const text = readFileSync(join(TREE, FILE), "utf8");
  const start = text.search(new RegExp(`^(?:[a-z].*\\b)?${name}\\(`, "m"));
  const changed = text.slice(0, start) + text.slice(start).replace(pattern, replacement);
  writeFileSync(join(folder.path, "my.patch"), createTwoFilesPatch(`a/${FILE}`, `b/${FILE}`, text, changed));
  return "my.patch";
}

function gate(file: string): { readonly code: number | null; readonly report: GateReport } {
  const options = ["--tree", TREE, "--patch", file, "--only", "image", "--config", "page-mapcount,32bit,mm-id"];
  const more = ["--require-coverage", "--cache", testCacheFolder, "--no-progress", "--reporter", "json"];
  const { code, out } = foliocheck(["gate", ...options, ...more], folder.path);
  return { code, report: JSON.parse(out) as GateReport };
}

describe.skipIf(TREE === "" || clangOnPath() === undefined)("a patch to a caller", () => {
  test("a patch that removes the write protection of fork is violated and new, and its function is checked", () => {
    const { code, report } = gate(patch("__copy_present_ptes", /wrprotect_ptes\([^)]*\);/, ";"));
    expect(code).toBe(1);
    expect(report.findings).toMatchObject([{ property: "C11.writable", mode: "image" }]);
    expect(report.findings[0]).not.toHaveProperty("inBase");
    const last = report.findings[0]?.trace?.steps.at(-1);
    expect(last).toMatchObject({ action: "fork" });
    expect(allCalls(last?.functions.flatMap(({ calls }) => calls) ?? [])).toContainEqual(
      expect.objectContaining({
        name: "__copy_present_ptes",
        place: { file: "mm/memory.c", line: expect.any(Number) },
      }),
    );
  });

  test("a patch without effect holds with --require-coverage where its line was reached", () => {
    const { code, report } = gate(
      patch("__copy_present_ptes", /wrprotect_ptes\(([^)]*)\);/, "wrprotect_ptes($1); (void)0;"),
    );
    expect({ code, verdict: report.verdict }).toEqual({ code: 0, verdict: "holds" });
    expect(report.change?.functions).toMatchObject([{ name: "__copy_present_ptes", checked: true }]);
  });

  test("a patch that no operation reaches is incomplete with --require-coverage", () => {
    const { code, report } = gate(
      patch("do_swap_page", /swap_read_folio\(folio, NULL\);/, "swap_read_folio(folio, NULL); (void)0;"),
    );
    expect({ code, verdict: report.verdict }).toEqual({ code: 3, verdict: "incomplete" });
    expect(report.change?.functions).toMatchObject([
      { name: "do_swap_page", checked: false, reason: "no operation on an mm image reached it" },
    ]);
  });
});
