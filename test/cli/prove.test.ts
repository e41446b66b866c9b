/** `foliocheck prove` on the model. */
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import type { ProofReport } from "../../verify/proof-report.ts";
import { type Finished, foliocheck } from "./command.ts";

/** Configuration with small bounds. */
const CONFIG = ["--config", "32bit,mm-id-mapcount-max=1"];

/** Runs the command without a solver on the PATH. */
function withoutSolver(args: readonly string[]): Finished {
  return foliocheck(args, tmpdir(), { PATH: "" });
}

describe("prove", () => {
  test("prove prints what is proved, by which method, and the assumptions", () => {
    const { code, out, err } = withoutSolver(["prove", ...CONFIG, "--verbose"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^MM owner tracking, for any number of MMs: the model\n/);
    expect(out).toContain("claims       C1 C2 C3 C4 C5 C6.large-mapcount C8 C17 C20\n");
    expect(out).toMatch(
      /; 3 MMs reach 1,333 of\s+these\s+states and\s+no\s+other:\s+3,871\s+states\s+are\s+covered\s+besides;/,
    );
    expect(out).toMatch(/\n {2}formulas +none: no SMT solver/);
    expect(out).toContain("\nAssumed\n  - One operation at a time");
    expect(out).toMatch(/\n✓ proved in [^\n]+\n$/);
  });

  test("prove prints the verdict first, with the sizes and claims of each subject, and the assumptions", () => {
    const { out } = withoutSolver(["prove", ...CONFIG]);
    expect(out).toMatch(/^✓ proved: MM owner tracking, for any number of MMs: the model in [^\n]+\n/);
    expect(out.replaceAll(/\s+/g, " ")).toContain(
      " ✓ proved C1 C2 C3 C4 C5 C6.large-mapcount C8 C17 C20, for small sizes, as no SMT solver",
    );
    expect(out).not.toContain("enumeration");
    expect(out).toContain("\nAssumed\n  - One operation at a time");
  });

  test("prove shows a counterexample to induction before and after, and an execution that reaches it", () => {
    const { code, out } = withoutSolver(["prove", ...CONFIG, "--variant", "shared-cleared-with-slot"]);
    expect(code).toBe(1);
    expect(out).toContain('Counterexample to induction: folio_sub_return_large_mapcount() does not keep "whole"');
    expect(out).toMatch(/\n {4}owner of slot 1 +maps 1 +maps 0\n/);
    expect(out).toMatch(/\n {4}marked as shared +yes +no\n/);
    expect(out).toMatch(/\nReached: [^\n]+\n +1 {2}mapNew\(mm: 0, pages: 1\)\n/);
    expect(out).toMatch(/\n✗ refuted in [^\n]+\n$/);
  });

  test("prove as JSON has every obligation", () => {
    const { out } = withoutSolver(["prove", ...CONFIG, "--reporter", "json"]);
    const report = JSON.parse(out) as ProofReport;
    const [subject] = report.subjects;
    expect(report).toMatchObject({ command: "prove", verdict: "proved", provenance: { arguments: ["prove"] } });
    expect(subject?.enumeration.obligations.map(({ from, to }) => `${from}: ${to}`)).toContain("sub: whole");
    expect(subject?.enumeration.obligations.every(({ verdict }) => verdict === "proved")).toBe(true);
  });

  test("prove as JUnit XML has a test case for every obligation", () => {
    const { code, out } = withoutSolver(["prove", ...CONFIG, "--variant", "add-by-one", "--reporter", "junit"]);
    expect(code).toBe(1);
    expect(out).toContain('<testcase classname="foliocheck.prove add-by-one,');
    expect(out).toContain('name="add: sum (enumeration)"><failure type="refuted"');
    expect(out).toContain('name="set: sum (enumeration)"/>');
  });

  test.each([
    [["--patch", "my.patch"], "--patch goes with --tree\n"],
    [["--variant", "nobody"], 'unknown variant "nobody"'],
    [["--config", "no-mm-id"], "no-mm-id has no owner tracking to prove"],
    [
      ["--tree", "linux", "--variant", "slot-1-first"],
      "--variant is a kernel of the model, and --tree C code: give one of them",
    ],
  ])("prove refuses %j", (options, message) => {
    const { code, out, err } = foliocheck(["prove", ...options]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`error: ${message}`);
  });
});
