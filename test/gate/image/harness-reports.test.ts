/** Codes of the reports of the harness: each has a text. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { HarnessReport, WaitedFor } from "../../../gate/image/module/image-report.ts";
import { imageReportText } from "../../../report/text/image-warning.ts";

const HARNESS = new URL("../../../gate/image/c/harness/", import.meta.url);
const source = readdirSync(HARNESS)
  .map((file) => readFileSync(new URL(file, HARNESS), "utf8"))
  .join("\n");

/** Returns the strings in the arguments of calls of a function. */
function codesOf(name: string): readonly string[] {
  return [...source.matchAll(new RegExp(`\\b${name}\\(([^;]*"[^;]*)\\);`, "g"))].flatMap(([, argument = ""]) =>
    [...argument.matchAll(/"([^"]*)"/g)].map(([, code = ""]) => code),
  );
}

test("each report and fault of the harness has a code and a text", () => {
  const codes = [...codesOf("image_report"), ...codesOf("image_fault")];
  expect(codes.length).toBeGreaterThan(30);
  for (const code of codes) {
    expect(code).toMatch(/^[a-z-]+$/);
    expect(imageReportText({ kind: "harness", report: code as HarnessReport }), code).toMatch(/ /);
  }
});

test("each wait of the harness has a code and a text", () => {
  const codes = codesOf("image_wait");
  expect(codes.length).toBeGreaterThan(5);
  for (const code of codes) {
    expect(imageReportText({ kind: "would-wait", for: code as WaitedFor }), code).not.toContain("undefined");
  }
});
