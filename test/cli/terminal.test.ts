/** Colours: only on a terminal, and not with NO_COLOR. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { FAULTY, foliocheck, ownFolder, SMALL, shell } from "./command.ts";

const folder = ownFolder();
const ESCAPE = "\u001b";

/** Whether a terminal is available: `script` of util-linux runs a command on one. */
const hasScript = spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" }).status === 0;

describe("without a terminal", () => {
  test("no command prints an escape code", () => {
    expect(foliocheck(SMALL).out).not.toContain(ESCAPE);
    expect(foliocheck(FAULTY).out).not.toContain(ESCAPE);
    expect(foliocheck(["list"]).out).not.toContain(ESCAPE);
    expect(foliocheck(["--help"]).out).not.toContain(ESCAPE);
  });
});

describe.runIf(hasScript)("on a terminal", () => {
  const onTerminal = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ReturnType<typeof shell> =>
    shell(`script -qec 'foliocheck ${args.join(" ")}' /dev/null`, folder.path, env);

  test.each([
    { args: [...SMALL, "--no-progress"], code: 0 },
    { args: [...FAULTY, "--no-progress"], code: 1 },
    { args: ["list"], code: 0 },
  ])("$args.0 $args.1 is coloured on a terminal, unless NO_COLOR is set", ({ args, code }) => {
    const coloured = onTerminal(args);
    expect(coloured.code).toBe(code);
    expect(coloured.out).toContain(`${ESCAPE}[1m`);
    const plain = onTerminal(args, { NO_COLOR: "1" });
    expect(plain.code).toBe(code);
    expect(plain.out).not.toContain(ESCAPE);
  });

  test("JSON, and a report in a file, have no colours on a terminal", () => {
    expect(onTerminal([...FAULTY, "--no-progress", "--reporter", "json"]).out).not.toContain(ESCAPE);
    const { out } = onTerminal([...FAULTY, "--no-progress", "--output", "report.txt"]);
    expect(out).toBe("");
    expect(shell("cat report.txt", folder.path).out).not.toContain(ESCAPE);
  });

  test("a progress line is erased from the terminal", () => {
    const { out } = onTerminal([...SMALL, "--reporter", "json"]);
    const last = out.lastIndexOf(`${ESCAPE}[2K`);
    expect(() => JSON.parse(last < 0 ? out : out.slice(last + 4)) as unknown).not.toThrow();
  });
});
