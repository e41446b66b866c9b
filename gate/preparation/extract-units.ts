/** Extracts the translation units of a kernel tree, one for each configuration. */

import { comparedWith } from "../change/against-base.ts";
import { type Patch, type PatchedTree, patched } from "../change/patch.ts";
import { type ConfiguredTree, treeChange } from "../change/tree-change.ts";
import { type CParser, cParser } from "../tree/c-parser.ts";
import type { ChangedCode } from "../tree/changed-code.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { modelledCounts } from "../tree/count-fields.ts";
import { once } from "../tree/declarations.ts";
import { optionsOf } from "../tree/kernel-options.ts";
import { KernelSources, ParsedFiles } from "../tree/kernel-sources.ts";
import {
  COMPARED_FOLDERS,
  differingCFiles,
  hasPageMapcountOption,
  type KernelTree,
  kernelTree,
  withoutComments,
} from "../tree/kernel-tree.ts";
import { FILES, HARNESS_NAMES, MANIFEST, type ManifestEntry } from "../tree/manifest.ts";
import { fileWith, type UndefinedNames } from "../tree/more-files.ts";
import { nothingChecked, TreeError } from "../tree/tree-error.ts";
import { modelKernelOf } from "../unit/model-kernel.ts";
import type { ExtractedFunction, TranslationUnit } from "../unit/translation-unit.ts";
import { treeCalls } from "../unit/tree-calls.ts";
import { stubsOf, type UnitParts, unitOf } from "../unit/unit-parts.ts";

export { TreeError };

/** The input of the extraction. */
export interface ExtractionRequest {
  /** A kernel source tree, or a folder with only the files that the gate reads. */
  readonly tree: string;
  readonly configurations: readonly GateConfiguration[];
  /** Applied in memory to the files that are read. */
  readonly patch?: Patch;
  /** The tree to compare with; if absent and there is a patch, the tree without the patch. */
  readonly base?: string;
}

/** The units of a tree and of its base. */
export interface ExtractedTrees {
  readonly units: readonly TranslationUnit[];
  /** Absent without a base. */
  readonly base?: ExtractedBase;
}

/**
 * The units of the base in the same configurations, undefined if it does not have one; or the reason why it has no
 * units.
 */
export type ExtractedBase = { readonly units: readonly (TranslationUnit | undefined)[] } | { readonly refusal: string };

/**
 * Extracts the functions in scope from a tree. A tree without CONFIG_PAGE_MAPCOUNT has no unit for configurations with
 * it.
 *
 * @throws TreeError if the tree has no MM owner tracking (Linux before 6.15), lacks a function, uses a name that
 * neither the   tree nor a stub defines, has none of the configurations, or the patch does not apply
 */
export async function extractUnits(request: ExtractionRequest): Promise<readonly TranslationUnit[]> {
  return (await extractTrees(request)).units;
}

/**
 * Extracts the units of a tree and of its base.
 *
 * @param onChange called with the difference from the base; before the base is extracted, unless a line was removed
 * @throws TreeError as extractUnits()
 */
export async function extractTrees(
  request: ExtractionRequest,
  onChange: (change: ChangedCode) => void = () => {},
): Promise<ExtractedTrees> {
  const { tree: folder, patch, base: baseFolder } = request;
  const plain = kernelTree(folder);
  const withPatch = patch === undefined ? undefined : patched(plain, patch);
  const tree = withPatch ?? plain;
  const present = presentIn(tree, request);
  const base = baseFolder === undefined ? withPatch && plain : kernelTree(baseFolder);
  const parser = await cParser();
  const parsed = new ParsedFiles(parser);
  try {
    const touched = withPatch?.touched ?? [];
    const configuredTrees = (from: KernelTree): TreeWithParts[] =>
      present.map((configuration) => treeWithParts(from, configuration, parser, parsed, touched));
    const own = configuredTrees(tree);
    if (base === undefined) {
      const extracted = own.map((each) => extractedUnit(tree, each, undefined));
      requireKnownTree(folder, tree, extracted);
      return { units: extracted.map(({ unit }) => unit) };
    }
    const baseTrees = once(() => configuredTrees(base));
    const { isInUnit, ...code } = treeChange({
      tree,
      base,
      files: differingFiles(withPatch, baseFolder === undefined ? [] : differingCFiles(folder, baseFolder)),
      nameInBase: withPatch?.origin ?? ((file) => file),
      configured: own,
      configuredBase: baseTrees,
      notApplied: withPatch?.notApplied ?? [],
      ...(baseFolder === undefined ? {} : { folders: COMPARED_FOLDERS }),
      parser,
    });
    onChange(code);
    const change = { ...code, isInUnit: isInUnit() };
    const extracted = own.map((each, index) => extractedUnit(tree, each, baseTrees()[index]?.parts));
    requireKnownTree(folder, tree, extracted);
    return {
      units: extracted.map(({ unit }) => ({ ...unit, change })),
      base: baseUnits(baseFolder ?? folder, base, baseTrees()),
    };
  } finally {
    parsed.delete();
  }
}

