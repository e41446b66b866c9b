/**
 * Full disks do not suppress verdicts: every command prints its report and one line for each failed write, exits with
 * 2, or with 1 if a property failed, and leaves no partial file.
 */
import { afterEach, describe, expect, test } from "vitest";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { editedCopy } from "../gate/own-tree.ts";
import { OWN_KERNEL } from "../gate/tree-copy.ts";
import { access, titleWithReason } from "../live/running-kernel.ts";
import { FAULTY, foliocheck, ownFolder, SMALL } from "./command.ts";
import { type FullDisk, fullDisk, mayMount } from "./full-disk.ts";

const HOLDS = `foliocheck ${SMALL.join(" ")} --no-progress`;
const FAILS = `foliocheck ${FAULTY.join(" ")} --no-progress`;
const INCOMPLETE = "foliocheck check cow --pages 2 --mms 2 --small-folios 1 --max-states 1000 --no-progress";

/** Tree with a fork that treats a PMD mapping as PTE mappings. */
const WRONG_LEVEL = editedCopy([
  {
    file: "include/linux/rmap.h",
    from: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PMD);",
    to: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PTES);",
  },
]);
const gate = (tree: string): string =>
  `foliocheck gate --tree '${tree}' --cache '${testCacheFolder}' --config no-page-mapcount,64bit,mm-id --no-progress`;

/** Command, with the expected results of a failed write of its file. */
interface Row {
  readonly title: string;
  readonly line: string;
  readonly code: number;
  /** Text that standard output must contain. */
  readonly shows: RegExp;
  /** Beginning of the line on standard error: `error: cannot write ` and the file name. */
  readonly unwritten: RegExp;
  /** Rest of the line. */
  readonly besides?: string;
  /** Files that exist afterwards: none, unless the command creates a folder. */
  readonly left?: readonly string[];
}

const HELD = /^✓ holds: /;
const VIOLATED = /\n✗ violated · /;
const PRINTED = "; the report is on standard output";
/** Expects that no file name in the output is that of an unwritten file. */
const traced = {
  shows: /\n {2}replay {4}run the same check again with --trace-out FILE, then\n[\s\S]*\n✗ violated · /,
  code: 1,
};

const rows: readonly Row[] = [
  {
    title: "a check that holds prints its report instead of writing it, and exits with 2",
    line: `${HOLDS} --output report`,
    code: 2,
    shows: HELD,
    unwritten: /report/,
    besides: PRINTED,
  },
  {
    title: "a check that fails prints its report instead of writing it, and exits with 1",
    line: `${FAILS} --output report`,
    code: 1,
    shows: VIOLATED,
    unwritten: /report/,
    besides: PRINTED,
  },
  {
    title: "a check that fails and cannot write its trace exits with 1",
    line: `${FAILS} --trace-out trace.json`,
    ...traced,
    unwritten: /trace\.json/,
  },
  {
    title: "a suite that holds prints its report instead of writing it, and exits with 2",
    line: "foliocheck verify --only W2 --no-progress --output report",
    code: 2,
    shows: HELD,
    unwritten: /report/,
    besides: PRINTED,
  },
  {
    title: "a suite that fails and cannot write its trace exits with 1",
    line: "foliocheck verify --only owner-tracking --variant slot-1-without-shared --no-progress --trace-out trace.json",
    ...traced,
    unwritten: /trace\.json/,
  },
  {
    title: "a check that holds and cannot store its report exits with 2",
    line: `${HOLDS} --checkpoint folder`,
    code: 2,
    shows: /^✓ holds: .*\n {2}this run is not stored: cannot write\s/,
    unwritten: /folder\/owner-tracking-report-\w+/,
    left: ["folder"],
  },
  {
    title: "a check that fails and cannot store its report exits with 1",
    line: `${FAILS} --checkpoint folder`,
    code: 1,
    shows: /\nthis run is not stored: cannot write\s[\s\S]*\n✗ violated · /,
    unwritten: /folder\/owner-tracking-report-\w+/,
    left: ["folder"],
  },
  {
    title: "a check that is stopped and cannot write a checkpoint exits with 2",
    line: `${INCOMPLETE} --checkpoint folder`,
    code: 2,
    shows: /^… incomplete: [\s\S]*\n {2}this run is not stored: cannot write\s+folder\/cow-\w+\.checkpoint:/,
    unwritten: /folder\/cow-\w+\.checkpoint/,
    left: ["folder"],
  },
  {
    title: "a suite that is stopped and cannot write a checkpoint exits with 2",
    line: "foliocheck verify --only W2 --max-states 5 --no-progress --checkpoint folder",
    code: 2,
    shows: /^… incomplete: [\s\S]*\n {2}run 1 is not stored: cannot write\s+folder\/\S+\.checkpoint:/,
    unwritten: /folder\/\S+\.checkpoint/,
    left: ["folder"],
  },
  {
    title: "a gate that holds prints its report instead of writing it, and exits with 2",
    line: `${gate(OWN_KERNEL)} --only owner-tracking --output report`,
    code: 2,
    shows: HELD,
    unwritten: /report/,
    besides: PRINTED,
  },
  {
    title: "a gate that fails and cannot write its trace exits with 1",
    line: `${gate(WRONG_LEVEL)} --only pmd --trace-out trace.json`,
    code: 1,
    shows: /\nNew finding: CF\.folio_dup_file_rmap_pmd\n/,
    unwritten: /trace\.json/,
  },
  {
    title: "a gate that cannot write its baseline accepts nothing, and exits with 1",
    line: `${gate(WRONG_LEVEL)} --only pmd --update-baseline --reason known`,
    code: 1,
    shows: /\nNew finding: CF\.folio_dup_file_rmap_pmd\n/,
    unwritten: /foliocheck\.baseline\.json/,
  },
];

