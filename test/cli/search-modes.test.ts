/** Modes of `check` other than an exhaustive search up to the first violation. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { FAULTY, foliocheck, ownFolder, SMALL } from "./command.ts";

const folder = ownFolder();

const schema = JSON.parse(readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8")) as AnySchema;
const validate = new Ajv({ allErrors: true }).compile(schema);

/** Runs a check as JSON, which the schema must accept. */
function reported(args: readonly string[], expected: number): RunReport {
  const { code, out, err } = foliocheck([...args, "--reporter", "json"]);
  expect({ code, err }).toEqual({ code: expected, err: "" });
  const report = JSON.parse(out) as RunReport;
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  return report;
}

const timeless = ({ seconds: _, cpuSeconds: _cpu, peakMemoryBytes: _peak, ...report }: RunReport): object => report;

describe("check --simulate", () => {
  test("check --simulate without a violation is incomplete, even if it has visited every state", () => {
    const report = reported([...SMALL, "--simulate", "300", "--seed", "7", "--max-depth", "20"], 3);
    expect(report).toMatchObject({
      verdict: "incomplete",
      mode: "simulation",
      stopped: "simulated",
      states: 9,
      depth: 20,
      simulation: { walks: 300, seed: 7, maxDepth: 20, countsAll: true },
    });
    expect(report.properties.map(({ verdict }) => verdict)).not.toContain("holds");
    expect(report.notChecked.map(notCheckedText)[0]).toBe(
      "Executions that no random walk took: random walks show violations, never their absence",
    );
    const { out } = foliocheck([...SMALL, "--simulate", "300", "--seed", "7", "--max-depth", "20"]);
    expect(out).toContain("300 random walks, seed 7, depth 20: 9 distinct states visited\n");
    expect(out).toMatch(
      /^… incomplete: [^\n]*\n {2}incomplete: random walks visit some of the states, and not all, after 9 states, /,
    );
  });

  test("check --simulate with the same seed has the same result", () => {
    const args = [...FAULTY, "--simulate", "50", "--seed", "3"];
    expect(timeless(reported(args, 1))).toEqual(timeless(reported(args, 1)));
  });

  test("check --simulate finds a violation, with a trace that replays and is not called a shortest one", () => {
    const trace = join(folder.path, "trace.json");
    const args = [...FAULTY, "--pages", "8", "--simulate", "50", "--trace-out", trace];
    const { code, out } = foliocheck(args);
    expect(code).toBe(1);
    expect(out.replaceAll(/\s+/g, " ")).toMatch(
      /C1 was violated by walk \d+ after \d+ steps.*; no step can be left out, but this need not be a shortest trace/,
    );
    expect(out).toContain("Whether a shorter execution fails: ");
    expect(foliocheck(["replay", trace])).toMatchObject({ code: 1 });
    const [failed] = reported([...FAULTY, "--simulate", "50"], 1).properties.filter(
      ({ verdict }) => verdict === "violated",
    );
    expect(failed?.walk?.number).toBeGreaterThan(0);
    expect(failed?.walk?.steps).toBeGreaterThanOrEqual(failed?.trace?.steps.length ?? Number.NaN);
  });

  test.each([
    { args: ["--seed", "1"], says: "--seed is for random walks" },
    { args: ["--simulate", "5", "--checkpoint", "."], says: "--checkpoint is for exhaustive searches" },
    { args: ["--simulate", "0"], says: "Want 1 or more" },
  ])("check --simulate is refused with $args", ({ args, says }) => {
    const { code, out, err } = foliocheck([...SMALL, ...args], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});

describe("check --all-violations", () => {
  const BROKEN = ["check", "rmap", "--pages", "2", "--variant", "sub-looks-at-slot-0-only"];

  test("check --all-violations has a shortest trace for each violated property, and exits with 1", () => {
    const first = reported(BROKEN, 1);
    const all = reported([...BROKEN, "--all-violations"], 1);
    expect(all).toMatchObject({ mode: "all-violations", verdict: "violated" });
    const lengths = ({ properties }: RunReport): Map<string, number | undefined> =>
      new Map(
        properties.filter(({ verdict }) => verdict === "violated").map(({ id, trace }) => [id, trace?.steps.length]),
      );
    expect(lengths(all).size).toBeGreaterThan(lengths(first).size);
    for (const [id, steps] of lengths(first)) {
      expect(lengths(all).get(id)).toBe(steps);
    }
    expect(all.notChecked.map(notCheckedText)[0]).toBe(
      "Whether one violation follows from another: the search continued from violating states as from any other",
    );
    // The faulty kernel exceeds the ranges of fields, so that no property holds.
    expect(all.notChecked.map(notCheckedText)[1]).toMatch(
      /^Successors that no state can represent, and states after them; steps: \d+, the first: /,
    );
    expect(all.properties.map(({ verdict }) => verdict)).not.toContain("holds");
  });

  test("check --all-violations has the verdict holds for the other properties when every state was visited", () => {
    const { properties, verdict } = reported([...FAULTY, "--all-violations"], 1);
    expect(verdict).toBe("violated");
    const verdicts = new Map(properties.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts.get("C1")).toBe("violated");
    expect(verdicts.get("C8")).toBe("holds");
    expect([...verdicts.values()]).not.toContain("incomplete");
  });

  test("check --all-violations reports the same where nothing is violated", () => {
    const { mode, ...rest } = timeless(reported([...SMALL, "--all-violations"], 0)) as RunReport;
    const { mode: _, ...usual } = timeless(reported(SMALL, 0)) as RunReport;
    expect(mode).toBe("all-violations");
    expect({ ...rest, provenance: undefined }).toEqual({ ...usual, provenance: undefined });
  });
});

describe("check --graph", () => {
  const STRING = '"(?:[^"\\\\]|\\\\.)*"';
  const ATTRIBUTES = `\\[label=${STRING}(?:, (?:style=bold|color=red|fontcolor=red))*\\];`;

  test("check --graph writes every state and step for Graphviz, the same every time", () => {
    const [file, again] = [join(folder.path, "states.dot"), join(folder.path, "again.dot")];
    expect(foliocheck([...SMALL, "--graph", file])).toMatchObject({ code: 0, err: "" });
    expect(foliocheck([...SMALL, "--graph", again])).toMatchObject({ code: 0 });
    const text = readFileSync(file, "utf8");
    expect(readFileSync(again, "utf8")).toBe(text);
    const lines = text.trimEnd().split("\n");
    expect([lines[0], lines.at(-1)]).toEqual(["digraph foliocheck {", "}"]);
    const [nodes, edges] = [`^  s\\d+ ${ATTRIBUTES}$`, `^  s\\d+ -> s\\d+ ${ATTRIBUTES}$`].map((pattern) =>
      lines.filter((line) => new RegExp(pattern).test(line)),
    );
    // The other lines are the attributes of the graph, of all nodes and of all edges.
    expect((nodes?.length ?? 0) + (edges?.length ?? 0)).toBe(lines.length - 5);
    expect(nodes).toHaveLength(9);
    expect(nodes?.filter((line) => line.includes("style=bold"))).toHaveLength(1);
    // One line of a label for each of the 36 transitions.
    expect(text.match(/(?:un)?map\(mm: \d, pages: \d\)/g)).toHaveLength(36);
    expect(text).not.toContain("color=red");
  });

  test("check --graph marks violations, and has the states beyond them", () => {
    const file = join(folder.path, "states.dot");
    expect(foliocheck([...FAULTY, "--pages", "2", "--mms", "2", "--graph", file]).code).toBe(1);
    const red = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.includes("color=red"));
    expect(red.length).toBeGreaterThan(1);
    expect(red.every((line) => line.includes("violates C1"))).toBe(true);
  });

  test("check --graph is refused at once where there are too many states, and leaves no file", () => {
    const { code, out, err } = foliocheck(["check", "owner-tracking", "--pages", "8", "--graph", "g.dot"], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^error: cannot draw a graph: machine owner-tracking has more than \d+ states; choose smaller bounds/,
    );
    expect(folder.files()).toEqual([]);
  });

  test("check --graph is refused with the file of another output", () => {
    const { code, err } = foliocheck([...SMALL, "--graph", "x", "--output", "x"], folder.path);
    expect(code).toBe(2);
    expect(err).toContain("--output and --graph both name x");
  });
});

describe("The provenance of a report", () => {
  test("the provenance of a report has versions, arguments and options, and no time", () => {
    const { provenance } = reported([...SMALL, "--no-symmetry", "--no-progress"], 0);
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(provenance).toEqual({
      foliocheck: version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      arguments: ["check", "owner-tracking"],
      options: { pages: 2, mms: 2, config: "", symmetry: false },
    });
  });

  test("a suite has its provenance once", () => {
    const { out } = foliocheck(["verify", "--only", "W5", "--max-states", "9", "--reporter", "json"]);
    const suite = JSON.parse(out) as { provenance: { arguments: string[]; options: object }; runs: object[] };
    expect(suite.provenance).toMatchObject({
      arguments: ["verify"],
      options: { only: "W5", profile: "quick", maxStates: 9 },
    });
    expect(suite.runs.some((run) => "provenance" in run)).toBe(false);
  });
});
