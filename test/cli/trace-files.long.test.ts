/** Trace files: written by a check, replayed by the command in the report. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchema } from "ajv";
import { beforeEach, describe, expect, test } from "vitest";
import { MACHINES } from "../../machines/index.ts";
import type { RunReport, TraceReport } from "../../verify/report/report.ts";
import { oneOf } from "../../verify/request/usage-error.ts";
import type { ReplayReport } from "../../verify/trace/replay.ts";
import { FAULTY, foliocheck, ownFolder, shell } from "./command.ts";

const folder = ownFolder();
const at = (name: string): string => join(folder.path, name);
const read = (name: string): string => readFileSync(at(name), "utf8");
const readJson = <T>(name: string): T => JSON.parse(read(name)) as T;

/** Returns the text of a valid trace file. */
const goodTrace = JSON.stringify(
  (JSON.parse(foliocheck([...FAULTY, "--reporter", "json"]).out) as RunReport).properties.find(
    ({ verdict }) => verdict === "violated",
  )?.trace,
);

/** Returns the command on the last line of a report's trace. */
function replayCommand(report: string): string {
  const [, command] = /^ {2}replay {4}(foliocheck replay .*)$/m.exec(report) ?? [];
  return command ?? "no command";
}

describe("--trace-out", () => {
  test("--trace-out writes the counterexample of the report, as JSON that the schema accepts", () => {
    const { code, out } = foliocheck([...FAULTY, "--trace-out", "trace.json", "--reporter", "json"], folder.path);
    expect(code).toBe(1);
    const { properties } = JSON.parse(out) as RunReport;
    const trace = readJson<TraceReport>("trace.json");
    expect(trace).toEqual(properties.find(({ verdict }) => verdict === "violated")?.trace);
    const schema = JSON.parse(
      readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8"),
    ) as AnySchema;
    expect(new Ajv().compile(schema)(trace)).toBe(true);
  });

  test("--trace-out writes ITF for a name that ends in .itf.json", () => {
    expect(foliocheck([...FAULTY, "--trace-out", "trace.itf.json"], folder.path).code).toBe(1);
    const itf = readJson<{ "#meta": object; vars: string[]; states: { [name: string]: unknown }[] }>("trace.itf.json");
    expect(itf["#meta"]).toMatchObject({ format: "ITF" });
    expect(itf.states.map((state) => state["action"])).toEqual([
      "init",
      "map(mm: 0, pages: 1)",
      "map(mm: 1, pages: 1)",
    ]);
    for (const [index, state] of itf.states.entries()) {
      expect(Object.keys(state).sort()).toEqual(["#meta", ...itf.vars].sort());
      expect(state["#meta"]).toEqual({ index });
    }
  });

  test("a suite writes the trace that it shows, so that its command replays it", () => {
    // C3 fails in three runs, and its shortest counterexample is not the first run's.
    const args = ["verify", "--variant", "single-mapping-rule-dropped", "--only", "rmap", "--trace-out", "trace.json"];
    const { code, out } = foliocheck(args, folder.path);
    expect(code).toBe(1);
    expect(replayCommand(out)).toBe("foliocheck replay trace.json");
    const { out: again } = shell(replayCommand(out), folder.path);
    expect(again).toMatch(/✗ still fails: C3 is violated under single-mapping-rule-dropped, at step 4\n$/);
  });
});

describe("the command that a report prints", () => {
  test.each(["trace.json", "a b.json", "it's.json", "$HOME;echo `x`.json", "--pages.json", "spüren.json"])(
    "replay of the trace in %s fails again",
    (name) => {
      const { code, out } = foliocheck([...FAULTY, `--trace-out=${name}`], folder.path);
      expect(code).toBe(1);
      const replayed = shell(replayCommand(out), folder.path);
      expect(replayed.err).toBe("");
      expect(replayed.code).toBe(1);
      expect(replayed.out).toMatch(/✗ still fails: C1 is violated under slot-1-without-shared, at step 2\n$/);
      // The report contains the kernel, because a replay may be under another one.
      expect(replayCommand(replayed.out)).toBe(`${replayCommand(out)} --variant slot-1-without-shared`);
    },
  );

  test("the report names no trace file without --trace-out", () => {
    expect(foliocheck(FAULTY).out).toContain("foliocheck replay FILE\n");
  });
});

