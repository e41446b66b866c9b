/** `--shard`, `--reporter blob` and `foliocheck merge`. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { timeless } from "../verify/counts.ts";
import { type Finished, foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();
const SUITE = ["verify", "--only", "rmap", "--variant", "slot-1-without-shared", "--no-progress"];
const parsed = (name: string): unknown => timeless(JSON.parse(readFileSync(join(folder.path, name), "utf8")));

/** Runs the shards of the suite into a folder. */
function runShards(count: number, suite: readonly string[] = SUITE): Finished[] {
  mkdirSync(join(folder.path, "blobs"), { recursive: true });
  return Array.from({ length: count }, (_, i) =>
    foliocheck([...suite, "--shard", `${i + 1}/${count}`, "--reporter", `blob:blobs/${i + 1}.json`], folder.path),
  );
}

describe("shards of verify", () => {
  test("the merged report is the one without shards, apart from times, and so is the exit code", () => {
    const shards = runShards(3);
    expect(shards.map(({ out, err }) => out + err)).toEqual(["", "", ""]);
    expect(shards.map(({ code }) => code)).toContain(1);
    expect(foliocheck([...SUITE, "--reporter", "json:whole.json"], folder.path).code).toBe(1);
    const merge = ["merge", "blobs", "--reporter", "json:merged.json", "--reporter", "pretty", "--trace-out", "t.json"];
    const merged = foliocheck(merge, folder.path);
    expect({ code: merged.code, err: merged.err }).toEqual({ code: 1, err: "" });
    expect(parsed("merged.json")).toEqual(parsed("whole.json"));
    expect(merged.out).toMatch(/\n✗ violated · 11 runs · /);
    expect(foliocheck(["replay", "t.json"], folder.path).code).toBe(1);
  });

  test("a whole suite is merged from one blob, which needs no --shard", () => {
    mkdirSync(join(folder.path, "blobs"));
    const suite = ["verify", "--only", "W5", "--max-states", "20", "--no-progress"];
    const reporters = ["--reporter", "blob:blobs/a.json", "--reporter", "json:whole.json"];
    expect(foliocheck([...suite, ...reporters], folder.path).code).toBe(3);
    expect(foliocheck(["merge", "blobs", "--reporter", "json:merged.json"], folder.path).code).toBe(3);
    expect(parsed("merged.json")).toEqual(parsed("whole.json"));
  });

  test("the report of a shard says first that it is not the whole", () => {
    expect(foliocheck([...SUITE, "--shard", "1/2"], folder.path).out).toMatch(
      /^ {2}not checked The runs of shards other than 1\/2: foliocheck merge puts all shards together/m,
    );
    const { out } = foliocheck([...SUITE, "--shard", "1/2", "--verbose"], folder.path);
    expect(out).toContain(
      "\nNot checked\n  - The runs of shards other than 1/2: foliocheck merge puts all shards together\n",
    );
  });

  test("a merge without a shard that died is refused, and so is one with a file that is no blob", () => {
    runShards(2);
    rmSync(join(folder.path, "blobs/1.json"));
    const merge = (): Finished => foliocheck(["merge", "blobs"], folder.path);
    expect(merge()).toEqual({ code: 2, out: "", err: "error: shard 1 of 2 is missing: run again what died\n" });
    writeFileSync(join(folder.path, "blobs/.hidden"), "");
    expect(merge().err).toBe("error: shard 1 of 2 is missing: run again what died\n");
    writeFileSync(join(folder.path, "blobs/log"), "");
    expect(merge().err).toMatch(/^error: log is no blob; /);
    expect(foliocheck(["merge", "elsewhere"], folder.path)).toEqual({
      code: 2,
      out: "",
      err: "error: cannot read elsewhere: no such file or directory\n",
    });
  });

  test.each(["0/2", "3/2", "1", "1/0", "a/b", "1/1001", "1/2/3"])("--shard %s is refused", (shard) => {
    const { code, err } = foliocheck([...SUITE, "--shard", shard], folder.path);
    expect(code).toBe(2);
    expect(err).toContain("Want a number and how many there are, 1/1000 at most, such as 2/4.");
  });
});
