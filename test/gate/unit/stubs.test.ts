import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FILES } from "../../../gate/tree/manifest.ts";
import { ALLOCATOR, INSTEAD, OTHERWISE, PRELUDE } from "../../../gate/unit/stubs.ts";

const page = readFileSync(new URL("../../../docs/gate-stubs.md", import.meta.url), "utf8");

test.each([...PRELUDE, ...INSTEAD, ...ALLOCATOR, ...OTHERWISE].map((each) => [each.about, each] as const))(
  "docs/gate-stubs.md tells of %s, and of what it assumes",
  (about, { assumes }) => {
    expect(page).toContain(`| ${about} | ${assumes ?? "nothing: results cannot depend on it"} |`);
  },
);

test("docs/gate-stubs.md tells of nothing that is not there", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
  expect(rows).toHaveLength(PRELUDE.length + INSTEAD.length + ALLOCATOR.length + OTHERWISE.length + 1);
});

test("docs/gate-stubs.md lists the files that are read, in their order", () => {
  const [, list = ""] = /The gate reads these files[^:]*:\n([\s\S]*?)\.\n/.exec(page) ?? [];
  expect([...list.matchAll(/`([^`]+)`/g)].map(([, file]) => file)).toEqual(FILES);
});
