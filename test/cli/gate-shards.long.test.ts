/** Shards of `foliocheck gate` on the test kernel. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { PATCH } from "../gate/total-mapped-pages.ts";
import { OWN_KERNEL } from "../gate/tree-copy.ts";
import { timeless } from "../verify/counts.ts";
import { foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();
const CONFIG = "no-page-mapcount,64bit,mm-id";
const GATE = ["gate", "--tree", OWN_KERNEL, "--cache", testCacheFolder, "--config", CONFIG, "--no-progress"];
const parsed = (name: string): unknown => timeless(JSON.parse(readFileSync(join(folder.path, name), "utf8")));

describe("shards of gate", () => {
  test.each([
    ["a tree", []],
    ["a patch, without proofs", ["--patch", PATCH, "--no-proof"]],
  ])("the merged report of %s is the one without shards, except for times", (_, more) => {
    mkdirSync(join(folder.path, "blobs"));
    const whole = foliocheck([...GATE, ...more, "--reporter", "json:whole.json"], folder.path);
    const codes = [1, 2].map((number) => {
      const shard = ["--shard", `${number}/2`, "--reporter", `blob:blobs/${number}.json`, "--reporter", "pretty"];
      const { code, out } = foliocheck([...GATE, ...more, ...shard], folder.path);
      expect(out).toContain(
        `  not checked The runs of shards other than ${number}/2: foliocheck merge puts all shards together`,
      );
      return code;
    });
    const merged = foliocheck(["merge", "blobs", "--reporter", "json:merged.json"], folder.path);
    expect({ code: merged.code, err: merged.err }).toEqual({ code: whole.code, err: "" });
    expect(codes.includes(1)).toBe(whole.code === 1);
    expect(parsed("merged.json")).toEqual(parsed("whole.json"));
  });

  test("a baseline cannot be updated from a shard", () => {
    const { code, err } = foliocheck([...GATE, "--shard", "1/2", "--update-baseline"], folder.path);
    expect(code).toBe(2);
    expect(err).toBe("error: --update-baseline accepts all findings, and a shard has not all: omit --shard\n");
  });
});
