/** End-to-end tests of `foliocheck gate` on the test kernel. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { SIGNATURE_VERSION } from "../../gate/run/signature.ts";
import { gateGithub } from "../../report/github/gate.ts";
import { junit } from "../../report/junit/junit.ts";
import { gateResults } from "../../report/results/gate.ts";
import { gatePretty } from "../../report/terminal/gate.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { BaselineEntry, GateReport } from "../../verify/report/report.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { editedCopy } from "../gate/own-tree.ts";
import { PATCH } from "../gate/total-mapped-pages.ts";
import { added, OWN_KERNEL, treeWith } from "../gate/tree-copy.ts";
import { type Finished, foliocheck, ownFolder, shell } from "./command.ts";
import { xmlElements } from "./xml.ts";

const folder = ownFolder();
const BASELINE = "foliocheck.baseline.json";

/** Returns the text of a baseline with one entry. */
const baselineOf = (entry: BaselineEntry): string =>
  JSON.stringify({ format: "foliocheck-baseline", version: SIGNATURE_VERSION, findings: [entry] });

const CONFIG = "no-page-mapcount,64bit,mm-id";

/** Tree with a fork that treats a PMD mapping as PTE mappings, as folio_dup_file_rmap_pmd() in Linux does. */
const WRONG_LEVEL = editedCopy([
  {
    file: "include/linux/rmap.h",
    from: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PMD);",
    to: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PTES);",
  },
]);

/** Tree with a folio_maybe_mapped_shared() that reports every large folio as exclusive. */
const FORGETFUL_READER = editedCopy([
  {
    file: "include/linux/mm.h",
    from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
    to: "\treturn false;",
  },
]);

function gate(tree: string, ...more: readonly string[]): Finished {
  const quick = ["--cache", testCacheFolder, "--config", CONFIG, "--no-progress", "--verbose"];
  return foliocheck(["gate", "--tree", tree, ...quick, ...more], folder.path);
}

/** Runs a gate, or returns the cached result of the same arguments. */
function gateCached(tree: string, ...more: readonly string[]): Finished {
  const key = JSON.stringify([tree, more]);
  const finished = results.get(key) ?? gate(tree, ...more);
  results.set(key, finished);
  return finished;
}

const results = new Map<string, Finished>();

const parsed = (finished: Finished): GateReport => JSON.parse(finished.out) as GateReport;

