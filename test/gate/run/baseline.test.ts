/** Invalid baseline files, and entries that match no finding. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readBaseline, unmatchedEntries, updatedBaseline } from "../../../gate/run/baseline.ts";
import type { Finding } from "../../../gate/run/findings.ts";
import { itf } from "../../../report/json/itf.ts";
import { json } from "../../../report/json/json.ts";
import { UsageError } from "../../../verify/request/usage-error.ts";
import { goodRun, rmapTrace } from "../../report/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "foliocheck-baseline-"));
afterAll(() => rmSync(folder, { recursive: true }));

const finding: Finding = {
  property: "CF.folio_put",
  mode: "conformance",
  config: "page-mapcount,64bit,mm-id",
  machine: "rmap",
  claim: "does the same",
  verdict: "violated",
  cause: { kind: "call", faults: [{ kind: "result", compiled: 1, model: 2 }] },
  trace: rmapTrace,
};

const good = updatedBaseline([finding], [], "latent", () => true);

async function refusal(content: string | Buffer): Promise<string> {
  const file = join(folder, "known.json");
  writeFileSync(file, content);
  try {
    await readBaseline(file, true);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message.replace(file, "known.json");
  }
  return "no refusal";
}

describe("a baseline file", () => {
  test("may begin with a byte order mark", async () => {
    const file = join(folder, "marked.json");
    writeFileSync(file, `\uFEFF${good.text}`);
    expect(await readBaseline(file, true)).toEqual(good.entries);
  });

  const WANTED = "want a JSON file that --update-baseline wrote";
  const changed = (change: object): string => JSON.stringify({ ...(JSON.parse(good.text) as object), ...change });
  test.each([
    ["a trace", json(rmapTrace), `known.json is a trace, and not a baseline; ${WANTED}`],
    ["a report", json(goodRun), `known.json is a report, and not a baseline; ${WANTED}`],
    ["ITF", itf(rmapTrace), `known.json is a trace in ITF, and not a baseline; ${WANTED}`],
    ["JSON of something else", '{"findings":[]}', `known.json is not a baseline; ${WANTED}`],
    ["an array", "[]", `known.json is not a baseline; ${WANTED}`],
    ["truncated JSON", "{", `known.json is not JSON, or was cut short; ${WANTED}`],
    [
      "UTF-16",
      Buffer.from(`\uFEFF${good.text}`, "utf16le"),
      "known.json is in UTF-16; want UTF-8, as in a JSON file that --update-baseline wrote",
    ],
    [
      "another version",
      changed({ version: 3 }),
      "known.json is a baseline of version 3; this foliocheck reads version 2",
    ],
    [
      "signatures that were made of messages",
      changed({ version: 1 }),
      "known.json has signatures of version 1, which were made of messages; this foliocheck has version 2: rename the file, " +
        "run the same gate with --update-baseline and --reason, and copy the reasons from the old file",
    ],
  ])("is rejected with its kind: %s", async (_, content, message) => {
    expect(await refusal(content)).toBe(message);
  });

  test("is reported as damaged if an entry has no reason", async () => {
    expect(await refusal(changed({ findings: [{ finding: "x", configs: [], reason: " " }] }))).toMatch(
      /^known\.json is a damaged baseline: findings\.0\.reason: /,
    );
  });
});

describe("an entry that matches no finding", () => {
  const [entry] = good.entries as [(typeof good.entries)[number]];
  const elsewhere = { ...entry, configs: [...entry.configs, "page-mapcount,32bit,mm-id"] };
  const always = (): boolean => true;

  test("is listed with the configurations in which it does not match", () => {
    expect(unmatchedEntries([entry], [finding], always)).toEqual([]);
    expect(unmatchedEntries([elsewhere], [finding], always)).toEqual([
      { ...entry, configs: ["page-mapcount,32bit,mm-id"] },
    ]);
    expect(
      unmatchedEntries(
        [entry],
        [{ ...finding, cause: { kind: "call", faults: [{ kind: "result", compiled: 3, model: 2 }] } }],
        always,
      ),
    ).toEqual([entry]);
  });

  test("is not listed for a configuration that was not checked", () => {
    expect(unmatchedEntries([elsewhere], [finding], (config) => config.includes("64bit"))).toEqual([]);
  });
});
