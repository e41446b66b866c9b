import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCheckpointFile, writeCheckpointFile } from "../../explore/checkpoint/checkpoint-file.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { counterGrid } from "../toys/counter-grid.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("A checkpoint file", () => {
  const subject = "this test";
  const machine = compile(counterGrid(3, 105));

  it("a search is resumed from a checkpoint file", () => {
    const path = join(folder, "run.checkpoint");
    const save = (chunks: Iterable<Uint8Array>): void => writeCheckpointFile(path, chunks);
    const first = search(machine, { budget: { maxStates: 150_000 }, checkpoint: { subject, save } });
    const second = search(machine, { checkpoint: { subject, save, resume: readCheckpointFile(path) } });
    const { seconds, ...whole } = search(machine);
    expect(second).toMatchObject({ ...whole, resumedAt: { states: first.states, transitions: first.transitions } });
    expect(readdirSync(folder)).toEqual(["run.checkpoint"]);
  });

  it("a failed write leaves the previous checkpoint file and no other file", () => {
    const path = join(folder, "run.checkpoint");
    writeCheckpointFile(path, [Buffer.from("old")]);
    const failing = function* (): Generator<Uint8Array> {
      yield Buffer.from("new");
      throw new Error("no more room");
    };
    expect(() => writeCheckpointFile(path, failing())).toThrow("no more room");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["run.checkpoint"]);
    writeCheckpointFile(path, [Buffer.from("new"), Buffer.from("er")]);
    expect(readFileSync(path, "utf8")).toBe("newer");
  });

  it.each([
    { reason: "does not exist", path: "missing", message: /^cannot read the checkpoint .*missing: ENOENT/ },
    { reason: "is a folder", path: ".", message: /^cannot read the checkpoint .*: it is not a file/ },
    { reason: "has another format", path: "foreign", message: "this is not a checkpoint of a search" },
  ])("a checkpoint file that $reason is refused", ({ path, message }) => {
    writeFileSync(join(folder, "foreign"), "hello, this is something else");
    const resume = readCheckpointFile(join(folder, path));
    expect(() => search(machine, { checkpoint: { subject, resume } })).toThrow(
      expect.objectContaining({ code: "bad-checkpoint", message: expect.stringMatching(message) }),
    );
  });
});
