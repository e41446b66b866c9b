import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatTrace } from "../../report/trace.ts";
import { rmapTrace } from "./fixtures.ts";

const page = readFileSync(new URL("../../docs/traces.md", import.meta.url), "utf8");

test("the example in docs/traces.md is what the renderer prints", () => {
  const example = /<!-- example: test\/report\/fixtures\.ts, rmapTrace -->\s+```text\n([\s\S]*?)```/.exec(page)?.[1];
  expect(example).toBe(formatTrace(rmapTrace, { color: false, shows: "violated", file: "c8.json" }));
});