describe("replay", () => {
  beforeEach(() => {
    writeFileSync(at("trace.json"), goodTrace);
  });

  const replay = (...args: readonly string[]): ReturnType<typeof foliocheck> =>
    foliocheck(["replay", "trace.json", ...args], folder.path);

  test("replay fails again under the kernel that the trace was found with", () => {
    expect(replay()).toMatchObject({ code: 1, err: "" });
    expect(replay("--variant", "slot-1-without-shared").code).toBe(1);
  });

  test("replay under v7.1 is cured, and names the first step with another state", () => {
    const { code, out, err } = replay("--variant", "v7.1");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.replaceAll("\n", " ")).toMatch(
      / the states under v7\.1 differ from those in the file from step 2 on: field folio\.mmIdsShared is true, and false in the file ✓ cured: C1 no longer fails under v7\.1 $/,
    );
  });

  test("replay fails under a kernel that violates another claim on the way", () => {
    const { code, out } = replay("--variant", "add-without-minus-one", "--reporter", "json");
    expect(code).toBe(1);
    const { outcome, findings } = JSON.parse(out) as ReplayReport;
    expect(outcome).toMatchObject({ kind: "fails-otherwise", violated: expect.arrayContaining(["C8"]) });
    expect(findings.map(({ id, step }) => [id, step])).toContainEqual(["C8", 1]);
  });

  test("replay as JSON has the execution", () => {
    const trace = readJson<TraceReport>("trace.json");
    const { code, out } = replay("--reporter", "json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      format: "foliocheck-replay",
      property: "C1",
      kernel: "slot-1-without-shared",
      outcome: { kind: "violated", step: 2 },
      confirmed: true,
      witness: false,
      findings: [{ id: "C1", verdict: "violated", step: 2 }],
      trace,
    });
  });

  test("replay reaches a witness again, and exits with 1 under a kernel that has lost it", () => {
    const args = ["check", "owner-tracking", "--pages", "2", "--mms", "3", "--reporter", "json"];
    const { properties } = JSON.parse(foliocheck(args).out) as RunReport;
    const witness = properties.find(({ id }) => id === "W1")?.trace;
    writeFileSync(at("trace.json"), JSON.stringify(witness));
    const again = replay();
    expect(again.out).toMatch(/✓ W1 is reached again under v7\.1, at step \d+\n$/);
    expect(again.code).toBe(0);
    const unreached = replay("--variant", "shared-cleared-without-slots");
    expect(unreached.out).toMatch(/✗ W1 is no longer reached under shared-cleared-without-slots\n$/);
    expect(unreached.code).toBe(1);
  });

  test("replay of a trace that a kernel cannot execute exits with 2, and names the step and the reason", () => {
    const bounds = ["--pages", "1", "--mms", "1", "--small-folios", "0", "--swap-slots", "1", "--holders", "1"];
    const check = ["check", "swap", "--variant", "pageout-frees-with-references", ...bounds];
    expect(foliocheck([...check, "--trace-out", "trace.json"], folder.path).code).toBe(1);
    expect(replay().code).toBe(1);
    const { code, out, err } = replay("--variant", "v7.1");
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(out.replace(/\n(?=\S)/g, " ")).toMatch(
      / … not applicable under v7\.1 from step 6 on: swapOut\(folio: 0\) is not enabled; whether it has the fault is not known\n$/,
    );
    expect(JSON.parse(replay("--variant", "v7.1", "--reporter", "json").out)).toMatchObject({
      outcome: {
        kind: "not-applicable",
        obstacle: { step: 6, call: "swapOut(folio: 0)", reason: "not-enabled" },
      },
    });
  });
});