function baseUnits(folder: string, base: KernelTree, trees: readonly TreeWithParts[]): ExtractedBase {
  try {
    const units = trees.map((each) =>
      hasConfiguration(base, each.configuration) ? extractedUnit(base, each, undefined) : undefined,
    );
    const present = units.filter((each) => each !== undefined);
    if (present.length > 0) {
      requireKnownTree(folder, base, present);
    }
    return { units: units.map((each) => each?.unit) };
  } catch (error) {
    if (error instanceof TreeError) {
      return { refusal: error.reason };
    }
    throw error;
  }
}

/**
 * Returns the files that may differ from the base, without the old names of renamed files.
 *
 * @param more files that differ from a base tree (`--base`)
 */
function differingFiles(tree: PatchedTree | undefined, more: readonly string[]): readonly string[] {
  const touched = tree?.touched ?? [];
  const isRenamed = (file: string): boolean =>
    tree?.read(file) === undefined && touched.some((each) => each !== file && tree?.origin(each) === file);
  return [...new Set([...FILES, ...touched, ...more])].filter((file) => !isRenamed(file));
}

/**
 * Returns the requested configurations that the tree has. The units are in the same order.
 *
 * @throws TreeError if it has none of them, or the patch does not apply
 */
export function presentConfigurations(request: ExtractionRequest): readonly GateConfiguration[] {
  const { tree, patch } = request;
  const plain = kernelTree(tree);
  return presentIn(patch === undefined ? plain : patched(plain, patch), request);
}

function presentIn(
  tree: KernelTree,
  { tree: folder, configurations }: ExtractionRequest,
): readonly GateConfiguration[] {
  const present = configurations.filter((each) => hasConfiguration(tree, each));
  if (present.length === 0) {
    throw nothingChecked(`"${folder}" does not know CONFIG_PAGE_MAPCOUNT: it has no configurations with page-mapcount`);
  }
  return present;
}

function hasConfiguration(tree: KernelTree, { pageMapcount }: GateConfiguration): boolean {
  return !pageMapcount || hasPageMapcountOption(tree);
}

/** A tree in one configuration, with the parts of its unit. */
interface TreeWithParts extends ConfiguredTree {
  readonly configuration: GateConfiguration;
  readonly parts: UnitParts;
}

interface ExtractedUnit extends Pick<UnitParts, "missing" | "ambiguous" | "staticState"> {
  readonly unit: TranslationUnit;
}

function treeWithParts(
  tree: KernelTree,
  configuration: GateConfiguration,
  parser: CParser,
  parsed: ParsedFiles,
  touched: readonly string[],
): TreeWithParts {
  const options = optionsOf(configuration);
  const stubs = stubsOf(parser, options);
  const required = { functions: MANIFEST, names: HARNESS_NAMES };
  const more: string[] = [];
  for (;;) {
    const sourcesWith = (file?: string): KernelSources =>
      new KernelSources(tree, options, parsed, file === undefined ? more : [...more, file]);
    const sources = sourcesWith();
    const parts = unitOf(options, sources, stubs, required);
    const file = fileWith(undefinedNames(parts), tree, sources.files, touched, sourcesWith);
    if (file === undefined) {
      return { configuration, sources, parts, options: options.options, stubs };
    }
    more.push(file);
  }
}

/** @param base parts of the base's unit, which the functions are compared with */
function extractedUnit(
  tree: KernelTree,
  { configuration, parts }: TreeWithParts,
  base: UnitParts | undefined,
): ExtractedUnit {
  const { warnings, missing, ambiguous, staticState, harnessFunctions } = parts;
  const traits = traitsOf(tree, parts, configuration);
  const names = [
    ...traits.counts.map((name) => `#define GATE_HAS${name}`),
    // Without page mapcounts of large folios, tail pages may have another field at the place of _mapcount.
    `#define GATE_TAIL_MAPCOUNTS ${traits.hasPageMapcountOption ? 1 : 0}`,
  ];
  const source = [parts.source, ...names, treeCalls(parts.functions), ""].join("\n");
  const functions = extractedFunctions(parts, base, traits);
  const unit = { configuration, source, warnings, functions, harnessFunctions, ...traits };
  return { unit, missing, ambiguous, staticState };
}

/** Returns the names to search for in more files. */
function undefinedNames({ functions, missing, unresolved }: UnitParts): UndefinedNames {
  const present = new Set(functions.flatMap(({ names }) => names));
  const absent = MANIFEST.filter(({ name, required }) => required && !present.has(name)).map(({ name }) => name);
  return { missing: missing.map(({ name }) => name), unresolved: [...unresolved, ...absent] };
}

/** Properties in which trees differ. */
type Traits = Pick<TranslationUnit, "counts" | "hasPageMapcountOption" | "modelKernel">;

