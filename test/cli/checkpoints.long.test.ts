/** `--checkpoint`: an interrupted search resumes, with the same result. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunReport } from "../../verify/report/report.ts";
import { timeless } from "../verify/counts.ts";
import { foliocheck } from "./command.ts";

const CHECK = ["check", "cow", "--pages", "2", "--mms", "2", "--small-folios", "1", "--no-progress"];

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "foliocheck-test-")), "checkpoints");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

function run(...options: readonly string[]): { code: number | null; report: RunReport } {
  const { code, out } = foliocheck([...CHECK, "--reporter", "json", ...options]);
  return { code, report: JSON.parse(out) as RunReport };
}

describe("a folder for checkpoints", () => {
  test("a search resumes from its checkpoint after each limit, and comes to the same result", () => {
    const { report: whole } = run();
    const halves = [1000, 3000].map((states) => run("--checkpoint", folder, "--max-states", String(states)));
    expect(halves.map(({ code }) => code)).toEqual([3, 3]);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^cow-[0-9a-f]+\.checkpoint$/)]);
    const { code, report } = run("--checkpoint", folder);
    expect(code).toBe(0);
    const { resumedAt, ...rest } = timeless(report);
    expect(resumedAt?.states).toBeGreaterThan(3000);
    expect({ ...rest, tableBytes: 0 }).toEqual({ ...timeless(whole), tableBytes: 0 });
    // The finished report remains, and the next run returns it.
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^cow-report-[0-9a-f]+$/)]);
    const { report: again } = run("--checkpoint", folder, "--max-states", "10");
    expect({ ...again, provenance: {} }).toEqual({ ...report, provenance: {} });
    expect(again.provenance?.options).toEqual({ ...report.provenance?.options, maxStates: 10 });
  });

  test("a run whose stored report is damaged or of another run is repeated, and its report stored again", () => {
    const { report: small } = run("--checkpoint", folder, "--holders", "0");
    const [other = ""] = readdirSync(folder);
    const { report: whole } = run("--checkpoint", folder);
    const [name = ""] = readdirSync(folder).filter((each) => each !== other);
    const original = readFileSync(join(folder, name));
    expect(small.states).toBeLessThan(whole.states);
    const lie = Buffer.from(original.toString("latin1").replace('"verdict":"holds"', '"verdict":"fails"'), "latin1");
    for (const content of [readFileSync(join(folder, other)), lie, original.subarray(0, original.length - 1)]) {
      writeFileSync(join(folder, name), content);
      const { code, report } = run("--checkpoint", folder);
      expect(code).toBe(0);
      expect(timeless(report)).toEqual(timeless(whole));
      expect(timeless(run("--checkpoint", folder).report)).toEqual(timeless(whole));
    }
  });

  test("runs of different kernels and bounds have separate checkpoints", () => {
    run("--checkpoint", folder, "--max-states", "1000");
    run("--checkpoint", folder, "--max-states", "1000", "--config", "no-page-mapcount");
    run("--checkpoint", folder, "--max-states", "1000", "--holders", "0");
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test("a damaged checkpoint is an error in one line with exit code 2", () => {
    run("--checkpoint", folder, "--max-states", "1000");
    const [name = ""] = readdirSync(folder);
    writeFileSync(join(folder, name), "no checkpoint");
    const { code, out, err } = foliocheck([...CHECK, "--checkpoint", folder]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: this is not a checkpoint of a search\n$/);
  });

  test.each([
    ["a FIFO", (path: string) => spawnSync("mkfifo", [path]), "it is not a file"],
    ["a folder", (path: string) => mkdirSync(path), "it is not a file"],
    ["a file whose reading fails", (path: string) => symlinkSync("/proc/self/mem", path), "EIO"],
  ])("%s instead of a checkpoint is an error in one line with exit code 2", (_, make, reason) => {
    run("--checkpoint", folder, "--max-states", "1000");
    const [name = ""] = readdirSync(folder);
    rmSync(join(folder, name));
    make(join(folder, name));
    const { code, out, err } = foliocheck([...CHECK, "--checkpoint", folder]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: cannot read the checkpoint [^\n]*\n$/);
    expect(err).toContain(reason);
  });

  test("a folder for checkpoints that cannot be created is an error in one line with exit code 2", () => {
    const { code, err } = foliocheck([...CHECK, "--checkpoint", join(folder, "nowhere", "at", "all")]);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(foliocheck([...CHECK, "--checkpoint", "/dev/null"]).code).toBe(2);
  });
});
