import { describe, expect, test } from "vitest";
import { junit as junitOf } from "../../report/junit/junit.ts";
import { escapeXml } from "../../report/junit/xml.ts";
import { searchResults } from "../../report/results/search.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { SearchReport } from "../../verify/report/report.ts";
import { goodRun, incompleteRun, rmapTrace, suite, threefoldRun, unreachedRun, violatedRun } from "./fixtures.ts";
import { UNQUEUED } from "./race-traces.ts";

const junit = (report: SearchReport): string => junitOf(searchResults(report));

interface XmlElement {
  name: string;
  attributes: { [name: string]: string };
  children: XmlElement[];
  text: string;
}

const decode = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");

/** Parses the subset of XML that the reporter writes. @throws Error for anything else */
function parseXml(xml: string): XmlElement {
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const stack = [root];
  const token =
    /<(\/?)([a-z-]+)((?: [a-z]+="[^"<&]*(?:&[#a-z0-9]+;[^"<&]*)*")*)(\/?)>|((?:[^<>&]|&(?:amp|lt|gt|quot|#\d+);)+)/gy;
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const match = token.exec(body);
    const parent = stack.at(-1);
    if (match === null || parent === undefined) {
      throw new Error(`not well-formed at ${JSON.stringify(body.slice(at, at + 60))}`);
    }
    const [, closing, name = "", attributes = "", empty, text] = match;
    if (text !== undefined) {
      parent.text += decode(text);
    } else if (closing === "/") {
      expect(name).toBe(stack.pop()?.name);
    } else {
      const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
        key,
        decode(value),
      ]);
      const child = { name, attributes: Object.fromEntries(pairs) as XmlElement["attributes"], children: [], text: "" };
      parent.children.push(child);
      if (empty !== "/") {
        stack.push(child);
      }
    }
  }
  expect(stack).toHaveLength(1);
  return root.children[0] as XmlElement;
}

const named = (element: XmlElement | undefined, name: string): XmlElement[] =>
  element?.children.filter((each) => each.name === name) ?? [];