describe("foliocheck gate", () => {
  test("foliocheck gate lists each function with its place, that it compiled, and that it conforms; exit code 0", () => {
    const { code, out, err } = gateCached(OWN_KERNEL, "--only", "owner-tracking");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      / {2}folio_add_return_large_mapcount +include\/linux\/rmap\.h:74 +unchanged +1\/1 +4,552 +8\/8 {2}conforms\n/,
    );
    expect(out).toMatch(/ {2}C1 +✓ holds +in 1 configuration +A folio that is reported as /);
    expect(out).toMatch(/\n✓ holds · 2 runs · 9,104 states · /);
  });

  test("the schema accepts the report of foliocheck gate", () => {
    const schema = JSON.parse(
      readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8"),
    ) as AnySchema;
    const validate = new Ajv({ allErrors: true }).compile(schema);
    for (const tree of [OWN_KERNEL, WRONG_LEVEL]) {
      const report = parsed(gateCached(tree, "--only", "pmd", "--reporter", "json"));
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
      expect(report.verdict).toBe(tree === OWN_KERNEL ? "holds" : "violated");
    }
  });

  test("a whole gate checks layouts, and lists the unmatched entries of the baseline", () => {
    const entry = { finding: "CF.folio_mapcount: result too high", configs: [CONFIG], reason: "latent" };
    writeFileSync(join(folder.path, BASELINE), baselineOf(entry));
    const report = parsed(gate(OWN_KERNEL, "--reporter", "json"));
    expect(report).toMatchObject({ verdict: "holds", findings: [], unmatched: [entry] });
    expect(report.layout).toContainEqual({ id: "C21", target: "x86-64", verdict: "holds", layouts: 9 });
    expect(report.layout?.filter(({ verdict }) => verdict !== "holds")).toEqual([]);
  });

  test("a gate with --judge conformance checks layouts, and names the questions that it leaves out", () => {
    const report = parsed(gateCached(OWN_KERNEL, "--judge", "conformance", "--max-states", "5", "--reporter", "json"));
    expect(report.layout?.map(({ id }) => id)).toContain("C21");
    expect(report.proofs).toBeUndefined();
    expect(report.notChecked.map(notCheckedText)).toContain(
      "Owner tracking for any number of MMs and every folio size (foliocheck prove): left out by --judge conformance",
    );
    expect(report.notChecked.map(notCheckedText).join()).not.toContain("layouts were not looked at");
  });

  test("a gate with --no-proof lists the proof as not checked", () => {
    const report = parsed(
      gate(OWN_KERNEL, "--judge", "claims", "--max-states", "5", "--no-proof", "--reporter", "json"),
    );
    expect(report).toMatchObject({
      options: { proof: false },
      reproduce: expect.stringContaining(" --no-proof") as string,
    });
    expect(report.proofs).toBeUndefined();
    expect(report.notChecked.map(notCheckedText)).toContain(
      "Owner tracking for any number of MMs and every folio size (foliocheck prove): left out by --no-proof",
    );
  });

  test("a gate with a finding prints a trace with the C function; exit code 1", () => {
    const { code, out } = gateCached(WRONG_LEVEL, "--only", "pmd");
    expect(code).toBe(1);
    expect(out).toMatch(/\nNew finding: CF\.folio_dup_file_rmap_pmd\n/);
    expect(out).toMatch(/\n +4 {2}dupFilePmd\(parent: 0, child: 1/);
    expect(out).toMatch(/C folio_dup_file_rmap_pmd\(\) include\/linux\/rmap\.h:217/);
    expect(out).toMatch(/reproduce +foliocheck gate --tree \S+ --config no-page-mapcount,64bit,mm-id --only pmd\n/);
  });

  test("the command below a finding reproduces it", () => {
    const { out } = gateCached(WRONG_LEVEL, "--only", "pmd", "--base", OWN_KERNEL, "--judge", "conformance");
    const [, command = ""] = /\n {2}reproduce +foliocheck (gate .*)\n/.exec(out) ?? [];
    const again = foliocheck(
      [...command.split(" "), "--cache", testCacheFolder, "--no-progress", "--verbose"],
      folder.path,
    );
    const findings = (text: string): string => text.slice(text.indexOf("\nNew finding"), text.indexOf("\nNot checked"));
    expect(again.code).toBe(1);
    expect(findings(again.out)).toBe(findings(out));
    expect(findings(out)).toContain("CF.folio_dup_file_rmap_pmd");
  });

  test("--trace-out of a gate writes the trace of the first new finding, and replay and repro refuse it", () => {
    const trace = join(folder.path, "trace-of-c.json");
    const report = join(folder.path, "report.json");
    gate(WRONG_LEVEL, "--only", "pmd", "--trace-out", trace, "--reporter", "json", "--output", report);
    expect(JSON.parse(readFileSync(trace, "utf8"))).toMatchObject({
      format: "foliocheck-trace",
      kernel: "tree",
      property: "CF.folio_dup_file_rmap_pmd",
    });
    const again = `foliocheck gate --tree TREE --config ${CONFIG} --only pmd finds it again`;
    const refused = (...args: readonly string[]): string => {
      const { code, out, err } = foliocheck(args, folder.path);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      return err;
    };
    const notInIt = `error: the trace is of the C code of a kernel tree, which is not in it: ${again}, and --variant v7.1 takes the model's kernel instead\n`;
    expect(refused("replay", trace)).toBe(notInIt);
    expect(refused("repro", trace)).toBe(notInIt);
    expect(refused("replay", trace, "--variant", "v7.1")).toBe(
      `error: the trace says how folio_dup_file_rmap_pmd() of a kernel tree differs from the model: ${again}\n`,
    );
    expect(refused("replay", report)).toBe(
      `error: ${report} is a report, and not a trace; want what the same command writes with --trace-out\n`,
    );
  });

  test("replay --variant of a claim's trace shows whether the model's kernel has the fault", () => {
    const trace = join(folder.path, "trace-of-claim.json");
    gate(FORGETFUL_READER, "--only", "owner-tracking", "--trace-out", trace);
    expect(foliocheck(["replay", trace, "--variant", "v7.1"], folder.path)).toMatchObject({ code: 0, err: "" });
  });

  test("a gate with --judge claims compares nothing with the model", () => {
    const report = parsed(gateCached(WRONG_LEVEL, "--only", "pmd", "--judge", "claims", "--reporter", "json"));
    expect(report.verdict).toBe("violated");
    expect(report.notChecked.map(notCheckedText)).toContain(
      "Whether C code and model do the same: left out by --judge claims",
    );
    expect(new Set(report.findings.map(({ mode }) => mode))).toEqual(new Set(["claims"]));
    expect(report.findings.map(({ property }) => property)).toContain("C6.entire-mapcount");
  });

  test("a gate with a base lists the changed functions and annotates the changed lines", () => {
    const finished = gateCached(WRONG_LEVEL, "--only", "pmd", "--base", OWN_KERNEL, "--reporter", "json");
    expect(finished.code).toBe(1);
    const report = parsed(finished);
    expect(gateGithub(report)).toMatch(
      /^::error file=include\/linux\/rmap\.h,line=219,endLine=219,title=foliocheck%3A CF\.folio_dup_file_rmap_pmd::/,
    );
    expect(report.functions.filter(({ status }) => status === "changed").map(({ name }) => name)).toEqual([
      "folio_dup_file_rmap_pmd",
    ]);
  });

  test("a claim that a read-only function violates is annotated at its changed line, and its trace shows the call", () => {
    const args = ["--only", "owner-tracking", "--base", OWN_KERNEL, "--reporter", "github"];
    const { code, out } = gateCached(FORGETFUL_READER, ...args);
    expect(code).toBe(1);
    expect(out).toMatch(/^::error file=include\/linux\/mm\.h,line=65,endLine=65,title=foliocheck%3A C1::/);
    expect(out).toMatch(/\n {2}queries +C folio_maybe_mapped_shared\(\) = 0 include\/linux\/mm\.h:56\n/);
  });

  test("a gate has a JUnit case for each function and each claim", () => {
    const report = parsed(gateCached(WRONG_LEVEL, "--only", "pmd", "--reporter", "json"));
    const elements = xmlElements(junit(gateResults(report)));
    expect(elements.filter(({ name }) => name === "testcase")).toHaveLength(
      report.functions.length + report.claims.length,
    );
    expect(elements.filter(({ name }) => name === "failure")).toHaveLength(1);
  });

  test("a gate in Markdown is tables without times", () => {
    const { out } = gateCached(OWN_KERNEL, "--only", "owner-tracking", "--reporter", "markdown");
    expect(out).toMatch(
      /\| folio_add_return_large_mapcount \| include\/linux\/rmap\.h:74 \| unchanged \| 1 of 1 \| 4,552 \| /,
    );
    expect(out).not.toMatch(/\d s\b/);
  });

  test("a gate that reaches a limit is incomplete; exit code 3", () => {
    const { code, out } = gateCached(OWN_KERNEL, "--only", "owner-tracking", "--max-states", "20");
    expect(code).toBe(3);
    expect(out).toMatch(/\n… incomplete · /);
  });
});

