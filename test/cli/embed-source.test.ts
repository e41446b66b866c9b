import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { builtCli } from "../built-cli.ts";

const run = (...args: readonly string[]): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, [builtCli, ...args, "--no-progress"], { encoding: "utf8" });

describe("option --embed-source", () => {
  test.each(["gate", "image"])("%s refuses --embed-source without an HTML report", (command) => {
    const { status, stderr } = run(command, "--tree", "linux", "--embed-source", "--reporter", "json");
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "error: --embed-source is for HTML reports: want --reporter html, or --reporter html:FILE\n",
    });
  });

  test("gate refuses --embed-source with a patch that it can read only once", () => {
    const { status, stderr } = run("gate", "--tree", "linux", "--patch", "-", "--embed-source", "--reporter", "html");
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "error: --embed-source reads the patch a second time: want a file instead of standard input\n",
    });
  });
});
