/** Help texts and their examples. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gateMachineNames } from "../../gate/run/plan.ts";
import { foliocheck, ownFolder, shell } from "./command.ts";

const folder = ownFolder();
const COMMANDS = ["verify", "check", "prove", "merge", "replay", "explore", "live", "repro", "list"] as const;

/** Returns the examples at the end of a help text, without their notices. */
function examplesIn(help: string): string[] {
  const [, examples = ""] = help.split("\nExamples:\n");
  return examples
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().replace(/\s{3,}.*$/, ""));
}

const helps = Object.fromEntries(COMMANDS.map((name) => [name, foliocheck([name, "--help"])]));
/**
 * Examples that run here: those of `live` require a running kernel, those of `repro` another trace, those of `merge` all
 * shards, some of `prove` a tree; those of `explore` run until they are interrupted.
 */
const examples = COMMANDS.filter((name) => !["live", "repro", "merge", "explore"].includes(name))
  .flatMap((name) => examplesIn(helps[name]?.out ?? ""))
  .filter((example) => !example.includes("--tree"));

/**
 * Whether an example is slow: a suite on a fault-free kernel. These run with a limit, which still checks their
 * arguments.
 */
const isSlow = (example: string): boolean => example.startsWith("foliocheck verify") && !example.includes("--variant");

/** The example with a limit, or in one configuration instead of all. */
function shortened(example: string): string {
  if (example.startsWith("foliocheck prove")) {
    return `${example} --config 64bit --no-progress`;
  }
  return isSlow(example) ? `${example} --max-states 1` : example;
}

function expectedCode(example: string): number {
  if (isSlow(example) || example.includes("--simulate")) {
    return 3;
  }
  return /--variant (?:slot-1-without-shared|shared-cleared-with-slot)/.test(example) ||
    example === "foliocheck replay trace.json"
    ? 1
    : 0;
}

describe("--help", () => {
  test.each(COMMANDS)("the help of %s has examples, all of that command", (name) => {
    const { code, out, err } = helps[name] ?? foliocheck([]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^Usage: foliocheck ${name} `));
    const own = examplesIn(out);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((each) => !`${each} `.startsWith(`foliocheck ${name} `))).toEqual([]);
  });

  test("the help of foliocheck names the commands, the exit codes and a first step", () => {
    const { code, out } = foliocheck(["--help"]);
    expect(code).toBe(0);
    for (const name of COMMANDS) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect(out).toContain("Exit codes: 0 everything as expected, 1 a property failed, 2 bad usage or input, 3 incom");
    expect(out).toMatch(/\nStart with: foliocheck verify\n$/);
  });

  test("foliocheck help shows the same help", () => {
    expect(foliocheck(["help", "check"]).out).toBe(helps["check"]?.out);
  });

  test("the help of gate names every machine that --only takes, and no other", () => {
    const help = foliocheck(["gate", "--help"]).out.replace(/\s+/g, " ");
    const named = /--only <machine> explore one machine: ([\w, -]+?) (?=--judge)/.exec(help)?.[1] ?? "";
    expect(named.split(/, | or /)).toEqual([...gateMachineNames()]);
  });

  test("the help of check names every bound of every machine as an option", () => {
    const more = ["--small-folios", "--pmd", "--swap-slots", "--holders"];
    for (const flag of ["--pages", "--min-pages", "--mms", "--folios", "--anon", "--file", ...more]) {
      expect(helps["check"]?.out).toMatch(new RegExp(`^  ${flag} <n> `, "m"));
    }
  });
});

describe("the examples in the help texts", () => {
  test("the examples in the help texts run one after the other, and exit as expected", () => {
    mkdirSync(join(folder.path, "blobs"));
    const results = examples.map((example) => {
      const { code, err } = shell(shortened(example), folder.path);
      // Removes progress lines, which a slow host prints.
      return { example, code, err: err.replaceAll(/^.* states? · .* transitions\/s · .*\n/gm, "") };
    });
    expect(results).toEqual(examples.map((example) => ({ example, code: expectedCode(example), err: "" })));
  });
});
