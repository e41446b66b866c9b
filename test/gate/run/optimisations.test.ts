import { describe, expect, test } from "vitest";
import type { Optimisation } from "../../../gate/compile/clang.ts";
import type { Finding } from "../../../gate/run/findings.ts";
import { comparedWithOther, optimisationsIn } from "../../../gate/run/optimisations.ts";
import { gateRuns, raceOptimisations } from "../../../gate/run/plan.ts";
import { signatureOf } from "../../../gate/run/signature.ts";
import { optimisationText } from "../../../report/text/gate-optimisation.ts";
import type { CompiledSubject, Job } from "../../../verify/job/job.ts";
import type { PropertyReport, RunReport } from "../../../verify/report/report.ts";
import { goodRun } from "../../report/fixtures.ts";

type Verdict = PropertyReport["verdict"];

/** A run of machine race with a verdict on C7. */
function run(optimisation: Optimisation, verdict: Verdict, cpus = 2): { origin: Job; report: RunReport } {
  const compiled = { mode: "claims" } as CompiledSubject;
  const subject = { machine: "race", kernel: "tree", config: "64bit", bounds: { cpus }, optimisation };
  const [property] = goodRun.properties;
  const properties = [{ ...(property as PropertyReport), id: "C7", verdict }];
  return {
    origin: { ...subject, symmetry: true, budget: {}, compiled },
    report: { ...goodRun, ...subject, properties },
  };
}

function finding(optimisation: Optimisation): Finding {
  const what = { claim: "a claim", verdict: "violated" } as const;
  return { property: "C7", mode: "claims", config: "64bit", machine: "race", ...what, trace: null, optimisation };
}

describe("a finding at one optimisation level", () => {
  test.each<readonly [Verdict, Optimisation | undefined]>([
    ["holds", "-O0"],
    ["violated", undefined],
    ["incomplete", undefined],
  ])("names the other level if its verdict differs: %s", (verdict, heldBy) => {
    const own = run("-O2", "violated");
    expect(comparedWithOther(finding("-O2"), own, [own, run("-O0", verdict)]).heldBy).toBe(heldBy);
  });

  test("is not compared with a run at other bounds", () => {
    const own = run("-O2", "violated");
    expect(comparedWithOther(finding("-O2"), own, [own, run("-O0", "holds", 3)]).heldBy).toBeUndefined();
  });

  test("is attributed to both levels if the run at the other level violates the claim, too", () => {
    const own = run("-O2", "violated");
    const others = [run("-O0", "incomplete"), run("-O0", "violated")];
    expect(comparedWithOther(finding("-O2"), own, [own, ...others]).heldBy).toBeUndefined();
  });

  test("has a separate signature only if the code of -O0 does not have it", () => {
    const signature = signatureOf(finding("-O0"));
    expect(signatureOf({ ...finding("-O0"), heldBy: "-O2" })).toBe(signature);
    expect(signatureOf(finding("-O2"))).toBe(signature);
    expect(signatureOf({ ...finding("-O2"), heldBy: "-O0" })).toBe("C7 on race with -O2, not with -O0");
  });

  test("is reported with the levels, unless both have it at some bounds", () => {
    const only = optimisationsIn([{ ...finding("-O2"), heldBy: "-O0" }]);
    expect(optimisationText(only)).toBe(
      "-O2 only: the verdict depends on the compiler, as with -O0 it holds at the same bounds",
    );
    expect(optimisationText(optimisationsIn([{ ...finding("-O2"), heldBy: "-O0" }, finding("-O0")]))).toBe(
      "-O0 and -O2",
    );
    expect(optimisationText(optimisationsIn([{}]))).toBeUndefined();
  });
});

describe("the profiles", () => {
  test("compile for races once (quick) or twice (ci, deep), and not at all without claims", () => {
    const of = (profile: string): readonly Optimisation[] => raceOptimisations({ profile, budget: {} });
    expect({ quick: of("quick"), ci: of("ci"), deep: of("deep") }).toEqual({
      quick: ["-O0"],
      ci: ["-O0", "-O2"],
      deep: ["-O0", "-O2"],
    });
    expect(raceOptimisations({ profile: "ci", budget: {}, judge: "conformance" })).toEqual([]);
  });

  test("explore every race at both levels (deep)", () => {
    const runs = gateRuns({ profile: "deep", only: "race" }).map(({ bounds, calls, optimisation = "-O0" }) => ({
      key: JSON.stringify([bounds, calls]),
      optimisation,
    }));
    const keys = (wanted: Optimisation): string[] =>
      runs.filter(({ optimisation }) => optimisation === wanted).map(({ key }) => key);
    expect(new Set(keys("-O2"))).toEqual(new Set(keys("-O0")));
  });

  test("have the bounds for b2 and for the race of C14, and views (ci)", () => {
    const bounds = gateRuns({ profile: "ci", only: "race" }).map((each) => each.bounds);
    expect(bounds).toContainEqual(expect.objectContaining({ pmd: 1, writes: 1 }));
    expect(bounds).toContainEqual(expect.objectContaining({ pmd: 1, pages: 4 }));
    expect(bounds).toContainEqual(expect.objectContaining({ views: 1 }));
  });
});
