/** Terminals: colours, unless NO_COLOR is set, and lines of their width. */
import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { FAULTY, foliocheck, ownFolder, SMALL, shell } from "./command.ts";

const folder = ownFolder();
const ESCAPE = "\u001b";

/** Whether a terminal is available: `script` of util-linux runs a command on one. */
const hasScript = spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" }).status === 0;

/** Returns the number of columns of the longest line. */
const widest = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split(/\r?\n/)
      .map((line) => [...line].length),
  );

describe("without a terminal", () => {
  test("no command prints an escape code", () => {
    expect(foliocheck(SMALL).out).not.toContain(ESCAPE);
    expect(foliocheck(FAULTY).out).not.toContain(ESCAPE);
    expect(foliocheck(["list"]).out).not.toContain(ESCAPE);
    expect(foliocheck(["--help"]).out).not.toContain(ESCAPE);
  });

  test("--color always has colours without a terminal and in a file, also with NO_COLOR", () => {
    expect(foliocheck(["list", "--color", "always"], folder.path, { NO_COLOR: "1" }).out).toContain(`${ESCAPE}[1m`);
    foliocheck([...SMALL, "--color", "always", "--output", "report.txt"], folder.path);
    expect(shell("cat report.txt", folder.path).out).toContain(`${ESCAPE}[1m`);
    expect(foliocheck([...SMALL, "--color", "always", "--reporter", "json"]).out).not.toContain(ESCAPE);
  });

  test("--color does not change the provenance of a report", () => {
    const { out } = foliocheck([...SMALL, "--color", "always", "--reporter", "json"]);
    expect((JSON.parse(out) as { provenance: { options: object } }).provenance.options).not.toHaveProperty("color");
  });

  test("lines have up to 100 columns without a terminal, whatever COLUMNS says", () => {
    const { out } = foliocheck([...SMALL, "--verbose"], folder.path, { COLUMNS: "60" });
    expect(widest(out)).toBeGreaterThan(80);
    expect(widest(out)).toBeLessThanOrEqual(100);
  });

  test("--color takes auto, always and never", () => {
    const { code, err } = foliocheck(["list", "--color", "yes"]);
    expect(code).toBe(2);
    expect(err).toContain("'yes' is invalid. Allowed choices are auto, always, never.");
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
    expect(onTerminal([...args, "--color", "never"]).out).not.toContain(ESCAPE);
    const plain = onTerminal(args, { NO_COLOR: "1" });
    expect(plain.code).toBe(code);
    expect(plain.out).not.toContain(ESCAPE);
  });

  test.each([
    { columns: 40, most: 60 },
    { columns: 75, most: 75 },
    { columns: 300, most: 120 },
  ])("lines have up to $most columns on a terminal of $columns", ({ columns, most }) => {
    const command = `stty cols ${columns}; foliocheck ${SMALL.join(" ")} --verbose --no-progress`;
    const width = widest(shell(`script -qec '${command}' /dev/null`, folder.path).out);
    expect(width).toBeLessThanOrEqual(most);
    expect(width).toBeGreaterThan(most - 20);
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
