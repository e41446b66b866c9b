/** Content of the HTML report, as data. */
import { describe, expect, test } from "vitest";
import type { Content, TraceContent } from "../../../report/html/content.ts";
import { gateContent } from "../../../report/html/gate.ts";
import { html } from "../../../report/html/html.ts";
import { raceContent } from "../../../report/html/race-content.ts";
import { replayContent } from "../../../report/html/replay.ts";
import { searchContent } from "../../../report/html/search.ts";
import { sourcesOf } from "../../../report/html/source-lines.ts";
import { traceContent } from "../../../report/html/trace-content.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { replay } from "../../../verify/trace/replay.ts";
import {
  countsTrace,
  goodRun,
  incompleteRun,
  rmapTrace,
  suite,
  threefoldRun,
  unreachedRun,
  violatedRun,
} from "../fixtures.ts";
import { finding as gateFinding, report as gateReport } from "../gate-report.ts";
import { access, begins, raceState, raceTrace, steps } from "../race-traces.ts";
import { FILE, imageTrace, TEXT } from "./image-trace.ts";

const noFile = (): undefined => undefined;

function tableNamed({ tables }: Content, title: string): Content["tables"][number] | undefined {
  return tables.find((table) => table.title === title);
}

describe("the content of a search", () => {
  test("the content of a search names what is violated, and has a finding for it with its trace", () => {
    const { content, traces } = searchContent(violatedRun, noFile);
    expect(content.verdict).toMatchObject({ mark: "✗", tone: "bad" });
    const [first] = content.findings;
    expect(content.verdict.text).toContain(`Violated: ${first?.name}`);
    expect(first).toMatchObject({ status: "violated", tone: "bad", trace: 0 });
    expect(traces[0]?.steps.map(({ sentence }) => sentence)).toEqual([
      "mm 0 touches entry 0; the kernel maps a new folio of 4 pages",
      "mm 0 forks; mm 1 gets copies of its entries",
      "mm 1 unmaps entries 2–3",
    ]);
  });

  test("findings with the same steps share one trace, which names the other properties", () => {
    const { content, traces } = searchContent(threefoldRun, noFile);
    expect(content.findings.length).toBeGreaterThan(1);
    expect(new Set(content.findings.map(({ trace }) => trace)).size).toBe(traces.length);
    expect(traces[0]?.also.length).toBe(content.findings.length - 1);
  });

  test("an incomplete search is not called holds", () => {
    const { verdict } = searchContent(incompleteRun, noFile).content;
    expect(verdict).toMatchObject({ mark: "…", tone: "warn" });
    expect(verdict.text).toMatch(/^Incomplete/);
  });

  test("an unreached witness is a finding without a trace", () => {
    const { findings } = searchContent(unreachedRun, noFile).content;
    expect(findings.filter(({ status }) => status === "unreached").map(({ trace }) => trace)).toEqual([undefined]);
  });

  test("the content of a suite has tables of claims, runs and what was not checked", () => {
    const { content } = searchContent(suite, noFile);
    expect(tableNamed(content, "Claims")?.rows.length).toBe(suite.claims.length);
    expect(tableNamed(content, "Runs")?.rows.length).toBe(suite.runs.length);
    const cells = tableNamed(content, "Not checked")?.rows.map(([what]) => String(what)) ?? [];
    for (const { subject } of suite.notChecked) {
      const name = typeof subject === "object" && "property" in subject ? subject.property : subject;
      expect(cells.join("; ")).toContain(name);
    }
    expect(content.command).toBe(`foliocheck verify --profile ${suite.profile}`);
  });

  test("properties that are not checked for the same reason are in one row", () => {
    const notChecked = ["C1", "C2"].map((property) => ({ subject: { property }, reason: "there is no swap" }));
    const { content } = searchContent({ ...goodRun, notChecked }, noFile);
    expect(tableNamed(content, "Not checked")?.rows).toEqual([["C1, C2", "there is no swap"]]);
  });

  test("tables without rows are left out", () => {
    const { content } = searchContent({ ...goodRun, notChecked: [], actions: [] }, noFile);
    expect(tableNamed(content, "Not checked")).toBeUndefined();
    expect(tableNamed(content, "Actions")).toBeUndefined();
  });

  test("a written trace file is in the command that takes its steps again", () => {
    const { traces } = searchContent(violatedRun, () => "c8 trace.json");
    expect(traces[0]?.commands.map(({ text }) => text)).toContain("foliocheck replay 'c8 trace.json'");
  });
});

describe("the content of a gate", () => {
  test("a new finding is bad, an accepted one and one of the base are not", () => {
    const findings = [gateFinding, { ...gateFinding, accepted: "latent" }, { ...gateFinding, inBase: true as const }];
    const { content } = gateContent({ ...gateReport, findings }, noFile, []);
    expect(content.findings.map(({ status, tone }) => `${status} ${tone}`)).toEqual([
      "new bad",
      "accepted warn",
      "in base dim",
    ]);
    expect(content.verdict.text).toBe("1 new finding.");
  });

  test("a finding has its cause, configurations and places, and the command that finds it again", () => {
    const { content, traces } = gateContent(gateReport, noFile, []);
    const facts = Object.fromEntries(content.findings[0]?.facts.map(({ name, text }) => [name, text]) ?? []);
    expect(facts).toMatchObject({
      what: "folio_mapcount() at include/linux/mm.h:12, called for folio 0: it returns 1, in the model 2",
      where: "page-mapcount,64bit,mm-id",
      places: "include/linux/mm.h:12",
    });
    expect(traces[0]?.commands[0]?.text).toMatch(
      /^foliocheck gate --tree linux --config page-mapcount,64bit,mm-id --only /,
    );
  });

  test("functions are sorted by the severity of their outcome", () => {
    const rows = tableNamed(gateContent(gateReport, noFile, []).content, "Functions")?.rows ?? [];
    expect(rows.map(([, outcome]) => outcome)).toMatchObject([
      { tone: "bad", sort: 0 },
      { tone: "warn", sort: 1 },
    ]);
  });
});

