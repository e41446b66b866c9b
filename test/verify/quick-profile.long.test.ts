/** Counts, verdicts and coverage of the quick profile, which the command runs once. */
import { beforeAll, describe, expect, test } from "vitest";
import { CLAIMS, claimOf } from "../../invariants/catalogue.ts";
import { REPORTERS } from "../../report/reporters.ts";
import type { RunReport, SuiteReport } from "../../verify/report/report.ts";
import { foliocheck } from "../cli/command.ts";
import { planSuite } from "./built.ts";

let suite: SuiteReport;
let runs: readonly RunReport[];
beforeAll(() => {
  const { code, out } = foliocheck(["verify", "--reporter", "json", "--no-progress"]);
  expect(code).toBe(0);
  suite = JSON.parse(out) as SuiteReport;
  runs = suite.runs;
});

const nameOf = ({ machine, config, bounds }: RunReport): string => `${machine} ${config} ${JSON.stringify(bounds)}`;

describe("the quick profile", () => {
  test("`foliocheck verify` runs profile quick on v7.1, and it holds", () => {
    expect(suite).toMatchObject({ profile: "quick", kernel: "v7.1", verdict: "holds" });
    expect(runs.map(({ verdict }) => verdict)).toEqual(runs.map(() => "holds"));
    expect(runs.filter((run) => run.stopped !== undefined)).toEqual([]);
    const planned = planSuite({ profile: "quick" }).jobs;
    expect(runs.map(nameOf)).toEqual(planned.map((job) => nameOf(job as unknown as RunReport)));
  });

  test("the report of a passing suite fits a screen, with its verdict first and every claim", () => {
    const lines = REPORTERS.pretty(suite, { color: false, width: 80 }).trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines[0]).toBe("✓ holds: profile quick, kernel v7.1, 55 runs");
  });

  test("every run takes every action", () => {
    const neverEnabled = runs.flatMap((run) =>
      run.actions.filter(({ enabled }) => enabled === 0).map(({ name }) => `${nameOf(run)}: ${name}`),
    );
    expect(neverEnabled).toEqual([]);
  });

  test("no property of profile quick is vacuous", () => {
    const vacuousProperties = runs.flatMap((run) =>
      run.properties
        .filter(({ kind, vacuous, checked }) => vacuous || (kind !== "warning" && checked === 0))
        .map(({ id }) => `${nameOf(run)}: ${id}`),
    );
    expect(vacuousProperties).toEqual([]);
  });

  test("profile quick reaches every witness, with a trace", () => {
    const witnesses = runs.flatMap(({ properties }) => properties.filter(({ kind }) => kind.startsWith("sometimes")));
    const reached = new Set(witnesses.map(({ id }) => claimOf(id)));
    expect(CLAIMS.map(({ id }) => id).filter((id) => id.startsWith("W") && !reached.has(id))).toEqual([]);
    expect(witnesses.filter(({ verdict, trace }) => verdict !== "reached" || trace === null)).toEqual([]);
  });

  test("profile quick checks every claim, and lists the runs that check it", () => {
    expect(suite.claims.map(({ id }) => id)).toEqual(CLAIMS.map(({ id }) => id));
    for (const { id, runs: checkedIn, verdict } of suite.claims) {
      const expected = runs.flatMap(({ properties }, index) =>
        properties.some((each) => claimOf(each.id) === id) ? [index] : [],
      );
      expect([id, checkedIn]).toEqual([id, expected]);
      expect(checkedIn.length).toBeGreaterThan(0);
      expect(verdict).toBe(id.startsWith("W") ? "reached" : "holds");
    }
  });

  test("docs/claims.md is the report of profile quick", async () => {
    // The page pins every run's counts. Written by this test: `npx vitest run test/verify/quick-profile -u` after a
    // change.
    const page = `# Claims

A claim (C) must hold in every reachable state; a claim about progress (P) says that an operation succeeds wherever
nothing prevents it by the kernel's own rules ([model.md](model.md#progress)); a witness (W) is documented imprecision
that must be reachable, so that a model that has lost it is noticed; EQ compares two kernels. Ids are stable: code,
reports and traces use them. A claim is checked by one or more properties; \`foliocheck verify --only C4\` checks all of
C4's. A claim with an exception that is shown to be reachable holds all the same. [variants.md](variants.md) lists the
faulty kernels that the claims catch.

Claims about concurrency (C18, C19, D1, L1 … L3) are checked on machine \`race\` ([races.md](races.md)). \`foliocheck gate\`
checks the layout of struct folio (C21), and what the functions of a tree leave in struct pages (C22).

This page is the report of \`foliocheck verify --reporter markdown\`. The profile \`ci\` checks the same claims at larger
bounds. [proof.md](proof.md) has the proofs for any number of MMs, and, on the C of a tree, for every size.

${REPORTERS.markdown(suite, { color: false })}`;
    await expect(page).toMatchFileSnapshot("../../docs/claims.md");
  });

  test("every property belongs to a claim of the catalogue", () => {
    const claims = new Set(CLAIMS.map(({ id }) => id));
    const ids = runs.flatMap(({ properties }) => properties.map(({ id }) => id));
    expect(ids.filter((id) => !claims.has(claimOf(id)))).toEqual([]);
  });

  test("the counts of the actions add up to the states and transitions", () => {
    for (const { actions, states, transitions } of runs) {
      const sum = (of: "newStates" | "enabled"): number => actions.reduce((total, each) => total + each[of], 0);
      // Each machine has one initial state.
      expect([sum("newStates") + 1, sum("enabled")]).toEqual([states, transitions]);
    }
    expect(suite.states).toBe(runs.reduce((total, { states }) => total + states, 0));
    expect(suite.transitions).toBe(runs.reduce((total, { transitions }) => total + transitions, 0));
  });

  test("every run checks every state once", () => {
    for (const { states, properties } of runs) {
      const checked = properties.filter(({ kind }) => kind === "always").map((each) => each.checked);
      expect(Math.max(...checked)).toBe(states);
    }
  });
});
