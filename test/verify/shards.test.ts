/** Shards of a suite: the split by cost, and blobs that do not fit together. */
import { describe, expect, test } from "vitest";
import { type BlobFile, parseBlob, provenanceOfAll, shardsOfOneRun } from "../../verify/shard/blob.ts";
import { costKey, costsOf } from "../../verify/shard/costs.ts";
import { shardsOf } from "../../verify/shard/shard.ts";
import { SUITE_COSTS } from "../../verify/shard/suite-costs.ts";
import { suitePart } from "../../verify/shard/suite-part.ts";
import { planSuite } from "../../verify/suite.ts";

describe("the split", () => {
  test("the longest items are distributed first, each to the shard with the least", () => {
    expect(shardsOf([1, 7, 2, 5, 4], 2)).toEqual([1, 1, 1, 2, 2]);
    expect(shardsOf([3, 3, 3], 2)).toEqual([1, 2, 1]);
    expect(shardsOf([], 3)).toEqual([]);
  });

  test("no shard takes longer than four thirds of the best split", () => {
    const costs = Array.from({ length: 40 }, (_, i) => ((i * 7919) % 97) + 1);
    for (const count of [2, 3, 7]) {
      const shards = shardsOf(costs, count);
      const loads = Array.from({ length: count }, (_, i) =>
        costs.reduce((sum, cost, item) => sum + (shards[item] === i + 1 ? cost : 0), 0),
      );
      const bound = Math.max(Math.max(...costs), costs.reduce((sum, cost) => sum + cost, 0) / count);
      expect(Math.max(...loads)).toBeLessThanOrEqual((4 / 3) * bound);
    }
  });

  test("a run that was not measured costs as much as those of its machine on average, or as all", () => {
    const table = { "rmap, x, a": 10, "rmap, x, b": 20, "cow, x, a": 60 };
    expect(costsOf(["rmap, x, a", "rmap, x, c", "swap, x, a"], table)).toEqual([10, 15, 30]);
    expect(costsOf(["rmap, x, a"], {})).toEqual([1]);
  });

  test("the key of a run's cost has what the cost depends on, and no bound that is 0", () => {
    const subject = { machine: "rmap", config: "64bit", bounds: { pages: 4, file: 0, mms: 2 } };
    expect(costKey(subject)).toBe("rmap, 64bit, pages 4 mms 2");
    expect(costKey({ ...subject, against: "v6.15" })).toBe("rmap, 64bit, pages 4 mms 2, against another kernel");
  });

  test.each(["quick", "ci", "deep"])("every run of profile %s is in one shard, and the proofs are", (profile) => {
    const plan = planSuite({ profile });
    const parts = [1, 2, 3, 4, 5].map((number) => suitePart(plan, { number, count: 5 }));
    const positions = parts.flatMap((part) => part.positions).sort((one, other) => one - other);
    expect(positions).toEqual([...plan.jobs.keys()]);
    expect(parts.filter(({ proves }) => proves)).toHaveLength(1);
    for (const { jobs, positions: own } of parts) {
      expect(jobs).toEqual(own.map((position) => plan.jobs[position]));
    }
    expect(suitePart(plan)).toEqual({ jobs: plan.jobs, positions: [...plan.jobs.keys()], proves: true });
  });

  test("four of five runs of the profiles were measured, so that the split is no guess", () => {
    const keys = ["quick", "ci", "deep"].flatMap((profile) => planSuite({ profile }).jobs.map(costKey));
    const measured = keys.filter((key) => key in SUITE_COSTS);
    expect(measured.length / keys.length).toBeGreaterThan(0.8);
  });
});

