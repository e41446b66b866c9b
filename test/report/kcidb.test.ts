/** Results for KCIDB: what its schema requires, and identifiers. */
import { describe, expect, test } from "vitest";
import { kcidb } from "../../report/kcidb/kcidb.ts";
import { gateResults } from "../../report/results/gate.ts";
import { searchResults } from "../../report/results/search.ts";
import type { TestResults } from "../../report/results/test-results.ts";
import { goodRun, incompleteRun, suite, violatedRun } from "./fixtures.ts";
import { report } from "./gate-report.ts";

interface Item {
  readonly id: string;
  readonly origin: string;
}

interface Content {
  readonly version: object;
  readonly checkouts: readonly (Item & { readonly patchset_hash?: string; readonly misc?: object })[];
  readonly builds: readonly (Item & { readonly checkout_id: string; readonly config_name?: string })[];
  readonly tests: readonly (Item & {
    readonly build_id: string;
    readonly path: string;
    readonly status: string;
    readonly comment?: string;
    readonly duration?: number;
    readonly log_excerpt?: string;
    readonly number?: { readonly value: number; readonly unit?: string };
  })[];
}

const contentOf = (results: TestResults): Content => JSON.parse(kcidb(results)) as Content;

const provenance = {
  foliocheck: "1.2.3",
  node: "v20.0.0",
  platform: "linux x64",
  arguments: ["gate"],
  options: { profile: "quick" },
  inputs: { tree: "a".repeat(64), patch: "b".repeat(64) },
};

describe("kcidb", () => {
  test.each([
    ["a suite", searchResults(suite)],
    ["a run that holds", searchResults(goodRun)],
    ["an incomplete run", searchResults(incompleteRun)],
    ["a gate", gateResults(report)],
    ["a gate with inputs", gateResults({ ...report, provenance })],
  ])("%s has for KCIDB what its schema 5.3 requires", (_, results) => {
    const { version, checkouts, builds, tests } = contentOf(results);
    expect(version).toEqual({ major: 5, minor: 3 });
    const items: readonly Item[] = [...checkouts, ...builds, ...tests];
    for (const { id, origin } of items) {
      expect(origin).toMatch(/^[a-z0-9_]+$/);
      expect(id.startsWith(`${origin}:`)).toBe(true);
    }
    for (const list of [checkouts, builds, tests]) {
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    }
    expect(builds.every(({ checkout_id }) => checkouts.some(({ id }) => id === checkout_id))).toBe(true);
    expect(tests.every(({ build_id }) => builds.some(({ id }) => id === build_id))).toBe(true);
    expect(tests.length).toBeGreaterThan(0);
    for (const { path, status, log_excerpt = "" } of tests) {
      expect(path).toMatch(/^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/);
      expect(["FAIL", "PASS", "DONE", "MISS", "SKIP"]).toContain(status);
      expect(log_excerpt.length).toBeLessThanOrEqual(16_384);
      expect(log_excerpt).not.toContain("\u0000");
    }
    expect(new Set(tests.map(({ path }) => path)).size).toBe(tests.length);
  });

  test("a violated property fails for KCIDB, an incomplete one is missing and never passes, a measurement is a number", () => {
    const violated = contentOf(searchResults(violatedRun)).tests.filter(({ status }) => status === "FAIL");
    expect(violated.map(({ path }) => path.split(".").at(-1))).toEqual(["C8"]);
    expect(violated[0]?.log_excerpt).toContain("initial state");
    const incomplete = contentOf(searchResults(incompleteRun)).tests.map(({ status }) => status);
    expect(incomplete.filter((each) => each === "MISS")).toHaveLength(
      incompleteRun.properties.filter(({ verdict }) => verdict === "incomplete").length,
    );
    const states = contentOf(searchResults(goodRun)).tests.find(({ path }) => path.endsWith(".states"));
    expect(states).toMatchObject({ status: "DONE", number: { value: goodRun.states } });
  });

  test("a missing function is skipped for KCIDB, since there is nothing to test", () => {
    const { tests } = contentOf(gateResults(report));
    const missing = tests.find(({ comment }) => comment === "folio_add_file_rmap_pmd()");
    expect(missing).toMatchObject({ status: "SKIP", log_excerpt: "missing" });
  });

  test("the checkout of KCIDB follows from the hashes of tree and patch, and each configuration is a build", () => {
    const { checkouts, builds } = contentOf(gateResults({ ...report, provenance }));
    // The hash of the patch's hash and a line break, as sha256sum prints it.
    expect(checkouts[0]?.patchset_hash).toBe("5c6449da335badb355097ca2a7898509bce8feebfe31dedce47798825fdd9a11");
    expect(checkouts[0]?.misc).toEqual({ sha256: provenance.inputs });
    expect(new Set(builds.map(({ config_name }) => config_name))).toEqual(
      new Set(["page-mapcount,64bit,mm-id", "page-mapcount,32bit,mm-id", undefined]),
    );
    const idOf = (inputs: typeof provenance.inputs, tree: string): string | undefined =>
      contentOf(gateResults({ ...report, tree, provenance: { ...provenance, inputs } })).checkouts[0]?.id;
    expect(idOf(provenance.inputs, "linux")).toBe(idOf(provenance.inputs, "elsewhere/linux"));
    expect(idOf({ ...provenance.inputs, patch: "c".repeat(64) }, "linux")).not.toBe(idOf(provenance.inputs, "linux"));
  });

  test("the same report has the same tests in KCIDB, and other options have others", () => {
    const ids = (profile: string): string[] =>
      contentOf(gateResults({ ...report, provenance: { ...provenance, options: { profile } } })).tests.map(
        ({ id }) => id,
      );
    expect(ids("quick")).toEqual(ids("quick"));
    expect(ids("ci").some((id) => ids("quick").includes(id))).toBe(false);
  });

  test("a long log is shortened for KCIDB", () => {
    const cases = [
      { id: "C1", name: "C1", outcome: "failed", counterexample: () => "x\u0000".repeat(20_000) },
    ] as const;
    const results = { ...searchResults(goodRun), suites: [{ id: "s", name: "s", className: "s", cases }] };
    const [only] = contentOf(results).tests;
    expect(only?.log_excerpt).toHaveLength(16_384);
    expect(only?.log_excerpt?.startsWith("x\\0x")).toBe(true);
  });
});
