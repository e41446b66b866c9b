/** Failed writes of checkpoints: the search continues, and the failure is reported. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { CacheEntry } from "../../files/cache-entry.ts";
import { checkpointing, type RunFiles } from "../../verify/checkpoints.ts";
import type { UnwrittenFile } from "../../verify/report/report.ts";
import { counterGrid } from "../toys/counter-grid.ts";

let folder = "";
let files: RunFiles;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "foliocheck-checkpoints-")), "checkpoints");
  const checkpoint = join(folder, "run.checkpoint");
  files = { checkpoint, report: new CacheEntry(folder, "report", []), subject: "this test" };
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const machine = compile(counterGrid(2, 100));
const folderIsMissing = (): UnwrittenFile => ({ file: files.checkpoint, reason: "no such file or directory" });

test("a search whose checkpoints cannot be written has the same result", () => {
  const attempts: (UnwrittenFile | undefined)[] = [];
  const checkpoint = { ...checkpointing(files, (failure) => attempts.push(failure)), everySeconds: 0 };
  const { seconds, ...whole } = search(machine);
  expect(search(machine, { checkpoint })).toMatchObject(whole);
  expect(attempts.length).toBeGreaterThan(1);
  expect(new Set(attempts.map((each) => JSON.stringify(each)))).toEqual(new Set([JSON.stringify(folderIsMissing())]));
});

test("a successful write after a failed one clears the failure", () => {
  const attempts: (UnwrittenFile | undefined)[] = [];
  const { save } = checkpointing(files, (failure) => attempts.push(failure));
  save?.([]);
  mkdirSync(folder);
  save?.([]);
  expect(attempts).toEqual([folderIsMissing(), undefined]);
  expect(readdirSync(folder)).toEqual(["run.checkpoint"]);
});

test("an error other than a system error ends the search", () => {
  mkdirSync(folder);
  const { save } = checkpointing(files, () => {});
  const broken = function* (): Generator<Uint8Array> {
    yield new Uint8Array(4);
    throw new RangeError("a bug");
  };
  expect(() => save?.(broken())).toThrow("a bug");
  expect(readdirSync(folder)).toEqual([]);
});