describe("a patch that changes which counts struct folio has", () => {
  const PATCHED = ["gate", "--tree", OWN_KERNEL, "--cache", testCacheFolder, "--no-progress", "--verbose", "--patch"];

  test("a patch that removes counts is judged in the configurations that the tree has, and lists what is not checked", () => {
    const { code, out, err } = foliocheck([...PATCHED, PATCH, "--only", "owner-tracking"], folder.path);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^foliocheck: tree .*, 2 configurations\n/);
    expect(out).toMatch(
      /folio_add_return_large_mapcount +include\/linux\/rmap\.h:\d+ +changed +2\/2 +9,104 +8\/8 {2}conforms\n/,
    );
    expect(out.replace(/\n +/g, " ")).toContain(
      "- Configurations with page-mapcount, and with them those without mm-id: the tree does not know CONFIG_PAGE_MAPCOUNT",
    );
    expect(out).toContain("Claims about _entire_mapcount (C6.entire-mapcount; C4.fresh as to it)");
  });

  test("a tree without CONFIG_PAGE_MAPCOUNT is refused in a configuration with page-mapcount; exit code 2", () => {
    const { code, out, err } = foliocheck([...PATCHED, PATCH, "--config", "page-mapcount"], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: [^\n]* does not know CONFIG_PAGE_MAPCOUNT: [^\n]*; nothing was checked\n$/);
  });
});