function traitsOf(tree: KernelTree, parts: UnitParts, { pageMapcount }: GateConfiguration): Traits {
  const counts = modelledCounts(parts.fieldsOf("struct folio"), pageMapcount);
  return { counts, hasPageMapcountOption: hasPageMapcountOption(tree), modelKernel: modelKernelOf(tree, counts) };
}

/** Whether a tree must have a function: without it, the gate rejects the tree as unknown. */
function isRequired({ required, needs }: ManifestEntry, { counts, hasPageMapcountOption }: Traits): boolean {
  const applies =
    needs === undefined || (needs === "CONFIG_PAGE_MAPCOUNT" ? hasPageMapcountOption : counts.includes(needs));
  return required && applies;
}

/** Returns the functions in scope, and other functions that differ from the base. */
function extractedFunctions(parts: UnitParts, base: UnitParts | undefined, traits: Traits): ExtractedFunction[] {
  const inScope = new Set(MANIFEST.map(({ name }) => name));
  const compared = comparedWith(base, parts);
  const functions = parts.functions.map((declaration) => ({
    name: declaration.names[0] as string,
    file: declaration.file,
    line: declaration.line,
    ...compared(declaration),
  }));
  const present = new Set(functions.map(({ name }) => name));
  const absent = MANIFEST.filter((entry) => isRequired(entry, traits) && !present.has(entry.name));
  return [
    ...functions.filter(({ name, status }) => inScope.has(name) || status !== "unchanged"),
    ...absent.map(({ name, file }): ExtractedFunction => ({ name, file, line: 0, status: "missing", changes: [] })),
  ];
}

const FILES_READ =
  "The gate reads some thirty files (docs/gate-internals.md lists them), files that the --patch touches, and headers that these include";

/** Returns the place of a function whose definition the C parser could not read. */
function unreadable(name: string, tree: KernelTree): string | undefined {
  const definition = new RegExp(`^[^\\n;{}#=]*\\b${name}\\s*\\([^;{}]*\\)\\s*\\{`, "m");
  for (const file of FILES) {
    const match = definition.exec(withoutComments(tree.read(file) ?? ""));
    if (match !== null) {
      const before = (tree.read(file) ?? "").slice(0, match.index);
      return `${file}:${before.split("\n").length}`;
    }
  }
  return undefined;
}

/** @throws TreeError for a tree that is too old or unknown */
function requireKnownTree(folder: string, tree: KernelTree, extracted: readonly ExtractedUnit[]): void {
  const withMmId = extracted.filter(({ unit }) => unit.configuration.mmId);
  const considered = withMmId.length > 0 ? withMmId : extracted;
  const lacking = (name: string): boolean =>
    considered.every(({ unit }) => unit.functions.some((each) => each.name === name && each.status === "missing"));
  if (lacking("folio_add_return_large_mapcount") && lacking("folio_sub_return_large_mapcount")) {
    throw nothingChecked(
      `"${folder}" has no MM owner tracking of large folios: no folio_add_return_large_mapcount() in include/linux/rmap.h. ` +
        "It came with Linux 6.15",
    );
  }
  const absent = MANIFEST.filter(({ required, name }) => required && withMmId.length > 0 && lacking(name));
  if (absent.length > 0) {
    const names = absent
      .map(({ name, file }) => {
        const where = unreadable(name, tree);
        return `${name}() (in 6.18 in ${file}${where === undefined ? "" : `; the C parser does not read it at ${where}`})`;
      })
      .join(", ");
    throw nothingChecked(`"${folder}" is a tree that this gate does not know: it has no ${names}`);
  }
  const missing = new Map(extracted.flatMap((each) => each.missing.map((symbol) => [symbol.name, symbol])));
  if (missing.size > 0) {
    const sentences = [...missing.values()].map(({ name, neededBy, place, declared }) => {
      const where = unreadable(name, tree);
      return `${name}, which ${neededBy} at ${place} uses, is ${
        where !== undefined
          ? `at ${where} in a form that the C parser does not read (an attribute that it does not know?)`
          : declared
            ? "only declared in the files that are read"
            : "not in the files that are read"
      } and has no stub`;
    });
    throw nothingChecked(`"${folder}" needs more than this gate knows: ${sentences.join("; ")}`, FILES_READ);
  }
  const [state] = extracted.flatMap(({ staticState }) => staticState);
  if (state !== undefined) {
    throw nothingChecked(
      `"${folder}" has C code with static state: ${state.function} at ${state.place} defines or writes the variable "${state.variable}", and state outside of the struct pages is not supported`,
    );
  }
  const [several] = extracted.flatMap(({ ambiguous }) => ambiguous);
  if (several !== undefined) {
    const { name, places } = several;
    throw nothingChecked(
      `"${folder}" defines ${name} at ${places.join(" and ")}, and functions in scope use more than one of these, or may: the gate compiles them as one file, where a name has one meaning`,
    );
  }
}
