/** From a kernel tree to units of C, one for each configuration. */
import type { ExtractedFunction, GateConfiguration, KernelUnit } from "../compiled-kernel.ts";
import { comparedWith } from "./against-base.ts";
import { type CParser, cParser } from "./c-parser.ts";
import type { Declaration } from "./declarations.ts";
import { KernelSources, ParsedFiles } from "./kernel-sources.ts";
import { type KernelTree, kernelTree, patched } from "./kernel-tree.ts";
import { DRIVER_NAMES, MANIFEST } from "./manifest.ts";
import { optionsOf } from "./options.ts";
import { TreeError } from "./tree-error.ts";
import { type MissingSymbol, standInsOf, type UnitParts, unitOf } from "./unit.ts";

export { TreeError };

/** What to extract. */
export interface ExtractionRequest {
  /** A kernel source tree, or a folder with just the needed files. */
  readonly tree: string;
  readonly configurations: readonly GateConfiguration[];
  /** A unified diff, applied to what is read of the tree. */
  readonly patch?: string;
  /** The tree to compare with; with a patch, the tree without it unless told otherwise. */
  readonly base?: string;
}

/**
 * Takes the functions in scope out of a tree.
 *
 * @throws TreeError when the tree has no MM owner tracking (Linux before 6.15), lacks a function, uses something that is
 *   neither in the tree nor stood in for, or the patch does not apply
 */
export async function extractUnits(request: ExtractionRequest): Promise<KernelUnit[]> {
  const { tree: folder, patch, base: baseFolder, configurations } = request;
  const plain = kernelTree(folder);
  const tree = patch === undefined ? plain : patched(plain, patch);
  const base = baseFolder === undefined ? (patch === undefined ? undefined : plain) : kernelTree(baseFolder);
  const parser = await cParser();
  const parsed = new ParsedFiles(parser);
  try {
    const extracted = configurations.map((configuration) => extract(tree, base, configuration, parser, parsed));
    requireKnownTree(folder, extracted);
    return extracted.map(({ unit }) => unit);
  } finally {
    parsed.delete();
  }
}

interface Extracted {
  readonly unit: KernelUnit;
  readonly missing: readonly MissingSymbol[];
}

function extract(
  tree: KernelTree,
  base: KernelTree | undefined,
  configuration: GateConfiguration,
  parser: CParser,
  parsed: ParsedFiles,
): Extracted {
  const options = optionsOf(configuration);
  const standIns = standInsOf(parser, options);
  const wanted = { functions: MANIFEST.map(({ name }) => name), names: DRIVER_NAMES };
  const partsOf = (from: KernelTree): UnitParts =>
    unitOf(options, new KernelSources(from, options, parsed), standIns, wanted);
  const parts = partsOf(tree);
  const baseParts = base === undefined ? undefined : partsOf(base);
  const { warnings, missing } = parts;
  const source = `${parts.source}${tailLink(parts.functions)}\n`;
  return { unit: { configuration, source, warnings, functions: extractedFunctions(parts, baseParts) }, missing };
}

/** How the driver makes a struct page the tail of a folio: trees differ in what set_compound_head() is told. */
function tailLink(functions: readonly Declaration[]): string {
  const definition = functions.find(({ names }) => names.includes("set_compound_head"))?.node;
  const declarator = definition?.childForFieldName("declarator")?.childForFieldName("parameters");
  const link =
    declarator === undefined || declarator === null
      ? "((tail)->compound_head = (unsigned long)(head) + 1)"
      : declarator.namedChildCount > 2
        ? "set_compound_head(tail, head, order)"
        : "set_compound_head(tail, head)";
  return `#define GATE_LINK_TAIL(tail, head, order) ${link}`;
}

/** The functions in scope; of others those that differ from the base. */
function extractedFunctions(parts: UnitParts, base: UnitParts | undefined): ExtractedFunction[] {
  const inScope = new Set(MANIFEST.map(({ name }) => name));
  const compared = comparedWith(base, parts);
  const found = parts.functions.map((declaration) => ({
    name: declaration.names[0] as string,
    file: declaration.file,
    line: declaration.line,
    ...compared(declaration),
  }));
  const present = new Set(found.map(({ name }) => name));
  const absent = MANIFEST.filter(({ name, required }) => required && !present.has(name));
  return [
    ...found.filter(({ name, status }) => inScope.has(name) || status !== "unchanged"),
    ...absent.map(({ name, file }): ExtractedFunction => ({ name, file, line: 0, status: "missing", changes: [] })),
  ];
}

/** @throws TreeError for a tree that is too old, or unknown */
function requireKnownTree(folder: string, extracted: readonly Extracted[]): void {
  const withMmId = extracted.filter(({ unit }) => unit.configuration.mmId);
  const considered = withMmId.length > 0 ? withMmId : extracted;
  const lacking = (name: string): boolean =>
    considered.every(({ unit }) => unit.functions.some((each) => each.name === name && each.status === "missing"));
  if (lacking("folio_add_return_large_mapcount") && lacking("folio_sub_return_large_mapcount")) {
    throw new TreeError(
      `"${folder}" has no MM owner tracking of large folios: no folio_add_return_large_mapcount() in include/linux/rmap.h. ` +
        "It came with Linux 6.15; nothing was checked",
    );
  }
  const absent = MANIFEST.filter(({ name, required }) => required && withMmId.length > 0 && lacking(name));
  if (absent.length > 0) {
    const names = absent.map(({ name, file }) => `${name}() (in 6.18 in ${file})`).join(", ");
    throw new TreeError(`"${folder}" is a tree that this gate does not know: it has no ${names}; nothing was checked`);
  }
  const missing = new Map(extracted.flatMap((each) => each.missing.map((symbol) => [symbol.name, symbol])));
  if (missing.size > 0) {
    const sentences = [...missing.values()].map(
      ({ name, neededBy, place, declared }) =>
        `${name}, which ${neededBy} at ${place} uses, is ${declared ? "only declared in the files that are read" : "not in the files that are read"} and not stood in for`,
    );
    throw new TreeError(`"${folder}" needs more than this gate knows: ${sentences.join("; ")}; nothing was checked`);
  }
}
