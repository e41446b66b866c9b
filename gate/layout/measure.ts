/**
 * Measures the layouts of a tree's struct page and struct folio: the places that a compiler for a target assigns to
 * fields.
 */
import { CacheEntry } from "../../files/cache-entry.ts";
import type { SourcePlace } from "../../model/kernel/call-node.ts";
import { layoutFlagsOf } from "../compile/clang.ts";
import { NPM_UNITS, type UnitCompiler } from "../compile/unit-compiler.ts";
import type { CParser } from "../tree/c-parser.ts";
import { changedOptions, optionsOf } from "../tree/kernel-options.ts";
import { KernelSources, type ParsedFiles } from "../tree/kernel-sources.ts";
import { hasPageMapcountOption, type KernelTree } from "../tree/kernel-tree.ts";
import type { LineSet } from "../tree/line-set.ts";
import { fieldNames } from "../tree/struct-fields.ts";
import { TreeError } from "../tree/tree-error.ts";
import { stubsOf, unitOf } from "../unit/unit-parts.ts";
import { type OrderReset, orderReset } from "./order-reset.ts";

/** A target architecture. */
interface Target {
  readonly name: string;
  /** Target triple for clang. */
  readonly triple: string;
  readonly is64Bit: boolean;
  readonly isBigEndian: boolean;
}

export const TARGETS: readonly Target[] = [
  { name: "x86-64", triple: "x86_64-linux-gnu", is64Bit: true, isBigEndian: false },
  { name: "i386", triple: "i386-linux-gnu", is64Bit: false, isBigEndian: false },
  { name: "arm64", triple: "aarch64-linux-gnu", is64Bit: true, isBigEndian: false },
  { name: "ppc64le", triple: "powerpc64le-linux-gnu", is64Bit: true, isBigEndian: false },
  { name: "s390x", triple: "s390x-linux-gnu", is64Bit: true, isBigEndian: true },
];

/** A set of kernel options that change the layout. */
interface LayoutVariant {
  readonly name: string;
  readonly on: readonly string[];
  readonly off: readonly string[];
}

const NO_PAGES_COUNT = ["CONFIG_MEMCG", "CONFIG_SLAB_OBJ_EXT"];

export const LAYOUT_VARIANTS: readonly LayoutVariant[] = [
  { name: "memcg", on: ["CONFIG_MEMCG"], off: ["CONFIG_SLAB_OBJ_EXT"] },
  { name: "slab-obj-ext", on: [], off: [] },
  { name: "no memcg", on: [], off: NO_PAGES_COUNT },
  { name: "memcg, hugetlb", on: ["CONFIG_MEMCG", "CONFIG_HUGETLB_PAGE"], off: ["CONFIG_SLAB_OBJ_EXT"] },
  { name: "memcg, last_cpupid in struct page", on: ["CONFIG_MEMCG", "LAST_CPUPID_NOT_IN_PAGE_FLAGS"], off: [] },
  { name: "memcg, virtual in struct page", on: ["CONFIG_MEMCG", "WANT_PAGE_VIRTUAL"], off: [] },
  { name: "memcg, no-page-mapcount", on: ["CONFIG_MEMCG", "CONFIG_NO_PAGE_MAPCOUNT"], off: ["CONFIG_PAGE_MAPCOUNT"] },
  { name: "memcg, aligned struct page", on: ["CONFIG_MEMCG", "CONFIG_HAVE_ALIGNED_STRUCT_PAGE"], off: [] },
  { name: "memcg, kmsan", on: ["CONFIG_MEMCG", "CONFIG_KMSAN"], off: [] },
];

/** The place of a field, in bytes from the first struct page of the folio. */
export interface Place {
  readonly offset: number;
  readonly bytes: number;
}

/** A measured layout. Offsets and sizes are in bytes. */
export interface Layout {
  readonly target: Target;
  readonly variant: LayoutVariant;
  /** Whether pages of large folios have mapcounts: false for a tree without CONFIG_PAGE_MAPCOUNT. */
  readonly pageMapcount: boolean;
  /** Size of a struct page. */
  readonly pageBytes: number;
  /** Fields of struct page. */
  readonly page: ReadonlyMap<string, Place>;
  /** Fields of struct folio. */
  readonly folio: ReadonlyMap<string, Place>;
  /** Values of those NUMBERS that the tree defines. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Places of NR_RESET_STRUCT_PAGE and folio_reset_order(), if the tree has them. */
  readonly definitions: ReadonlyMap<string, SourcePlace>;
  /** The lines of the tree that the layout depends on. */
  readonly lines: LineSet;
  /** Whether folio_reset_order() clears `_nr_pages`. */
  readonly orderReset: OrderReset;
}

/** Constants of the tree that the checks use. */
const NUMBERS = [
  "FOLIO_MM_IDS_LOCK_BITNUM",
  "FOLIO_MM_IDS_SHARED_BITNUM",
  "MM_ID_BITS",
  "NR_RESET_STRUCT_PAGE",
] as const;

