import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CompileError, compilerVersion } from "../../../gate/compile/clang.ts";
import { FUEL } from "../../../gate/module/fuel.ts";
import { wasm } from "../../../gate/module/web-assembly.ts";
import { type CompiledUnit, compileUnit } from "../../../gate/preparation/compile-unit.ts";
import { runGate } from "../../../gate/run/explore-units.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { runJob } from "../../../verify/run.ts";
import { type Edit, ownUnit } from "../own-tree.ts";

const CONFIGURATION = configurationOf("page-mapcount,32bit,mm-id");

/** folio_maybe_mapped_shared() returns false for every large folio. */
const FORGETFUL: Edit = {
  file: "include/linux/mm.h",
  from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
  to: "\treturn false;",
};

/** A cache with the modules of the test kernel, and of a faulty copy. */
const folder = mkdtempSync(join(tmpdir(), "foliocheck-cache-"));
let clean: TranslationUnit;
let faulty: TranslationUnit;
/** The entries of each: name and content, by size. A module with a call log is larger. */
let ofClean: readonly Entry[];
let ofFaulty: readonly Entry[];

type Entry = readonly [name: string, content: Buffer];

const entries = (): readonly Entry[] =>
  readdirSync(folder)
    .map((name): Entry => [name, readFileSync(join(folder, name))])
    .sort(([, one], [, other]) => one.length - other.length);

beforeAll(async () => {
  clean = await ownUnit(CONFIGURATION);
  faulty = await ownUnit(CONFIGURATION, [FORGETFUL]);
  await compileUnit(clean, folder);
  ofClean = entries();
  await compileUnit(faulty, folder);
  ofFaulty = entries().filter(([name]) => ofClean.every(([other]) => other !== name));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Writes contents to the files of entries. */
function replace(replaced: readonly Entry[], contents: readonly Buffer[]): void {
  for (const [i, [name]] of replaced.entries()) {
    writeFileSync(join(folder, name), contents[i] as Buffer);
  }
}

async function violated(unit: CompiledUnit): Promise<readonly string[]> {
  const request = { profile: "quick", budget: {}, only: "owner-tracking", judge: "claims" } as const;
  const { findings } = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)));
  return findings.map(({ property }) => property);
}

describe("the cache of modules", () => {
  test("has two entries for a translation unit, and uses them", async () => {
    expect([...ofClean, ...ofFaulty].map(([name]) => name)).toEqual(
      Array(4).fill(expect.stringMatching(/^module-[0-9a-f]{64}$/)),
    );
    const times = (): unknown[] => ofClean.map(([name]) => statSync(join(folder, name)).mtimeMs);
    const before = times();
    expect(await violated(await compileUnit(clean, folder))).toEqual([]);
    expect(times()).toEqual(before);
  });

  test("contains the linker's output: no entry depends on the rewriting of modules", async () => {
    const { fast } = await compileUnit(clean, folder);
    expect(Object.keys(new wasm.Instance(fast.module, {}).exports)).toContain(FUEL);
    expect(ofClean.map(([, content]) => content.includes(FUEL))).toEqual([false, false]);
  });

  test("does not let a violation disappear when the modules of a clean tree are copied over those of a faulty one", async () => {
    replace(
      ofFaulty,
      ofClean.map(([, content]) => content),
    );
    expect(await violated(await compileUnit(faulty, folder))).toEqual(["C1"]);
    expect(entries()).toEqual(expect.arrayContaining([...ofClean, ...ofFaulty]));
  });

  test("replaces truncated entries and those of an older format", async () => {
    const [fast, logging] = ofClean.map(([, content]) => content) as [Buffer, Buffer];
    const linkerOutput = fast.subarray(0, fast.lastIndexOf("\nfoliocheck"));
    replace(ofClean, [linkerOutput, logging.subarray(0, logging.length >> 1)]);
    expect(await violated(await compileUnit(clean, folder))).toEqual([]);
    expect(entries()).toEqual(expect.arrayContaining([...ofClean, ...ofFaulty]));
  });

  test("may be read-only", async () => {
    await expect(compileUnit(clean, join(folder, "file\0name"))).resolves.toBeDefined();
  });
});

test("the compiler that is part of every key is the one that the package asks for, with its version", async () => {
  const { optionalDependencies } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  ) as {
    optionalDependencies: Record<string, string>;
  };
  expect(await compilerVersion()).toBe(`@yowasp/clang ${optionalDependencies["@yowasp/clang"]}`);
});

test("compileUnit() reports a compiler error with its place in the tree", async () => {
  const edits = [
    { file: "mm/rmap.c", from: "add_rmap(folio, page, nr, vma, BY_PTES);", to: "add_rmap(folio, page, nr);" },
  ];
  const unit = await ownUnit(configurationOf("page-mapcount,64bit,mm-id"), edits);
  await expect(compileUnit(unit, undefined)).rejects.toThrow(CompileError);
  await expect(compileUnit(unit, undefined)).rejects.toThrow(/^mm\/rmap\.c:51:\d+: error: too few arguments/);
});
