/** Bad usage: one line with the error and the valid alternatives, exit code 2, and no file created or changed. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();

/** Output options, whose files a refused command must neither change nor create. */
const FILES = ["--output", "kept.txt", "--trace-out", "new.json"];

function expectRefusal(args: readonly string[], message: RegExp): void {
  writeFileSync(join(folder.path, "kept.txt"), "as before");
  const { code, out, err } = foliocheck(args, folder.path);
  expect(err).toMatch(/^error: [^\n]+\n$/);
  expect(err.slice("error: ".length, -1)).toMatch(message);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(folder.files()).toEqual(["kept.txt"]);
  expect(readFileSync(join(folder.path, "kept.txt"), "utf8")).toBe("as before");
}

const words = (line: string): string[] => line.split(" ").filter((each) => each !== "");

describe("a name that does not exist", () => {
  const cases: readonly [string, RegExp][] = [
    ["verify --only C99", /^unknown claim or machine "C99"; want owner-tracking, rmap, .*, C1, .*, W7 or EQ$/],
    ["verify --only c1", /^unknown claim or machine "c1"; want /],
    ["verify --profile slow", /^unknown profile "slow"; want quick, ci or deep$/],
    [
      "verify --variant v5.0",
      /^unknown variant "v5\.0"; want v7\.1, v6\.18, v6\.15, rfc-2026-04 or one of the \d+ variants /,
    ],
    ["verify --variant toString", /^unknown variant "toString"; want /],
    ["verify --reporter xml", /'xml' is invalid\. Allowed choices are pretty, json, .*, squad-metrics, blob\.$/],
    ["check buddy", /^unknown machine "buddy"; want owner-tracking, rmap, pmd, .* or [\w-]+$/],
    ["check rmap --variant nope", /^unknown variant "nope"; want v7\.1, /],
    ["check rmap --config thp", /^unknown configuration "thp"; known are page-mapcount, no-page-mapcount, /],
  ];
  test.each(cases)("foliocheck %s is refused: a name does not exist", (line, message) => {
    expectRefusal([...words(line), ...FILES], message);
  });
});

describe("a bound out of range", () => {
  const cases: readonly [string, RegExp][] = [
    ["owner-tracking --pages 1", /^pages 1 is out of range for machine owner-tracking; want 2 … 64$/],
    ["owner-tracking --pages 65", /^pages 65 is out of range for machine owner-tracking; want 2 … 64$/],
    ["owner-tracking --mms 0", /^mms 0 is out of range for machine owner-tracking; want 1 … 8$/],
    ["owner-tracking --mms 9", /^mms 9 is out of range/],
    ["owner-tracking --min-pages 2", /^machine owner-tracking has no bound "minPages"; it has pages, mms$/],
    ["rmap --pages 3", /^pages 3 is out of range for machine rmap; want 1, 2, 4 or 8$/],
    ["rmap --mms 6", /^mms 6 is out of range for machine rmap; want 1 … 5$/],
    ["rmap --folios 0", /^folios 0 is out of range for machine rmap; want 1 … 4$/],
    ["rmap --anon 2", /^anon 2 is out of range for machine rmap; want 0 or 1$/],
    ["rmap --file 3", /^file 3 is out of range for machine rmap; want 0 … 2$/],
    ["rmap --pages x", /argument 'x' is invalid\. Want a whole number\.$/],
    ["rmap --pages 2.5", /Want a whole number\.$/],
    ["rmap --pages -1", /Want a whole number\.$/],
    ["rmap --pages 99999999999999999999", /Want a whole number\.$/],
  ];
  test.each(cases)("foliocheck check %s is refused: a bound is out of range", (line, message) => {
    expectRefusal(["check", ...words(line), ...FILES], message);
  });
});