describe("unchecked parts of a change", () => {
  /** Returns a patch of one line of the test kernel, as a mail. */
  const patchOf = (name: string, file: string, from: string, to: readonly string[]): string => {
    const lines = readFileSync(join(OWN_KERNEL, file), "utf8").split("\n");
    const at = lines.indexOf(from) + 1;
    const hunk = [`@@ -${at},1 +${at},${to.length} @@`, `-${from}`, ...to.map((line) => `+${line}`)].join("\n");
    const mail = `From 1 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n---\n\n--- a/${file}\n+++ b/${file}\n${hunk}\n-- \n2.39.5\n\n`;
    writeFileSync(join(folder.path, name), mail);
    return name;
  };
  const unwrapped = (out: string): string => out.replace(/\n +/g, " ");

  test("unchecked changes are listed next to the verdict, which says where they are all", () => {
    const [first = ""] = readFileSync(join(OWN_KERNEL, "mm/rmap.c"), "utf8").split("\n");
    const patch = patchOf("unused.patch", "mm/rmap.c", first, [first, "#define NOBODY_USES_THIS 1"]);
    const finished = gate(OWN_KERNEL, "--only", "owner-tracking", "--patch", patch, "--reporter", "json");
    expect(finished.code).toBe(0);
    const report = parsed(finished);
    const out = gatePretty(report, { color: false, verbose: true });
    expect(unwrapped(out)).toContain(" - mm/rmap.c:2 is changed, and nothing in scope uses NOBODY_USES_THIS ");
    expect(out).toMatch(/\n✓ holds, but no changed line was checked · /);
    expect(gateGithub(report)).toMatch(
      /^::warning file=mm\/rmap\.c,line=2,endLine=2,title=foliocheck%3A not checked::/m,
    );
  });

  test("a function that no run reaches and machines that are left out are listed as not checked, also of a patch from standard input", () => {
    const line = "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PMD);";
    patchOf("pmd.patch", "include/linux/rmap.h", line, [line.replace("NR,", "NR + 0,")]);
    const args = `--cache ${testCacheFolder} --config ${CONFIG} --no-progress --verbose --only owner-tracking`;
    const { code, out } = shell(`foliocheck gate --tree ${OWN_KERNEL} ${args} --patch - < pmd.patch`, folder.path);
    expect(code).toBe(0);
    expect(out).toMatch(/^foliocheck: tree \S+ with -, /);
    expect(unwrapped(out)).toMatch(
      / - folio_dup_file_rmap_pmd\(\) at include\/linux\/rmap\.h:\d+ is changed, and no run reached it /,
    );
    expect(unwrapped(out)).toMatch(/ - Machines other than owner-tracking, by --only: slot-overflow, .*\brmap, pmd, /);
    expect(out).toMatch(/\n✓ holds, but no changed line was checked · /);
  });
});