describe("the content of a replay", () => {
  test("a replay that still fails is bad, and its trace is marked as violated", () => {
    const { content, traces } = replayContent(replay(rmapTrace), "c8.json");
    expect(content.verdict).toMatchObject({ mark: "✗", tone: "bad" });
    expect(traces[0]?.shows).toBe("violated");
    expect(content.command).toBe("foliocheck replay c8.json --variant sub-looks-at-slot-0-only");
  });

  test("a cured trace is good, and a witness that is reached is called reached", () => {
    expect(replayContent(replay(rmapTrace, "v7.1"), "c8.json").traces[0]?.shows).toBe("neither");
    const { content, traces } = replayContent(replay(countsTrace), "w.json");
    expect(content.verdict.tone).toBe("good");
    expect(traces[0]?.shows).toBe("reached");
  });
});

describe("the content of an interleaving", () => {
  test("accesses to one field by two CPUs are joined if one of them writes, and stale loads are marked", () => {
    const idle = raceState(["", ""]);
    const busy = raceState(["one()", "other()"]);
    const content = raceContent(
      raceTrace(2, [
        begins(0, "exit", busy),
        begins(1, "exit", busy),
        steps(0, [access(0, "store")], busy),
        steps(1, [access(1, "load", { ignored: 1 })], busy),
        steps(1, [access(1, "load")], idle),
      ]),
    );
    const texts = content.conflicts.map((pair) => pair.map((row) => content.rows[row]?.text.split(" ")[0]));
    expect(texts).toEqual([["store", "load"]]);
    expect(content.rows.filter(({ stale }) => stale === 1)).toHaveLength(1);
  });
});

describe("the content of an image's trace", () => {
  const trace = (): TraceContent => traceContent(imageTrace, { shows: "violated", also: [], commands: [] });

  test("its states are the world, with what /proc shows and without what the picture shows", () => {
    const { state } = trace();
    expect(state).toMatchObject({ mms: [{ idNumber: 1 }, { idNumber: 2 }], "process 0": { RSS: 0 } });
    expect(JSON.stringify(state)).not.toContain("maps");
    expect(state).not.toHaveProperty("folio A");
  });

  test("after a fault, which leaves no state, the page draws the state before it", () => {
    const cut: TraceReport = {
      ...imageTrace,
      steps: imageTrace.steps.map(({ world, ...step }, i) =>
        i < 2 && world !== undefined ? { ...step, world } : step,
      ),
    };
    const steps = traceContent(cut, { shows: "violated", also: [], commands: [] }).steps;
    expect(steps[2]?.delta).toEqual([[["process 0", "RSS"], 3]]);
  });

  test("a call is stored once for all steps, with its place", () => {
    const { texts, steps } = trace();
    expect(texts).toEqual(["example()", `${FILE}:3`]);
    expect(steps.map(({ calls }) => calls[0]?.calls)).toEqual([[[0, 1]], [[0, 1]], [[0, 1]]]);
  });
});

describe("the embedded lines of a tree", () => {
  const report = { ...goodRun, properties: goodRun.properties.map((each) => ({ ...each, trace: imageTrace })) };

  test("the lines of a function that ran are embedded once, up to its closing brace", () => {
    expect(sourcesOf(report, (file) => (file === FILE ? TEXT : undefined))).toEqual([
      { file: FILE, first: 3, lines: ["static void example(void)", "{", "\tcall();", "}"] },
    ]);
  });

  test("a file that the tree does not have is left out", () => {
    expect(sourcesOf(report, () => undefined)).toEqual([]);
  });

  test("the lines around a single access of C code are embedded", () => {
    const place = { file: FILE, line: 5 };
    const trace = raceTrace(1, [steps(0, [access(0, "store", { place })], raceState([""]))]);
    const run = { ...goodRun, properties: goodRun.properties.map((each) => ({ ...each, trace })) };
    expect(sourcesOf(run, () => TEXT)).toMatchObject([{ first: 2, lines: { length: 7 } }]);
  });

  test("a report contains no line of a tree unless it is asked for", () => {
    const text = html(report, {});
    expect(text).toContain(`${FILE}:3`);
    expect(text).not.toContain("static void example");
  });
});

describe("the document", () => {
  test("a policy forbids every request, and names the script and the style by their hashes", () => {
    const text = html(violatedRun, {});
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy.match(/'sha256-[\w+/=]{44}'/g)).toHaveLength(2);
  });

  test("a trace contains each state as what the step changed", () => {
    const text = html(violatedRun, {});
    const data = /<script type="application\/json" id="trace-0">(.*)<\/script>/.exec(text)?.[1] ?? "";
    const trace = JSON.parse(data) as TraceContent;
    expect(JSON.stringify(trace.steps.map(({ delta }) => delta)).length).toBeLessThan(
      JSON.stringify(rmapTrace.steps.map(({ state }) => state)).length / 2,
    );
  });
});