/** Redirected commands, whose file the shell creates. */
const redirected: readonly (readonly [line: string, code: number])[] = [
  [HOLDS, 2],
  [FAILS, 1],
  ["foliocheck verify --only W2 --no-progress", 2],
  ["foliocheck replay ../trace.json", 1],
  ["foliocheck replay ../trace.json --variant v6.15", 2],
  ["foliocheck repro ../cow.json", 2],
  ["foliocheck list", 2],
  ["foliocheck check --help", 2],
  ["foliocheck --version", 2],
];

const traces = ownFolder();

function expectUnwritten(
  disk: FullDisk,
  { line, code, shows, unwritten, besides = "", left = [] }: Omit<Row, "title">,
): void {
  const finished = disk.run(line);
  expect(finished.out).toMatch(shows);
  expect(finished.err).toMatch(/^error: [^\n]+\n$/);
  expect(finished.err).toMatch(new RegExp(`^error: cannot write ${unwritten.source}: ${disk.reason}${besides}\n$`));
  expect(finished.code).toBe(code);
  expect(disk.files()).toEqual(left);
}

describe(`on a full disk (${mayMount ? "a tmpfs" : "a limit on the size of files: this user may not mount"})`, () => {
  const disk = fullDisk(mayMount ? "tmpfs" : "limit");
  afterEach(() => disk.clear());

  test.each(rows)("$title", (row) => {
    expectUnwritten(disk, row);
  });

  test("an existing file is unchanged when the disk is full", () => {
    disk.write("trace.json", "as before");
    expect(disk.run(`${FAILS} --trace-out trace.json; cat trace.json >&2`).err).toMatch(/\nas before$/);
  });

  test("both files are named in errors when neither can be written", () => {
    const { code, out, err } = disk.run(`${FAILS} --output report --trace-out trace.json`);
    expect(code).toBe(1);
    expect(out).toMatch(VIOLATED);
    expect(err).toBe(
      `error: cannot write trace.json: ${disk.reason}\nerror: cannot write report: ${disk.reason}${PRINTED}\n`,
    );
    expect(disk.files()).toEqual([]);
  });

  test.skipIf(access.kind === "unable")(
    titleWithReason("a walk on the running kernel prints its report, and names each file that cannot be written"),
    ({ skip }) => {
      const walk = "foliocheck live anon --mms 2 --variant never-private --steps 2000 --seed 1 --no-progress";
      const { code, out, err } = disk.run(`${walk} --trace-out trace.json --repro-out repro.c --output report`);
      if (err.includes("another foliocheck has changed this host's settings")) {
        skip(err.trim());
      }
      expect(out).toMatch(VIOLATED);
      expect(err).toBe(
        ["trace.json", "repro.c", "report"]
          .map((name) => `error: cannot write ${name}: ${disk.reason}${name === "report" ? PRINTED : ""}\n`)
          .join(""),
      );
      expect(code).toBe(1);
      expect(disk.files()).toEqual([]);
    },
  );

  test.each(redirected)("%s redirected to a full disk exits with %i and an error", (line, code) => {
    const cow = ["--variant", "reuse-ignores-shared", "--pages", "4", "--min-pages", "4", "--holders", "0"];
    if (line.includes("trace.json")) {
      foliocheck([...FAULTY, "--trace-out", "trace.json"], traces.path);
    } else if (line.includes("cow.json")) {
      foliocheck(["check", "cow", ...cow, "--trace-out", "cow.json"], traces.path);
    }
    const { code: actual, err } = disk.run(`${line.replace("../", `${traces.path}/`)} > file`);
    expect(err).toBe(`error: cannot write standard output: ${disk.reason}\n`);
    expect(actual).toBe(code);
  });
});

const kinds = [...(mayMount ? (["tmpfs"] as const) : []), "limit" as const];
describe.each(kinds)("on a disk with room for a part only (%s)", (kind) => {
  const disk = fullDisk(kind, 4096);
  afterEach(() => disk.clear());

  test("a report that does not fit the disk leaves no partial file, and is printed", () => {
    expectUnwritten(disk, {
      line: `${FAILS} --reporter json --output report`,
      code: 1,
      shows: /^\{[\s\S]*\}\n$/,
      unwritten: /report/,
      besides: PRINTED,
    });
  });

  test("a checkpoint that does not fit the disk leaves no partial file, and the search is reported", () => {
    expectUnwritten(disk, {
      line: `${INCOMPLETE} --checkpoint folder`,
      code: 2,
      shows: /^… incomplete: /,
      unwritten: /folder\/cow-\w+\.checkpoint/,
      left: ["folder"],
    });
  });

  test("a redirected report that does not fit the disk is an error", () => {
    const { code, err } = disk.run(`${FAILS} --reporter json > file`);
    expect(err).toBe(`error: cannot write standard output: ${disk.reason}\n`);
    expect(code).toBe(1);
  });
});
