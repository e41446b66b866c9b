/** Builds the mm image: whole files of a kernel tree, unmodified, and our harness, as one WebAssembly module. */
import { createHash } from "node:crypto";
import { CacheEntry } from "../../../files/cache-entry.ts";
import type { Patch } from "../../change/patch.ts";
import { importedFunctions } from "../../module/functions.ts";
import { sectionsOf } from "../../module/sections.ts";
import type { GateConfiguration } from "../../tree/configuration.ts";
import { modelKernelOfText } from "../../unit/model-kernel.ts";
import { BOUNDS_SOURCE, boundsHeader } from "./bounds-header.ts";
import type { Compilation, CompiledFile, Compiler, LinkedModule, Workspace } from "./compiler.ts";
import { compilerFlags } from "./compiler-flags.ts";
import { addGeneratedHeaders, BOUNDS_HEADER } from "./generated-headers.ts";
import { imageFiles } from "./image-files.ts";
import type { ImageProgress, KernelImage } from "./kernel-image.ts";
import { kernelOptions } from "./kernel-options.ts";
import { DEFAULT_LAYOUT, type ImageLayout, linkFlags } from "./link-flags.ts";
import { ObjectCache } from "./object-cache.ts";
import { SourceLayers } from "./source-layers.ts";

/** Parameters of the build of an image. */
export interface ImageRequest {
  /** A kernel source tree. */
  readonly tree: string;
  /** Applied to the files of the tree as they are read. */
  readonly patch?: Patch;
  readonly configuration: GateConfiguration;
  readonly compiler: Compiler;
  /** Cache folder for objects and modules; without it, everything is compiled. */
  readonly cacheFolder?: string;
  readonly layout?: ImageLayout;
  readonly onProgress?: (progress: ImageProgress) => void;
  /** Cancels the build, which is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** A folder with C sources that replace those of the project. */
  readonly ownSources?: string;
}

/**
 * Builds an image.
 *
 * @throws TreeError when the folder is no kernel tree, or the patch does not apply
 * @throws CompileError when a file does not compile, or uses a variable that no file defines
 */
export async function buildImage(request: ImageRequest): Promise<KernelImage> {
  const { tree, patch, configuration, compiler, signal, ownSources } = request;
  signal?.throwIfAborted();
  const options = kernelOptions(configuration);
  const sources = new SourceLayers(tree, patch, ownSources);
  addGeneratedHeaders(sources, options);
  const files = [
    ...imageFiles((file) => sources.read(file) !== undefined, options),
    ...sources.ownFiles.filter((file) => file.endsWith(".c")),
  ];
  const workspace = await compiler.open(sources);
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([aborted, compileAndLink(request, sources, files, workspace)]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await workspace.close();
  }
}

async function compileAndLink(
  { configuration: { is64Bit }, compiler, cacheFolder, layout = DEFAULT_LAYOUT, onProgress }: ImageRequest,
  sources: SourceLayers,
  files: readonly string[],
  workspace: Workspace,
): Promise<KernelImage> {
  const cache = cacheFolder === undefined ? undefined : new ObjectCache(cacheFolder, compiler.version, sources);
  const flags = compilerFlags(is64Bit);
  const inputs = new Set<string>();
  let progress: ImageProgress = { total: files.length + 1, compiled: 0, cached: 0 };
  onProgress?.(progress);
  const compile = async (compilation: Compilation): Promise<CompiledFile["bytes"]> => {
    const cachedFile = cache?.read(compilation);
    const result = cachedFile ?? (await workspace.compile(compilation));
    if (cachedFile === undefined) {
      cache?.write(compilation, result);
    }
    for (const file of result.inputs) {
      inputs.add(file);
    }
    const { total, compiled, cached } = progress;
    progress =
      cachedFile === undefined ? { total, compiled: compiled + 1, cached } : { total, compiled, cached: cached + 1 };
    onProgress?.(progress);
    return result.bytes;
  };

  const assembly = await compile({ file: BOUNDS_SOURCE, flags, output: "assembly" });
  sources.add(BOUNDS_HEADER, boundsHeader(Buffer.from(assembly).toString("utf8")));
  await workspace.update(BOUNDS_HEADER);
  cache?.invalidate(BOUNDS_HEADER);

  const objects = await inParallel(compiler.slots, largestFirst(files, sources), (file) =>
    compile({ file, flags, output: "object" }),
  );
  const ordered = new Map(files.map((file) => [file, objects.get(file) as Uint8Array]));
  const linked = await link(ordered, linkFlags(layout, is64Bit), compiler, workspace, cacheFolder);
  return {
    bytes: linked.bytes,
    undefinedFunctions: [...importedFunctions(sectionsOf(linked.bytes))].sort(),
    linkerWarnings: linked.warnings,
    files,
    inputs: [...inputs].sort(),
    progress,
    compiler: compiler.version,
    modelKernel: modelKernelOfText(sources).name,
  };
}

/** Orders files by size. The largest take longest: compiled first, none of them occupies a single slot at the end. */
function largestFirst(files: readonly string[], sources: SourceLayers): readonly string[] {
  const size = (file: string): number => sources.read(file)?.length ?? 0;
  return [...files].sort((a, b) => size(b) - size(a));
}

/**
 * Calls `make` for each of the names, in parallel.
 *
 * @throws the error of the first failed name, in the order of the names, so that it does not depend on timing
 */
async function inParallel<T>(
  slots: number,
  names: readonly string[],
  make: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const results = new Map<string, T>();
  const failures = new Map<number, unknown>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < names.length && failures.size === 0) {
      const index = next++;
      const name = names[index] as string;
      try {
        results.set(name, await make(name));
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: slots }, work));
  if (failures.size > 0) {
    throw failures.get(Math.min(...failures.keys()));
  }
  return results;
}

/** Links objects, or returns the cached module of the same objects. */
async function link(
  objects: ReadonlyMap<string, Uint8Array>,
  flags: readonly string[],
  compiler: Compiler,
  workspace: Workspace,
  cacheFolder: string | undefined,
): Promise<LinkedModule> {
  if (cacheFolder === undefined) {
    return workspace.link(objects, flags);
  }
  const hashes = [...objects].map(([file, bytes]) => `${file} ${createHash("sha256").update(bytes).digest("hex")}`);
  const key = [compiler.version, JSON.stringify(flags), ...hashes];
  const module = new CacheEntry(cacheFolder, "image-module", key);
  const warnings = new CacheEntry(cacheFolder, "image-warnings", key);
  const [bytes, text] = [module.read(), warnings.read()];
  if (bytes !== undefined && text !== undefined) {
    return { bytes, warnings: JSON.parse(Buffer.from(text).toString("utf8")) as string[] };
  }
  const linked = await workspace.link(objects, flags);
  try {
    module.write(linked.bytes);
    warnings.write(Buffer.from(JSON.stringify(linked.warnings)));
  } catch {
    // Without a cache entry, the next build links again.
  }
  return linked;
}