describe("a change that is checked in part only", () => {
  /** A change of a function in scope and of a function out of scope, in a file that the gate reads. */
  const MIXED = "mixed.patch";
  const CALLER = "mm/memory.c";
  const withCaller = treeWith([added(CALLER, "static int caller(int n)\n{\n\treturn n;\n}")]);

  const writeMixed = (): void => {
    const part = (file: string, from: string, to: string): string => {
      const lines = readFileSync(join(withCaller, file), "utf8").split("\n");
      const at = lines.indexOf(from) + 1;
      return `--- a/${file}\n+++ b/${file}\n@@ -${at},1 +${at},1 @@\n-${from}\n+${to}\n`;
    };
    const inScope = part("include/linux/rmap.h", "\t\tkeeps = left >= 0;", "\t\tkeeps = !(left < 0);");
    writeFileSync(join(folder.path, MIXED), inScope + part(CALLER, "\treturn n;", "\treturn n + 1;"));
  };
  const args = ["--only", "owner-tracking", "--patch", MIXED];
  const place = /mm\/memory\.c:\d+: nothing in scope uses caller\(\)\n/;

  test("an unchecked function is counted in the verdict, and named before the search, also without a terminal", () => {
    writeMixed();
    const quick = ["--cache", testCacheFolder, "--config", CONFIG];
    const { code, out, err } = foliocheck(["gate", "--tree", withCaller, ...quick, ...args], folder.path);
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ holds; 1 of 2 changed functions was not checked: tree /);
    expect(err).toMatch(/^1 of 2 changed functions will not be checked by any run:\n {2}caller\(\) at /);
    expect(err).toMatch(place);
  });

  test("a gate with an unchecked function is incomplete with --require-coverage; exit code 3", () => {
    writeMixed();
    const { code, out, err } = gate(withCaller, ...args, "--require-coverage", "--reporter", "json");
    expect({ code, err }).toEqual({ code: 3, err: "" });
    const report = JSON.parse(out) as GateReport;
    expect(report.verdict).toBe("incomplete");
    expect(report.change?.functions).toEqual([
      expect.objectContaining({ name: "folio_sub_return_large_mapcount", status: "changed", checked: true }),
      expect.objectContaining({ name: "caller", checked: false, reason: "nothing in scope uses caller()" }),
    ]);
    expect(report.reproduce).toMatch(/ --patch mixed\.patch --config \S+ --only owner-tracking --require-coverage$/);
    expect(report.options).toMatchObject({ patch: MIXED, config: [CONFIG], requireCoverage: true });
  });

  test("a gate that checks the whole change holds with --require-coverage", () => {
    const coverage = ["--only", "owner-tracking", "--base", OWN_KERNEL, "--require-coverage"];
    expect(gateCached(FORGETFUL_READER, ...coverage).code).toBe(1);
    expect(gateCached(OWN_KERNEL, ...coverage).code).toBe(0);
  });
});

describe("a finding that the base has, too", () => {
  test("a finding that the base has fails nothing and is not annotated; without a base it does", () => {
    const noOp = editedCopy([
      {
        file: "include/linux/mm.h",
        from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
        to: "\treturn false && folio;",
      },
    ]);
    const args = ["--only", "owner-tracking", "--judge", "claims"];
    const { code, out } = gate(noOp, ...args, "--base", FORGETFUL_READER, "--reporter", "github");
    expect(code).toBe(0);
    expect(out).not.toMatch(/^::(?:error|warning)/m);
    expect(out).toContain("\nCompared with the base, both have: C1");
    expect(gateCached(FORGETFUL_READER, ...args).code).toBe(1);
  });
});

