/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang. Images compiled by it
 * and by the npm clang behave in the same way. The first build with the npm clang takes minutes. The repository
 * contains nothing of the tree.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTwoFilesPatch } from "diff";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../../gate/change/patch.ts";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import type { Compiler } from "../../../gate/image/build/compiler.ts";
import { compileImage, EXPLORED_LAYOUT } from "../../../gate/image/module/image-module.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import type { PropertyReport, RunReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { NOT_REPEATABLE } from "../../../verify/trace/trace-report.ts";
import { projectFolder } from "../../build-once.ts";
import "../../built-cli.ts";
import { testCacheFolder } from "../cache-folder.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
const CONFIG = "page-mapcount,32bit,mm-id";

// The npm compiler's threads run built files.
const built = <T>(file: string): Promise<T> =>
  import(pathToFileURL(join(projectFolder, "dist/gate/image/build", file)).href) as Promise<T>;
const { buildImage } = await built<typeof import("../../../gate/image/build/build-image.ts")>("build-image.js");
const { openCompiler } = await built<typeof import("../../../gate/image/build/clang-choice.ts")>("clang-choice.js");

interface Case {
  readonly what: string;
  readonly bounds: Record<string, number>;
  /** A change to a file of the tree. */
  readonly mistake?: { readonly file: string; readonly change: readonly [pattern: RegExp, replacement: string] };
  /** A property that is violated; none for a tree without a mistake. */
  readonly violated?: string;
}

const CASES: readonly Case[] = [
  { what: "splits", bounds: { split: 1, lockstep: 1 } },
  { what: "migration", bounds: { migrate: 1 } },
  {
    what: "MADV_FREE, mremap and batches",
    bounds: { mms: 1, pages: 16, move: 1, unmap: 1, free: 1, hint: 1 },
  },
  { what: "mprotect and MADV_DONTFORK", bounds: { protect: 1, dontfork: 1 } },
  {
    what: "fork, where the entries of the parent stay writable",
    bounds: { lockstep: 1 },
    mistake: {
      file: "mm/memory.c",
      change: [/(__copy_present_ptes\(struct [\s\S]*?)wrprotect_ptes\([^)]*\);/, "$1;"],
    },
    violated: "C11.writable",
  },
  {
    what: "migration, where a mapping has no reference",
    bounds: { migrate: 1, lockstep: 1 },
    mistake: {
      file: "mm/migrate.c",
      change: [/(\bremove_migration_pte\([\s\S]*?)folio_get\(folio\);/, "$1;"],
    },
    violated: "LOCKSTEP",
  },
  {
    what: "a lazyfree batch that goes on over the end of a page table",
    bounds: { mms: 1, free: 1, move: 1 },
    mistake: {
      file: "mm/rmap.c",
      change: [/max_nr = \(end_addr - addr\) >> PAGE_SHIFT;/, "max_nr = folio_nr_pages(folio);"],
    },
    violated: "KERNEL",
  },
];

function patchOf({ file, change: [pattern, replacement] }: NonNullable<Case["mistake"]>): Patch {
  const text = readFileSync(join(TREE, file), "utf8");
  const changed = text.replace(pattern, replacement);
  expect(changed).not.toBe(text);
  return { name: "mistake", text: createTwoFilesPatch(`a/${file}`, `b/${file}`, text, changed) };
}

/** Returns all results of a run except for the executed C functions: the compilers inline differently. */
function behaviour({
  verdict,
  stopped,
  states,
  transitions,
  depth,
  properties,
  actions,
  lockstep,
}: RunReport): unknown {
  return {
    verdict,
    stopped,
    states,
    transitions,
    depth,
    properties: properties.map(withoutFunctions),
    actions,
    lockstep,
  };
}

function withoutFunctions({ trace, ...property }: PropertyReport): unknown {
  return { ...property, trace: trace && { ...trace, steps: trace.steps.map(({ functions: _, ...step }) => step) } };
}

describe.skipIf(TREE === "" || clangOnPath() === undefined)("images of a kernel tree by both compilers", () => {
  let compilers: readonly Compiler[] = [];

  beforeAll(async () => {
    compilers = [await openCompiler({ kind: "auto" }), await openCompiler({ kind: "npm" })];
  });

  afterAll(async () => {
    await Promise.all(compilers.map((compiler) => compiler.close()));
  });

  test("native and npm clang have different versions", () => {
    expect(new Set(compilers.map(({ version }) => version)).size).toBe(2);
  });

  test.each(CASES)(
    "images of native and npm clang behave in the same way: $what",
    async ({ bounds, mistake, violated }) => {
      const patch = mistake === undefined ? {} : { patch: patchOf(mistake) };
      const explored = async (compiler: Compiler): Promise<RunReport> => {
        const configuration = configurationOf(CONFIG);
        const request = { tree: TREE, configuration, compiler, cacheFolder: testCacheFolder, layout: EXPLORED_LAYOUT };
        const image = await compileImage(await buildImage({ ...request, ...patch }));
        return runJob(
          imageJob(image, {
            config: CONFIG,
            bounds: { lockstep: 0, ...bounds },
            budget: { maxStates: 5000 },
            allViolations: true,
          }),
        );
      };
      const [native, npm] = [await explored(compilers[0] as Compiler), await explored(compilers[1] as Compiler)];
      expect(behaviour(npm)).toEqual(behaviour(native));
      expect(native.properties.filter(({ verdict }) => verdict === "violated").map(({ id }) => id)).toEqual(
        violated === undefined ? [] : expect.arrayContaining([violated]),
      );
      expect(native.properties.map(({ trace }) => trace?.warning)).not.toContainEqual(NOT_REPEATABLE);
    },
  );
});
