/**
 * Tests of the build of an image, for any compiler. The npm one starts threads, which run JavaScript: hence the built
 * modules are tested.
 */
import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTwoFilesPatch } from "diff";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../../../gate/change/patch.ts";
import type { ImageRequest } from "../../../../gate/image/build/build-image.ts";
import type { Compiler } from "../../../../gate/image/build/compiler.ts";
import type { ImageProgress, KernelImage } from "../../../../gate/image/build/kernel-image.ts";
import { enableMemory64, withoutTable64 } from "../../../../gate/module/memory64.ts";
import { type WasmMemory, wasm } from "../../../../gate/module/web-assembly.ts";
import { projectFolder } from "../../../build-once.ts";
import "../../../built-cli.ts";
import { newFolder } from "../../tree-copy.ts";
import { ANSWER, COMPILED, smallHarness, smallTree, textOf } from "./small-tree.ts";

const built = <T>(file: string): Promise<T> =>
  import(pathToFileURL(join(projectFolder, "dist/gate/image/build", file)).href) as Promise<T>;

const { buildImage } = await built<typeof import("../../../../gate/image/build/build-image.ts")>("build-image.js");
const { clangChoice, openCompiler } =
  await built<typeof import("../../../../gate/image/build/clang-choice.ts")>("clang-choice.js");

/**
 * Returns a patch that replaces the text of a file of the tree. A missing file is added; one with an empty text is
 * removed.
 */
function patchOf(file: string, to: string): Patch {
  const [old, fresh] = [textOf(file) === "" ? "/dev/null" : `a/${file}`, to === "" ? "/dev/null" : `b/${file}`];
  return { name: "small.patch", text: createTwoFilesPatch(old, fresh, textOf(file), to) };
}

/**
 * Defines the tests.
 *
 * @param choice as for `--clang`
 */