describe("the baseline", () => {
  test("the baseline accepts its findings, with their reasons, and no others", () => {
    const update = ["--update-baseline", "--reason", "nobody calls it"];
    expect(gate(WRONG_LEVEL, "--only", "pmd", ...update)).toMatchObject({ code: 0, err: "" });
    const entries = JSON.parse(readFileSync(join(folder.path, BASELINE), "utf8")) as {
      findings: { reason: string; configs: string[] }[];
    };
    expect(entries.findings.map(({ reason }) => reason)).toEqual(["nobody calls it"]);
    expect(entries.findings[0]?.configs).toEqual([CONFIG]);

    const accepting = gate(WRONG_LEVEL, "--only", "pmd");
    expect(accepting.code).toBe(0);
    expect(accepting.out).toMatch(/\nKnown finding: CF\.folio_dup_file_rmap_pmd\n/);
    expect(accepting.out).toMatch(/accepted +nobody calls it\n/);
    expect(accepting.out).toMatch(/\n✓ holds · 1 known finding accepted · /);

    // The baseline does not accept the finding in another configuration.
    const elsewhere = ["--config", "page-mapcount,64bit,mm-id", "--only", "pmd", "--cache", testCacheFolder];
    expect(foliocheck(["gate", "--tree", WRONG_LEVEL, ...elsewhere, "--no-progress"], folder.path).code).toBe(1);
    // A second update retains the reason, and requires none.
    expect(gate(WRONG_LEVEL, "--only", "pmd", "--update-baseline").code).toBe(0);
    expect(readFileSync(join(folder.path, BASELINE), "utf8")).toContain("nobody calls it");
  });

  test("a partial gate lists no unmatched entries of the baseline", () => {
    const entry = { finding: "CF.folio_mapcount: result too high", configs: [CONFIG], reason: "latent" };
    writeFileSync(join(folder.path, BASELINE), baselineOf(entry));
    const part = parsed(gate(OWN_KERNEL, "--only", "owner-tracking", "--reporter", "json"));
    expect(part.unmatched).toBeUndefined();
    expect(part.notChecked.map(notCheckedText)).toContain(
      "Whether every entry of the baseline still matches a finding: only a complete gate without restrictions determines it",
    );
  });

  test("--update-baseline without a reason for a new finding is refused, and the file is unchanged", () => {
    const { code, out, err } = gate(WRONG_LEVEL, "--only", "pmd", "--update-baseline");
    // The findings are reported, but not accepted.
    expect(code).toBe(1);
    expect(out).toMatch(/\nNew finding: CF\.folio_dup_file_rmap_pmd\n/);
    expect(err).toMatch(
      /^error: CF\.folio_dup_file_rmap_pmd: .* is a new finding: say with --reason why it is accepted\n$/,
    );
    expect(() => readFileSync(join(folder.path, BASELINE), "utf8")).toThrow(/ENOENT/);
  });
});