describe("junit", () => {
  const root = parseXml(junit(suite));

  test("JUnit has a test suite for each run, with its totals", () => {
    expect(root.name).toBe("testsuites");
    expect(root.attributes).toMatchObject({ tests: "10", failures: "3", skipped: "2", errors: "0", time: "70.323" });
    expect(named(root, "testsuite").map(({ attributes: { name } }) => name)).toEqual([
      "owner-tracking · pages 4, mms 3 · page-mapcount,64bit,mm-id · sub-looks-at-slot-0-only",
      "rmap · pages 4, minPages 4, mms 2, folios 1, anon 1, file 0 · page-mapcount,64bit,mm-id · sub-looks-at-slot-0-only",
      "owner-tracking · pages 4, mms 3 · no-page-mapcount,64bit,mm-id · sub-looks-at-slot-0-only",
      "owner-tracking · pages 8, mms 4 · page-mapcount,64bit,mm-id · sub-looks-at-slot-0-only",
      "owner tracking, for any number of MMs · sub-looks-at-slot-0-only",
    ]);
    expect(named(root, "testsuite")[1]?.attributes).toMatchObject({ tests: "2", failures: "1", skipped: "1" });
  });

  test("JUnit has a test case for each property, named by its claim", () => {
    const cases = named(named(root, "testsuite")[0], "testcase");
    expect(cases.map(({ attributes: { name } }) => name)).toEqual(
      goodRun.properties.map(({ id, claim }) => `${id}: ${claim}`),
    );
    expect(cases.every(({ children }) => named({ ...root, children }, "failure").length === 0)).toBe(true);
  });

  test("JUnit has a test case for each proof, with the claims that are proved or the obligations that are refuted", () => {
    const proofs = named(root, "testsuite").at(-1);
    expect(proofs?.attributes).toMatchObject({ tests: "2", failures: "1", skipped: "0" });
    const [proved, refuted] = named(proofs, "testcase");
    expect(proved?.attributes["name"]).toBe("page-mapcount,64bit,mm-id");
    expect(named(proved, "system-out")[0]?.text).toBe(
      "proved: C1 C6.large-mapcount (1,452 operations from 452 states)",
    );
    expect(named(refuted, "failure")[0]?.attributes).toEqual({
      type: "refuted",
      message: "the induction fails: sub: whole",
    });
  });

  test("JUnit skips a proof whose counterexample no execution reaches", () => {
    const proofs = suite.proofs.map((each) =>
      each.verdict === "refuted" ? { ...each, verdict: "not inductive" as const, reached: false } : each,
    );
    const suites = named(parseXml(junit({ ...suite, proofs })), "testsuite");
    expect(suites.at(-1)?.attributes).toMatchObject({ tests: "2", failures: "0", skipped: "1" });
    expect(junit({ ...suite, proofs: [] })).not.toContain("owner tracking, for any number of MMs");
  });

  test("JUnit divides the time of a run equally among its properties", () => {
    for (const suite of named(root, "testsuite").slice(0, -1)) {
      const times = named(suite, "testcase").map(({ attributes }) => Number(attributes["time"]));
      expect(new Set(times).size).toBe(1);
      expect(times.reduce((sum, each) => sum + each, 0)).toBeCloseTo(Number(suite.attributes["time"]), 2);
      expect(times[0]).toBeGreaterThan(0);
    }
  });

  test("JUnit has a trace once, and a reference to it in the other properties that its steps violate", () => {
    const text = junit(threefoldRun);
    expect(text.split("   0  initial state")).toHaveLength(2);
    const cases = named(named(parseXml(text), "testsuite")[0], "testcase");
    const failures = cases.flatMap((each) => named(each, "failure"));
    expect(failures).toHaveLength(3);
    expect(failures[1]?.text).toContain("\nCounterexample to C1 in 3 steps: those of the counterexample to C8\n");
    expect(failures[2]?.text).toContain(
      "  warning   __folio_large_mapcount_sanity_checks() warns: a taken slot has a negative mapcount\n",
    );
  });

  test("JUnit has the trace as text in the failure", () => {
    const [testCase] = named(named(parseXml(junit(violatedRun)), "testsuite")[0], "testcase");
    const [failure] = named(testCase, "failure");
    expect(failure?.attributes).toEqual({ type: "violated", message: rmapTrace.claim });
    expect(failure?.text).toBe(`\n${formatTrace(rmapTrace, { color: false, shows: "violated" })}`);
  });

  test("JUnit fails an unreached witness and skips an incomplete property", () => {
    const [unreached] = named(named(parseXml(junit(unreachedRun)), "testsuite")[0], "testcase");
    expect(named(unreached, "failure")[0]?.attributes).toEqual({
      type: "unreached",
      message: "unreached: the model lost behaviour it must have",
    });
    const [incomplete] = named(named(parseXml(junit(incompleteRun)), "testsuite")[0], "testcase");
    expect(named(incomplete, "skipped")).toHaveLength(1);
    expect(named(incomplete, "failure")).toHaveLength(0);
  });

  test("JUnit has the operations of the CPUs and their interleaving as properties of the suite", () => {
    const interleaving = ["memory model: x86-TSO", "reductions: none"];
    const text = junit({ ...goodRun, calls: UNQUEUED, interleaving });
    const [properties] = named(named(parseXml(text), "testsuite")[0], "properties");
    const pairs = properties?.children.map(({ attributes: { name, value } }) => [name, value]) ?? [];
    expect(pairs.filter(([name]) => /^(start|CPU|interleaved)/.test(name ?? ""))).toEqual([
      ["start", "anonFault(mm: 0); fork(parent: 0, child: 1)"],
      ["CPU 0", "exit(mm: 0)"],
      ["CPU 1", "zap(mm: 1, first: 0, count: 1)"],
      ["interleaved", "memory model: x86-TSO"],
      ["interleaved", "reductions: none"],
    ]);
  });

  test("JUnit replaces characters that XML cannot hold", () => {
    const nasty = 'a < b && "c" > \u001b[1m ]]> \u0000 \ud800 \uffff \r\n\t end';
    const [property] = violatedRun.properties;
    const trace = { ...rmapTrace, claim: nasty };
    const report = {
      ...violatedRun,
      properties: [{ ...property, claim: nasty, trace } as NonNullable<typeof property>],
    };
    const [testCase] = named(named(parseXml(junit(report)), "testsuite")[0], "testcase");
    const expectedText = nasty
      .replace("\u001b", "\\u{1b}")
      .replace("\u0000", "\\u{0}")
      .replace("\ud800", "\\u{d800}")
      .replace("\uffff", "\\u{ffff}");
    expect(testCase?.attributes).toMatchObject({ name: `C8: ${expectedText}` });
    expect(junit(report)).toContain('&#13;&#10;&#9; end"');
    for (const forbidden of ["\u001b", "\u0000", "\uffff", "\r"]) {
      expect(junit(report)).not.toContain(forbidden);
    }
  });
});

test("escapeXml escapes every character that has a meaning, and keeps the others", () => {
  expect(escapeXml(`<a href="x">&amp;</a> → 😀 it's`)).toBe(
    "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt; → 😀 it's",
  );
});