/**
 * Measures the structs of a tree.
 *
 * @param cacheFolder folder of the cache of measured probes; without it, clang measures everything
 * @throws TreeError if the tree has no struct folio
 * @throws CompileError if clang reports an error or is not installed
 */
export async function measureLayout(
  tree: KernelTree,
  target: Target,
  variant: LayoutVariant,
  parser: CParser,
  parsed: ParsedFiles,
  cacheFolder?: string,
  compiler: UnitCompiler = NPM_UNITS,
): Promise<Layout> {
  const configuration = { pageMapcount: true, is64Bit: target.is64Bit, mmId: true };
  const options = changedOptions(optionsOf(configuration), variant.on, variant.off);
  const sources = new KernelSources(tree, options, parsed);
  const fields = { page: fieldsOf(sources, "struct page"), folio: fieldsOf(sources, "struct folio") };
  const numbers = NUMBERS.filter((name) => sources.definition(name) !== undefined);
  const { source, lines } = unitOf(options, sources, stubsOf(parser, options), {
    functions: [],
    names: ["struct page", "struct folio", ...numbers],
  });
  const reset = sources.definition("folio_reset_order");
  if (reset !== undefined) {
    lines.addAll(reset);
  }
  const probes = [
    probe("size", "0", "sizeof(struct page)"),
    ...fields.page.map((field) => probeField("page", field)),
    ...fields.folio.map((field) => probeField("folio", field)),
    ...numbers.map((name) => probe(`number_${name}`, name, "1")),
  ];
  const measured = await measuredProbes(`${source}\n${probes.join("\n")}\n`, target.triple, cacheFolder, compiler);
  const places = (struct: "page" | "folio"): Map<string, Place> =>
    new Map(fields[struct].map((field) => [field, measuredPlace(measured, `${struct}_${field}`)]));
  return {
    target,
    variant,
    lines,
    definitions: new Map(
      ["NR_RESET_STRUCT_PAGE", "folio_reset_order"].flatMap((name) => {
        const definition = sources.definition(name);
        return definition === undefined ? [] : [[name, { file: definition.file, line: definition.line }] as const];
      }),
    ),
    pageMapcount: options.options.has("CONFIG_PAGE_MAPCOUNT") && hasPageMapcountOption(tree),
    pageBytes: measuredPlace(measured, "size").bytes,
    page: places("page"),
    folio: places("folio"),
    numbers: new Map(numbers.map((name) => [name, measuredPlace(measured, `number_${name}`).offset])),
    orderReset: orderReset(reset),
  };
}

function fieldsOf(sources: KernelSources, tag: string): readonly string[] {
  const definition = sources.definition(tag);
  const fields = definition && fieldNames(definition);
  if (fields === undefined) {
    throw new TreeError(`the tree has no ${tag}: no layout was checked`);
  }
  return fields;
}

/** Returns a struct with arrays whose lengths are the requested numbers: clang prints the lengths of arrays. */
function probe(name: string, offset: string, bytes: string): string {
  return `struct gate_probe_${name} { char offset[1 + (${offset})]; char bytes[${bytes}]; } gate_probe_${name};`;
}

function probeField(struct: "page" | "folio", field: string): string {
  const offset = `__builtin_offsetof(struct ${struct}, ${field})`;
  return probe(`${struct}_${field}`, offset, `sizeof(((struct ${struct} *)0)->${field})`);
}

/** Measures the probes of a text, or reads their places from the cache. */
async function measuredProbes(
  text: string,
  triple: string,
  cacheFolder: string | undefined,
  compiler: UnitCompiler,
): Promise<ReadonlyMap<string, Place>> {
  const measure = async (): Promise<ReadonlyMap<string, Place>> => probesIn(await compiler.layouts(text, triple));
  if (cacheFolder === undefined) {
    return measure();
  }
  const entry = new CacheEntry(cacheFolder, "layout", [await compiler.version(), ...layoutFlagsOf(triple), text]);
  const bytes = await entry.readOrMake(async () => new TextEncoder().encode(JSON.stringify([...(await measure())])));
  return new Map(JSON.parse(new TextDecoder().decode(bytes)) as readonly (readonly [string, Place])[]);
}

function probesIn(dump: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const pattern = /\| struct gate_probe_(\w+)\n[^\n]*\| {3}char\[(\d+)\] offset\n[^\n]*\| {3}char\[(\d+)\] bytes/g;
  for (const [, name = "", offset, bytes] of dump.matchAll(pattern)) {
    places.set(name, { offset: Number(offset) - 1, bytes: Number(bytes) });
  }
  return places;
}

function measuredPlace(measured: ReadonlyMap<string, Place>, name: string): Place {
  const place = measured.get(name);
  if (place === undefined) {
    throw new TreeError(`clang does not print the place of ${name}: no layout was checked`);
  }
  return place;
}