describe("replay refuses", () => {
  beforeEach(() => {
    writeFileSync(at("good.json"), goodTrace);
  });

  const changed = (change: object): string => JSON.stringify({ ...readJson<TraceReport>("good.json"), ...change });

  /** Content of the file, derived from a valid trace, and the expected message. */
  const cases: { readonly [what: string]: readonly [(good: string) => string, string] } = {
    "an empty file": [() => "", "trace.json is not JSON, or was cut short; want a JSON file that --trace-out wrote"],
    "a truncated trace": [
      (good) => good.slice(0, good.length / 2),
      "trace.json is not JSON, or was cut short; want a JSON file that --trace-out wrote",
    ],
    "foreign JSON": [
      () => '{"name": "foliocheck", "version": 1}',
      "trace.json is not a foliocheck trace; want a JSON file that --trace-out wrote",
    ],
    "JSON that is no object": [
      () => "[null]",
      "trace.json is not a foliocheck trace; want a JSON file that --trace-out wrote",
    ],
    "another version": [
      () => changed({ version: 4 }),
      "trace.json is a trace of version 4; this foliocheck reads versions 1 to 3",
    ],
    "a version that is no number": [
      () => changed({ version: "1\n" }),
      'trace.json is a trace of version "1\\n"; this foliocheck reads versions 1 to 3',
    ],
    "an unknown machine": [
      () => changed({ machine: "buddy" }),
      `unknown machine "buddy"; want ${oneOf(MACHINES.map(({ name }) => name))}`,
    ],
    "a bound out of range": [
      () => changed({ bounds: { pages: 999, mms: 3 } }),
      "pages 999 is out of range for machine owner-tracking; want 2 … 64",
    ],
    "an unknown action": [
      () => changed({ steps: [{ action: "fly", parameters: {}, call: "", functions: [], state: 0 }] }),
      "cannot execute step 1 of the trace under its own kernel slot-1-without-shared: machine owner-tracking has no " +
        'action "fly"; it has map, unmap; the file was edited, or the model has changed since',
    ],
    "parameters out of range": [
      () => changed({ steps: [{ action: "map", parameters: { mm: 7 }, call: "", functions: [], state: 0 }] }),
      "cannot execute step 1 of the trace under its own kernel slot-1-without-shared: map(mm: 7): no such parameters " +
        "within the bounds of machine owner-tracking; the file was edited, or the model has changed since",
    ],
  };

  const refusal = (...args: readonly string[]): string => {
    const { code, out, err } = foliocheck(["replay", ...args], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: [^\n]+\n$/);
    return err.slice("error: ".length, -1);
  };

  test.each(Object.entries(cases))("replay refuses %s", (_, [content, message]) => {
    writeFileSync(at("trace.json"), content(read("good.json")));
    expect(refusal("trace.json")).toBe(message);
  });

  test("replay refuses a trace of an unknown variant", () => {
    writeFileSync(at("trace.json"), changed({ kernel: "my-patch" }));
    expect(refusal("trace.json")).toMatch(
      /^unknown variant "my-patch"; want v7\.1, v6\.18, v6\.15, rfc-2026-04 or one of the \d+ variants that foliocheck list prints$/,
    );
    expect(refusal("good.json", "--variant", "my-patch")).toMatch(/^unknown variant "my-patch"; want v7\.1, /);
  });

  test("replay refuses a file that does not exist, and a folder", () => {
    expect(refusal("no.json")).toBe("cannot read no.json: no such file or directory");
    expect(refusal(".")).toMatch(/^cannot read \.: /);
  });

  test("replay refuses a trace as ITF, and a report", () => {
    foliocheck([...FAULTY, "--trace-out", "t.itf.json", "--reporter", "json", "--output", "report.json"], folder.path);
    expect(refusal("t.itf.json")).toMatch(/^t\.itf\.json is a trace in ITF, which is for viewers; want /);
    expect(refusal("report.json")).toMatch(/^report\.json is a report, and not a trace; /);
  });
});