describe("a conflict", () => {
  const cases: readonly [string, RegExp][] = [
    ["rmap --pages 2 --min-pages 4", /^minPages 4 is more than pages 2$/],
    ["rmap --anon 0", /^an MM without any VMA maps nothing: want anon 1, or file 1 or 2$/],
    ["rmap --config no-mm-id,no-page-mapcount", /^no-page-mapcount needs mm-id: /],
    ["rmap --config mm-id-mapcount-max=3", /^mm-id-mapcount-max is a parameter of 32bit; /],
    ["rmap --config 32bit,mm-id-mapcount-max=0", /^mm-id-mapcount-max=0 is out of range; want 1 … 32767$/],
    ["rmap --config 32bit,mm-id-mapcount-max=40000", /^mm-id-mapcount-max=40000 is out of range; want 1 … 32767$/],
    ["rmap --config 32bit,mm-id-mapcount-max=1", /^a folio of 4 pages needs mm-id-mapcount-max=3 or more$/],
    ["migration --config 32bit", /^on 32-bit a folio of 2 pages has no entire mapcount, and no PMD maps it: /],
    ["race --pmd 1 --config 32bit", /^on 32-bit a folio of 2 pages has no entire mapcount, and no PMD maps it: /],
    ["race --tso 1 --views 1", /^tso 1 and views 1 are two memory models: want one$/],
    ["race --memory views --checkpoint folder", /^a search under views has no checkpoints: /],
    ["owner-tracking --config no-mm-id", /^machine owner-tracking needs mm-id: /],
    ["race --workers 2", /^--workers is not for machine race: its states refer to data /],
    ["rmap --simulate 5 --workers 2", /^--workers is for exhaustive searches, not for random walks$/],
    ["race --max-memory 1G --spill .", /^--spill is not for machine race: its states refer to data /],
    ["rmap --max-memory 1G --simulate 5 --spill .", /^--spill is for exhaustive searches, not for random walks$/],
    ["rmap --spill .", /^--spill requires --max-memory: states are moved to disk when it is reached$/],
    ["rmap --max-memory 1G --spill kept.txt", /^cannot move states to kept\.txt: it is not a folder$/],
  ];
  test.each(cases)("foliocheck check %s is refused: options conflict", (line, message) => {
    expectRefusal(["check", ...words(line), ...FILES], message);
  });

  test("one file for both the report and the trace is refused", () => {
    const both = /^--output and --trace-out both name kept\.txt; want two files$/;
    expectRefusal(["check", "rmap", "--output", "kept.txt", "--trace-out", "./kept.txt"], both);
  });

  const reports: readonly [string, RegExp][] = [
    [
      "--reporter json --reporter junit",
      /^--reporter json and --reporter junit both go to standard output; want a file for one of them, such as --reporter junit:FILE$/,
    ],
    [
      "--reporter json --reporter junit --output kept.txt",
      /^--reporter json and --reporter junit both go to kept\.txt; want a file for one of them, such as --reporter junit:FILE$/,
    ],
    [
      "--reporter json:new.json --reporter junit:new.xml --output kept.txt",
      /^--output is for a report without a file of its own, and every --reporter has one: omit it$/,
    ],
    [
      "--reporter json:new.json --reporter json:./new.json",
      /^--reporter json:new\.json and --reporter json:\.\/new\.json both name new\.json; want two files$/,
    ],
    [
      "--reporter json:kept.txt --reporter junit --output kept.txt",
      /^--output and --reporter json:kept\.txt both name kept\.txt; want two files$/,
    ],
    [
      "--reporter json:new.json --trace-out new.json",
      /^--reporter json:new\.json and --trace-out both name new\.json; want two files$/,
    ],
    ["--reporter json:new.json --reporter junit:no/such/folder", /^cannot write no\/such\/folder: /],
    ["--reporter json:", /'json:' is invalid\. Want a file behind the colon, or json without a colon\.$/],
    [
      "--reporter json:new.json --reporter xml:new.xml",
      /'xml:new\.xml' is invalid\. Allowed choices are pretty, json, /,
    ],
  ];
  test.each(reports)("foliocheck check rmap %s is refused: a report has no place of its own", (line, message) => {
    expectRefusal(["check", "rmap", ...words(line)], message);
  });

  test.each([
    "verify",
    "race exit(0)",
    "prove",
    "gate --tree .",
    "image --tree .",
    "replay trace.json",
    "live",
    "list",
  ])("foliocheck %s takes one report to standard output at most", (line) => {
    expectRefusal(
      [...words(line), ...words("--reporter json --reporter pretty")],
      /^--reporter json and --reporter pretty /,
    );
  });
});

describe("a command line that makes no sense", () => {
  const cases: readonly [string, RegExp][] = [
    ["bogus", /^unknown command 'bogus'; see --help$/],
    ["chek", /^unknown command 'chek' \(Did you mean check\?\)$/],
    ["--bogus", /^unknown option '--bogus'; see --help$/],
    ["verify --profil ci", /^unknown option '--profil' \(Did you mean --profile\?\)$/],
    ["verify everything", /^too many arguments for 'verify'\. .*; see --help$/],
    ["verify --output", /^option '--output <file>' argument missing; see --help$/],
    ["verify --workers 0", /Want 1 to 256\.$/],
    ["verify --workers two", /Want a whole number\.$/],
    ["verify --max-states 0", /Want 1 or more\.$/],
    ["verify --max-depth -1", /Want a whole number\.$/],
    ["verify --spill .", /^--spill requires --max-memory: /],
    ["verify --max-memory much", /Want a number of bytes, such as 512M or 8G\.$/],
    ["verify --timeout soon", /Want seconds, or a number with s, m or h, such as 90 or 10m\.$/],
    ["check", /^missing required argument 'machine'; see --help$/],
    ["replay", /^missing required argument 'trace'; see --help$/],
    ["list rmap pmd", /^too many arguments for 'list'\. /],
    ["list machines", /^nothing is named "machines"; foliocheck list prints all names$/],
    ["list --reporter junit", /'junit' is invalid\. Allowed choices are pretty, json\.$/],
  ];
  test.each(cases)("foliocheck %s is refused: it makes no sense", (line, message) => {
    expectRefusal(words(line), message);
  });

  test("an argument with line breaks is refused in one line", () => {
    expectRefusal(["check", "no\nmachine\u001b[31m"], /^unknown machine "no\\nmachine\\u001b\[31m"; want /);
    expectRefusal(["no\ncommand"], /^unknown command 'no\\ncommand'; see --help$/);
  });

  test("foliocheck without arguments shows the help and exits with 2", () => {
    const { code, out, err } = foliocheck([]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^Usage: foliocheck /);
  });
});