export function describeBuilds(choice: string): void {
  describe(`an image that ${choice === "npm" ? "the npm clang" : "a native clang"} builds`, () => {
    const [tree, ownSources, cacheFolder, temporary] = [smallTree(), smallHarness(), newFolder(), newFolder()];
    const [edited, ownCache] = [smallTree(), newFolder()];
    const usual = process.env["TMPDIR"];
    let compiler: Compiler;
    let first: KernelImage;

    const request = (more: Partial<ImageRequest> = {}): ImageRequest => ({
      tree,
      ownSources,
      compiler,
      cacheFolder,
      configuration: { pageMapcount: true, is64Bit: false, mmId: true },
      ...more,
    });
    const build = (more: Partial<ImageRequest> = {}): Promise<KernelImage> => buildImage(request(more));
    const withPatch = (file: string, from: string | RegExp, to: string): Promise<KernelImage> =>
      build({ patch: patchOf(file, textOf(file).replace(from, to)) });

    beforeAll(async () => {
      process.env["TMPDIR"] = temporary;
      compiler = await openCompiler(clangChoice(choice));
      first = await build();
    });

    afterAll(async () => {
      await compiler.close();
      process.env["TMPDIR"] = usual;
    });

    test("the image contains the tree's code compiled with our headers, and file names relative to the tree", async () => {
      const { answer, place, memory } = await running(first);
      expect(answer()).toBe(ANSWER);
      expect(textAt(memory, place())).toBe("mm/memory.c");
      expect(first.files).toEqual(["mm/rmap.c", "mm/memory.c", "lib/xarray.c", "foliocheck/harness/answer.c"]);
      expect(first.inputs).toEqual(expect.arrayContaining(["fs/mount.h", "mm/internal.h", "foliocheck/asm/generic.h"]));
      expect(first.progress).toEqual({ total: COMPILED, compiled: COMPILED, cached: 0 });
      const bytes = Buffer.from(first.bytes).toString("latin1");
      for (const folder of [realpathSync(tree), tree, ownSources, temporary, projectFolder]) {
        expect(bytes).not.toContain(folder);
      }
    });

    test("functions without a definition are listed, and are imports of the image", async () => {
      expect(first.undefinedFunctions).toEqual(["not_defined"]);
      const { missing } = await running(first);
      expect(missing()).toBe(77);
    });

    test("the cached image equals the first one, and so does an image that is compiled with one slot", async () => {
      const again = await build();
      expect(again.progress).toEqual({ total: COMPILED, compiled: 0, cached: COMPILED });
      expect(again.bytes).toEqual(first.bytes);
      const { cacheFolder: _, ...uncached } = request({ compiler: { ...compiler, slots: 1 } });
      const other = await buildImage(uncached);
      expect(other.progress).toEqual({ total: COMPILED, compiled: COMPILED, cached: 0 });
      expect(other.bytes).toEqual(first.bytes);
    });

    test("a changed file of a patch is compiled again, and the tree is not modified", async () => {
      const patched = await withPatch("mm/memory.c", "+ PAGES", "+ 2 * PAGES");
      expect(patched.progress).toEqual({ total: COMPILED, compiled: 1, cached: COMPILED - 1 });
      expect((await running(patched)).answer()).toBe(ANSWER + 3);
      expect(textAt((await running(patched)).memory, (await running(patched)).place())).toBe("mm/memory.c");
      expect(readFileSync(join(tree, "mm/memory.c"), "utf8")).toBe(textOf("mm/memory.c"));
    });

    test.each([
      ["that one file reads", "mm/internal.h", "100", "101", 1, ANSWER + 1],
      ["that the harness reads, too", "include/linux/mm.h", "3", "4", 2, ANSWER + 1],
      ["above the folder of its reader", "fs/mount.h", "7", "8", 1, ANSWER + 1],
    ] as const)("a header that a patch changes is compiled again: %s", async (_, file, from, to, compiled, answer) => {
      const patched = await withPatch(file, from, to);
      expect(patched.progress).toEqual({ total: COMPILED, compiled, cached: COMPILED - compiled });
      expect((await running(patched)).answer()).toBe(answer);
    });

    test("a header that a patch adds and that is found first is compiled", async () => {
      const patched = await build({ patch: patchOf("include/late.h", "#define LATE 200000\n") });
      expect(patched.progress.compiled).toBe(1);
      expect((await running(patched)).answer()).toBe(ANSWER + 200_000);
    });

    test.each([
      [
        "a file",
        "mm/memory.c",
        "FROM_BOUNDS +",
        "FROM_BOUNDS + ;",
        /^mm\/memory\.c:11:\d+: error: expected expression$/,
      ],
      ["a header", "mm/internal.h", "100", "(100", /^mm\/memory\.c:11:\d+: error: /],
      [
        "a header that is gone",
        "mm/internal.h",
        textOf("mm/internal.h"),
        "",
        /^mm\/memory\.c:5:\d+: fatal error: 'internal\.h' file not/,
      ],
    ] as const)("the build fails with the first error in %s", async (_, file, from, to, message) => {
      await expect(withPatch(file, from, to)).rejects.toThrow(message);
    });

    test("the build fails when a variable has no definition", async () => {
      const file = "mm/rmap.c";
      const patch = patchOf(file, `extern int nowhere;\n${textOf(file).replace("return LATE", "return nowhere")}`);
      await expect(build({ patch })).rejects.toThrow("no file defines the variables nowhere (mm/rmap.c)");
    });

    test("a file with a damaged cache entry is compiled again", async () => {
      const damaged = readdirSync(cacheFolder).filter((name) => /^image-(?:object|module)-/.test(name));
      for (const name of damaged) {
        writeFileSync(join(cacheFolder, name), readFileSync(join(cacheFolder, name)).subarray(0, -100));
      }
      const repaired = await build();
      expect(repaired.progress).toEqual({ total: COMPILED, compiled: COMPILED, cached: 0 });
      expect(repaired.bytes).toEqual(first.bytes);
    });

    test("a file that is modified during its compilation is not cached", async () => {
      const file = join(edited, "mm/memory.c");
      const edit = (): void => writeFileSync(file, textOf("mm/memory.c").replace("+ PAGES", "+ 2 * PAGES"));
      await build({ tree: edited, cacheFolder: ownCache, compiler: { ...compiler, slots: 1 }, onProgress: edit });
      writeFileSync(file, textOf("mm/memory.c"));
      const again = await build({ tree: edited, cacheFolder: ownCache });
      expect((await running(again)).answer()).toBe(ANSWER);
    });

    test("an image of a 64-bit configuration has 64-bit addresses", async () => {
      enableMemory64();
      const wide = await build({ configuration: { pageMapcount: false, is64Bit: true, mmId: true } });
      expect((await running(wide)).answer()).toBe(ANSWER + 10_000);
    });

    test("an aborted build ends and leaves no files behind", async () => {
      const interrupt = new AbortController();
      const { cacheFolder: _, ...uncached } = request({
        signal: interrupt.signal,
        onProgress: () => interrupt.abort(new Error("interrupted here")),
      });
      await expect(buildImage(uncached)).rejects.toThrow("interrupted here");
      expect(readdirSync(tmpdir())).toEqual([]);
    });

    test("the build reports its progress", async () => {
      const steps: ImageProgress[] = [];
      await build({ onProgress: (progress) => steps.push(progress) });
      expect(steps.map(({ cached }) => cached)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(steps.every(({ total }) => total === COMPILED)).toBe(true);
    });
  });
}

interface RunningImage {
  readonly answer: () => number;
  readonly missing: () => number;
  /** Address of the name of the file that defines the function. */
  readonly place: () => number;
  readonly memory: WasmMemory;
}

async function running(image: KernelImage): Promise<RunningImage> {
  const instance = new wasm.Instance(await wasm.compile(withoutTable64(image.bytes)), {
    env: { not_defined: () => 77 },
  });
  return instance.exports as unknown as RunningImage;
}

function textAt({ buffer }: WasmMemory, address: number): string {
  const bytes = Buffer.from(buffer, address);
  return bytes.subarray(0, bytes.indexOf(0)).toString("latin1");
}