describe("blobs", () => {
  const provenance = {
    foliocheck: "1.2.3",
    node: "v20.0.0",
    platform: "linux x64",
    arguments: ["gate"],
    options: { profile: "quick", tree: "linux", shard: "1/2" },
    inputs: { tree: "a".repeat(64) },
  };
  const file = (number: number, count: number, more: object = {}): BlobFile =>
    parseBlob(
      `${number}.json`,
      JSON.stringify({
        format: "foliocheck-blob",
        version: 1,
        command: "gate",
        shard: { number, count },
        provenance: { ...provenance, options: { ...provenance.options, shard: `${number}/${count}` }, ...more },
        seconds: 1,
        peakMemoryBytes: 1,
        content: {},
      }),
    );
  const merged = (...files: BlobFile[]): unknown => shardsOfOneRun(files, "1.2.3").map(({ shard }) => shard.number);

  test("blobs of one run are in the order of the shards, whatever the order and the names of the files", () => {
    expect(merged(file(2, 3), file(3, 3), file(1, 3))).toEqual([1, 2, 3]);
    const elsewhere = { options: { profile: "quick", tree: "/builds/linux", shard: "2/2" } };
    expect(merged(file(1, 2), file(2, 2, elsewhere))).toEqual([1, 2]);
    expect(provenanceOfAll(file(2, 2).blob)).toEqual({ ...provenance, options: { profile: "quick", tree: "linux" } });
  });

  const cases: readonly [what: string, files: readonly BlobFile[], message: string][] = [
    ["no blob at all", [], "there is no blob in the folder; want files of --shard I/N --reporter blob:FOLDER/FILE"],
    ["a missing shard", [file(1, 3), file(3, 3)], "shard 2 of 3 is missing: run again what died"],
    ["missing shards", [file(2, 4), file(3, 4)], "shards 1, 4 of 4 are missing: run again what died"],
    ["a double shard", [file(1, 2), file(2, 2), file(2, 2)], "shard 2/2 is there twice: 2.json and 2.json"],
    [
      "another number of shards",
      [file(1, 2), file(2, 3)],
      "these blobs are not of one run: number of shards is 2 in 1.json and 3 in 2.json",
    ],
    [
      "another version",
      [file(1, 2), file(2, 2, { foliocheck: "1.3.0" })],
      "these blobs are not of one run: version of foliocheck is 1.2.3 in 1.json and 1.3.0 in 2.json",
    ],
    [
      "a version that is not ours",
      [file(1, 1, { foliocheck: "0.9.0" })],
      "1.json was written by foliocheck 0.9.0, and this is 1.2.3: want the same version",
    ],
    [
      "another tree",
      [file(1, 2), file(2, 2, { inputs: { tree: "b".repeat(64) } })],
      "these blobs are not of one run: content of --tree is SHA-256 aaaaaaaaaaaa… in 1.json and SHA-256 bbbbbbbbbbbb… in 2.json",
    ],
    [
      "a patch in one only",
      [file(1, 2), file(2, 2, { inputs: { ...provenance.inputs, patch: "c".repeat(64) } })],
      "these blobs are not of one run: content of --patch is none in 1.json and SHA-256 cccccccccccc… in 2.json",
    ],
    [
      "another option",
      [file(1, 2), file(2, 2, { options: { profile: "ci", tree: "linux" } })],
      'these blobs are not of one run: --profile is "quick" in 1.json and "ci" in 2.json',
    ],
    [
      "an option in one only",
      [file(1, 2), file(2, 2, { options: { ...provenance.options, only: "rmap" } })],
      'these blobs are not of one run: --only is none in 1.json and "rmap" in 2.json',
    ],
  ];
  test.each(cases)("a merge with %s is refused by name", (_, files, message) => {
    expect(() => shardsOfOneRun(files, "1.2.3")).toThrow(new Error(message));
  });

  test.each([
    ["no JSON", "{"],
    ["another file", '{"format": "foliocheck-report"}'],
    ["null", "null"],
  ])("a file with %s is no blob", (_, text) => {
    expect(() => parseBlob("x.json", text)).toThrow(
      "x.json is no blob; want files of --reporter blob:FILE, and no others in the folder",
    );
  });

  test("a blob of another version is refused", () => {
    expect(() => parseBlob("x.json", '{"format": "foliocheck-blob", "version": 2}')).toThrow(
      "x.json is a blob of version 2; this foliocheck reads version 1",
    );
  });
});
