/** `--output` and `--trace-out`: complete files or none. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FAULTY, foliocheck, ownFolder, SMALL, shell } from "./command.ts";

const folder = ownFolder();
const at = (name: string): string => join(folder.path, name);
const read = (name: string): string => readFileSync(at(name), "utf8");

describe("--output", () => {
  test("--output writes the report to a file, and nothing to standard output", () => {
    expect(foliocheck([...SMALL, "--output", "report.txt"], folder.path)).toEqual({ code: 0, out: "", err: "" });
    expect(read("report.txt")).toMatch(/^✓ holds: machine owner-tracking, kernel \S+\n[\s\S]*\n--verbose prints .*\n$/);
    expect(folder.files()).toEqual(["report.txt"]);
  });

  test("--output replaces a file and preserves its mode", () => {
    writeFileSync(at("report.txt"), "as before, and very much longer than the report\n".repeat(1000));
    chmodSync(at("report.txt"), 0o600);
    expect(foliocheck([...SMALL, "--reporter", "json", "--output", "report.txt"], folder.path).code).toBe(0);
    expect(JSON.parse(read("report.txt"))).toMatchObject({ verdict: "holds" });
    expect(statSync(at("report.txt")).mode & 0o777).toBe(0o600);
  });

  test("--output writes through a link, which stays a link", () => {
    mkdirSync(at("elsewhere"));
    writeFileSync(at("elsewhere/report.txt"), "as before");
    symlinkSync("elsewhere/report.txt", at("link.txt"));
    expect(foliocheck([...SMALL, "--output", "link.txt"], folder.path).code).toBe(0);
    expect(lstatSync(at("link.txt")).isSymbolicLink()).toBe(true);
    expect(read("elsewhere/report.txt")).toContain("✓ holds");
    expect(folder.files()).toEqual(["elsewhere", "link.txt"]);
  });

  test.runIf(existsSync("/dev/stdout"))("writes to a device", () => {
    const { code, out } = shell(`foliocheck ${SMALL.join(" ")} --output /dev/stdout | cat`, folder.path);
    expect(code).toBe(0);
    expect(out).toContain("✓ holds");
  });

  test("--output with the file of standard output does not replace it", () => {
    writeFileSync(at("log"), "as before\n");
    expect(shell(`foliocheck ${SMALL.join(" ")} --output /dev/stdout >> log`, folder.path).code).toBe(0);
    expect(read("log")).toMatch(/^as before\n✓ holds: machine owner-tracking, [\s\S]*\n--verbose prints .*\n$/);
    expect(folder.files()).toEqual(["log"]);
  });

  test("--output is also written when a claim fails", () => {
    expect(foliocheck([...FAULTY, "--reporter", "json", "--output", "report.json"], folder.path).code).toBe(1);
    expect(JSON.parse(read("report.json"))).toMatchObject({ verdict: "violated" });
  });
});

describe("several reports", () => {
  test("each --reporter writes its own file, and the one without a file goes to standard output", () => {
    const reporters = ["--reporter", "json:report.json", "--reporter", "pretty", "--reporter", "markdown:report.md"];
    const { code, out, err } = foliocheck([...SMALL, ...reporters], folder.path);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/\n {2}cost {8}9 states · /);
    expect(folder.files()).toEqual(["report.json", "report.md"]);
    expect(JSON.parse(read("report.json"))).toMatchObject({ verdict: "holds", states: 9 });
    expect(read("report.md")).toContain("| ");
  });

  test("--output is the file of the --reporter that has none", () => {
    const reporters = ["--reporter", "junit:out.xml", "--reporter", "json", "--output", "report.json"];
    expect(foliocheck([...FAULTY, ...reporters], folder.path)).toEqual({ code: 1, out: "", err: "" });
    expect(JSON.parse(read("report.json"))).toMatchObject({ verdict: "violated" });
    expect(read("out.xml")).toMatch(/^<\?xml .*<testsuites /s);
  });

  test("a file name of a --reporter may contain colons", () => {
    expect(foliocheck(["list", "--reporter", "json:a:b.json"], folder.path)).toEqual({ code: 0, out: "", err: "" });
    expect(folder.files()).toEqual(["a:b.json"]);
  });

  test.runIf(existsSync("/dev/full"))("of two reports that cannot be written, one is printed", () => {
    const first = ["--reporter", "json:/dev/full", "--reporter", "junit:out.xml"];
    const failed = foliocheck([...SMALL, ...first], folder.path);
    expect(failed.code).toBe(2);
    expect(failed.err).toBe(
      "error: cannot write /dev/full: no space left on device; the report is on standard output\n",
    );
    expect(JSON.parse(failed.out)).toMatchObject({ verdict: "holds" });
    expect(read("out.xml")).toContain("<testsuites ");
    const printed = foliocheck([...SMALL, "--reporter", "json:/dev/full", "--reporter", "pretty"], folder.path);
    expect(printed.err).toBe("error: cannot write /dev/full: no space left on device\n");
    expect(printed.out).toMatch(/^✓ holds: machine owner-tracking.*\n--verbose prints [^\n]*\n$/s);
  });
});

describe("--trace-out", () => {
  test("--trace-out writes and changes no file when there is no counterexample", () => {
    writeFileSync(at("old.json"), "as before");
    expect(foliocheck([...SMALL, "--trace-out", "old.json"], folder.path).code).toBe(0);
    expect(foliocheck([...SMALL, "--trace-out", "new.json"], folder.path).code).toBe(0);
    expect(folder.files()).toEqual(["old.json"]);
    expect(read("old.json")).toBe("as before");
  });

  test("--trace-out writes no witness", () => {
    const small = ["check", "owner-tracking", "--pages", "2", "--mms", "3", "--trace-out", "new.json"];
    expect(foliocheck(small, folder.path).code).toBe(0);
    expect(folder.files()).toEqual([]);
  });
});

const hasFifos = spawnSync("mkfifo", ["--version"]).error === undefined;

describe.runIf(hasFifos)("a pipe as an output", () => {
  test("a pipe as an output is written to its end, at any speed of its reader", () => {
    const args = [...FAULTY, "--reporter", "json"].join(" ");
    const line = `mkfifo pipe; (sleep 1; cat) < pipe > copy & foliocheck ${args} --output pipe; code=$?; wait; exit $code`;
    expect(shell(line, folder.path)).toEqual({ code: 1, out: "", err: "" });
    expect(JSON.parse(read("copy"))).toMatchObject({ verdict: "violated" });
  });

  test("a pipe without a reader as an output is refused at once", () => {
    spawnSync("mkfifo", [at("pipe")]);
    const { code, err } = foliocheck(["verify", "--profile", "deep", "--output", "pipe"], folder.path);
    expect({ code, err }).toEqual({ code: 2, err: "error: cannot write pipe: it is a pipe that nothing reads from\n" });
  });

  test("a report for a pipe whose reader goes away is printed", () => {
    const line = `mkfifo pipe; : < pipe & foliocheck ${FAULTY.join(" ")} --output pipe`;
    const { code, out, err } = shell(line, folder.path);
    expect(code).toBe(1);
    expect(out).toContain("✗ violated");
    expect(err).toBe("error: cannot write pipe: broken pipe; the report is on standard output\n");
  });
});

describe.each(["--output", "--trace-out"])("%s that cannot be written is refused at once:", (flag) => {
  const refusal = (name: string): string => {
    const before = folder.files();
    // The search would take minutes, so that the test detects a refusal after it.
    const { code, out, err } = foliocheck(["verify", "--profile", "deep", flag, name], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(folder.files()).toEqual(before);
    return err;
  };

  test(`${flag} with a folder is refused before the search`, () => {
    mkdirSync(at("results"));
    expect(refusal("results")).toBe("error: cannot write results: it is a directory\n");
  });

  test(`${flag} with a file in a folder that does not exist is refused before the search`, () => {
    expect(refusal("no/such/report")).toBe("error: cannot write no/such/report: no such file or directory\n");
  });

  test(`${flag} with a file below a file is refused before the search`, () => {
    writeFileSync(at("file"), "");
    expect(refusal("file/report")).toMatch(/^error: cannot write file\/report: not a directory\n$/);
  });

  test(`${flag} with an empty name is refused before the search`, () => {
    expect(refusal("")).toBe('error: cannot write "": the name is empty\n');
  });

  test.skipIf(process.getuid?.() === 0)(`${flag} with a read-only file is refused before the search`, () => {
    writeFileSync(at("report"), "as before", { mode: 0o400 });
    expect(refusal("report")).toBe("error: cannot write report: permission denied\n");
  });

  test(`${flag} that cannot be written is refused beside an output that can, which is not created`, () => {
    mkdirSync(at("results"));
    const other = flag === "--output" ? "--trace-out" : "--output";
    const { code } = foliocheck([...FAULTY, other, "first", flag, "results"], folder.path);
    expect(code).toBe(2);
    expect(folder.files()).toEqual(["results"]);
  });
});

describe.runIf(existsSync("/dev/full"))("a full disk", () => {
  test("--output to a full disk is an error in one line with exit code 2, and the report is printed", () => {
    const { code, out, err } = foliocheck([...SMALL, "--output", "/dev/full"], folder.path);
    const line = "error: cannot write /dev/full: no space left on device; the report is on standard output\n";
    expect({ code, err }).toEqual({ code: 2, err: line });
    expect(out).toContain("✓ holds");
  });

  test("standard output to a full disk is an error in one line with exit code 2", () => {
    const { code, err } = shell(`foliocheck ${SMALL.join(" ")} > /dev/full`, folder.path);
    expect({ code, err }).toEqual({ code: 2, err: "error: cannot write standard output: no space left on device\n" });
  });
});