describe("bad input", () => {
  test.each([
    [["--tree", "nowhere"], /nowhere/],
    [["--tree", OWN_KERNEL, "--config", "17bit"], /unknown configuration "17bit"/],
    [["--tree", OWN_KERNEL, "--profile", "slow"], /unknown profile "slow"; want quick, ci or deep/],
    [["--tree", OWN_KERNEL, "--only", "nothing"], /unknown machine "nothing"/],
    [
      ["--tree", OWN_KERNEL, "--only", "image"],
      /nothing would be explored: there is no mm image of ".*", which has no /,
    ],
    [
      ["--tree", OWN_KERNEL, "--only", "image", "--no-image"],
      /nothing would be explored: profile quick has no run of m/,
    ],
    [["--tree", OWN_KERNEL, "--reason", "because"], /--reason goes with --update-baseline/],
    [["--tree", OWN_KERNEL, "--no-proof", "--solver", "z3"], /--solver and --solver-timeout are about the proof/],
    [["--tree", OWN_KERNEL, "--require-coverage"], /--require-coverage goes with --patch or --base/],
    [["--tree", OWN_KERNEL, "--baseline", "none.json"], /cannot read baseline none\.json/],
    [["--tree", OWN_KERNEL, "--patch", "none.patch"], /none\.patch/],
    [["--tree", OWN_KERNEL, "--cache", "/proc/foliocheck/cache"], /^error: cannot store compiled modules in \/proc\/f/],
    [["--tree", OWN_KERNEL, "--cache", fileURLToPath(import.meta.url)], /^error: cannot store .* is not a folder$/m],
    [[], /--tree/],
  ])("foliocheck gate refuses %j in one line, with exit code 2", (args, message) => {
    const { code, out, err } = foliocheck(["gate", "--cache", testCacheFolder, ...args, "--no-progress"], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    ["every other call", 2, []],
    ["one call in 200", 200, []],
    ["one call in 200, and asked about conformance only", 200, ["--judge", "conformance"]],
  ])("foliocheck gate refuses C code whose static state shows when calls are repeated only (%s)", (_, every, more) => {
    const file = "include/linux/rmap.h";
    const head =
      "static inline int folio_sub_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)\n{\n\tconst mm_id_t id = vma->vm_mm->mm_id;\n\tbool";
    const counter = `static struct { int now[1]; } turns;\n\nstatic inline bool is_turn(int *turn)\n{\n\t*turn = (*turn + 1) % ${every};\n\treturn *turn == 0;\n}\n\n`;
    const moody = editedCopy([
      { file, from: head, to: counter + head },
      { file, from: "\tif (!keeps && (folio", to: "\tif (!keeps && !is_turn(turns.now) && (folio" },
    ]);
    const { code, out, err } = gate(moody, "--only", "owner-tracking", ...more);
    if (code === 1) {
      // If the search reaches the difference first, it is a finding.
      expect(out).toContain("the C code has static state");
      return;
    }
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^error: ".*" has C code with static state, outside of the struct pages, which is not supported: [^;\n]+\n$/,
    );
  });

  test("foliocheck gate refuses a tree whose functions take other arguments, or whose fields have other names", () => {
    const other = editedCopy([
      {
        file: "include/linux/mm_types.h",
        from: "\t\t\tatomic_t _large_mapcount;",
        to: "\t\t\tatomic_t _large_mapcount_of_another_time;",
      },
    ]);
    const { code, out, err } = gate(other, "--only", "owner-tracking");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: .*_large_mapcount/);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    [
      ["--only", "bad-page", "--judge", "claims"],
      "profile quick has no run of machine bad-page that asks about claims in no-page-mapcount,64bit,mm-id",
    ],
    [["--only", "mremap"], "profile quick has no run of machine mremap"],
    [["--config", ""], '"" is no configuration; known are '],
    [
      ["--config", "32bit,mm-id-mapcount-max=7"],
      "mm-id-mapcount-max is for the model: C code has the limit that it has",
    ],
  ])("foliocheck gate refuses options with which nothing would be explored: %j", (more, message) => {
    const { code, out, err } = gate(OWN_KERNEL, ...more);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("foliocheck gate refuses an empty reason", () => {
    const { code, err } = gate(OWN_KERNEL, "--update-baseline", "--reason", " ", "--baseline", "unreasoned.json");
    expect(code).toBe(2);
    expect(err).toContain("Want a text that says why.");
    expect(existsSync(join(folder.path, "unreasoned.json"))).toBe(false);
  });

  test("foliocheck gate refuses a file that is no baseline", () => {
    writeFileSync(join(folder.path, "bad.json"), '{"format":"something"}');
    const { code, err } = gate(OWN_KERNEL, "--baseline", "bad.json");
    expect(code).toBe(2);
    expect(err).toMatch(/^error: bad\.json is not a baseline; want a JSON file that --update-baseline wrote$/m);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("foliocheck gate refuses C code that does not compile", () => {
    const broken = editedCopy([
      { file: "mm/internal.h", from: "folio_set_order(folio, order);", to: "folio_set_order(order);" },
    ]);
    const { code, err } = gate(broken);
    expect(code).toBe(2);
    expect(err).toMatch(/mm\/internal\.h:\d+:\d+: error: /);
  });
});
