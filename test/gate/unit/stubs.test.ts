import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FILES } from "../../../gate/tree/manifest.ts";
import { ALLOCATOR, INSTEAD, OTHERWISE, PRELUDE } from "../../../gate/unit/stubs.ts";

const docs = new URL("../../../docs/", import.meta.url);
const page = readFileSync(new URL("gate-stubs.md", docs), "utf8");
const internals = readFileSync(new URL("gate-internals.md", docs), "utf8");

test.each([...PRELUDE, ...INSTEAD, ...ALLOCATOR, ...OTHERWISE].map((each) => [each.about, each] as const))(
  "docs/gate-stubs.md has a row for the stub for %s, with its assumption",
  (about, { assumes }) => {
    expect(page).toContain(`| ${about} | ${assumes ?? "nothing: results cannot depend on it"} |`);
  },
);

test("docs/gate-stubs.md has a row for each stub, and no other rows", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
  expect(rows).toHaveLength(PRELUDE.length + INSTEAD.length + ALLOCATOR.length + OTHERWISE.length + 1);
});

test("docs/gate-internals.md lists the files of the tree that the gate reads, in their order", () => {
  const [, list = ""] = /The gate reads these files[^:]*:([\s\S]*?)\. /.exec(internals) ?? [];
  expect([...list.matchAll(/`([^`]+)`/g)].map(([, file]) => file)).toEqual(FILES);
});
